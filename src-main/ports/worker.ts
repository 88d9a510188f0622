/** What the app asks of the worker process that runs agents. */
import type { Disposable } from '#shared/base/disposable.ts';
import type { Event } from '#shared/base/emitter.ts';
import type { Result } from '#shared/base/result.ts';
import type { RunOutput, RunReport, RunSpec } from '#shared/contract/worker-protocol.ts';
import type { JournalEntry } from '#shared/model/agent-event.ts';
import type { RunId } from '#shared/model/ids.ts';

export type WorkerConnection =
  | { readonly state: 'connected'; readonly pid: number; readonly sinceMs: number }
  /** A worker is being found or started, also after a connection was lost. */
  | { readonly state: 'starting'; readonly sinceMs: number }
  | { readonly state: 'unreachable'; readonly sinceMs: number; readonly reason: string };

export interface WorkerRefusal {
  readonly code: 'agent-missing' | 'not-found' | 'wrong-state' | 'worker-unavailable' | 'disk-full' | 'internal';
  readonly message: string;
}

/**
 * Finds, starts and re-attaches to the worker by itself. Requests while it is unreachable
 * answer `worker-unavailable`; they are safe to repeat.
 */
export interface WorkerPort {
  connection(): WorkerConnection;
  readonly onDidChangeConnection: Event<WorkerConnection>;
  /** All runs that the worker knows, as last heard. Complete once connected. */
  reports(): ReadonlyMap<RunId, RunReport>;
  /** When the worker was last heard, wall clock. */
  heardAtMs(): number;
  readonly onDidHeartbeat: Event<readonly RunReport[]>;
  readonly onDidEndRun: Event<RunReport>;
  start(spec: RunSpec): Promise<Result<RunReport, WorkerRefusal>>;
  control(
    runId: RunId,
    action: 'pause' | 'resume' | 'interrupt' | 'stop',
    reason: string,
  ): Promise<Result<null, WorkerRefusal>>;
  message(runId: RunId, text: string): Promise<Result<null, WorkerRefusal>>;
  answer(runId: RunId, requestId: string, optionId: string, forLane: boolean): Promise<Result<null, WorkerRefusal>>;
  /** Entries in order without gaps, also over reconnects, until disposed. */
  follow(runId: RunId, afterSeq: number, listener: (entries: readonly JournalEntry[]) => void): Disposable;
  output(runId: RunId, fromByte: number, bytesMax: number): Promise<Result<RunOutput, WorkerRefusal>>;
  forget(runIds: readonly RunId[]): Promise<Result<null, WorkerRefusal>>;
  /** A person wants something run: starts a worker again that was shut down. Harmless otherwise. */
  wake(): void;
  /** Ends all runs and the worker; it is not started again before `wake` or `start`. */
  shutdown(): Promise<Result<{ runsEnded: number }, WorkerRefusal>>;
}
