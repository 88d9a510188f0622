/** A worker for tests: its agents are functions, and it outlives the coordinator as the real one does. */
import { Emitter } from '#shared/base/emitter.ts';
import { type Disposable, toDisposable } from '#shared/base/disposable.ts';
import { fail, ok, type Result } from '#shared/base/result.ts';
import type { RunOutput, RunReport, RunSpec } from '#shared/contract/worker-protocol.ts';
import type { AgentEvent, JournalEntry, RunOutcome } from '#shared/model/agent-event.ts';
import type { RunId } from '#shared/model/ids.ts';
import type { WorkerConnection, WorkerPort, WorkerRefusal } from '../../ports/worker.ts';

/** One run as its script sees it. */
export interface ScriptedRun {
  readonly spec: RunSpec;
  say(event: AgentEvent): void;
  /** Aborted when the run is to stop; the script should end soon. */
  readonly signal: AbortSignal;
}

/** What an agent does; what it answers or throws is how the run ends. */
export type AgentScript = (run: ScriptedRun) => Promise<RunOutcome>;

interface Kept {
  report: RunReport;
  readonly entries: JournalEntry[];
  readonly stop: AbortController;
  readonly followers: Set<(entries: readonly JournalEntry[]) => void>;
}

export class ScriptedWorker implements WorkerPort {
  readonly started: RunSpec[] = [];
  readonly asked: string[] = [];
  wakes = 0;
  /** What each run that is started from now on takes on disk. */
  keptBytes = 0;
  script: AgentScript;
  readonly #runs = new Map<RunId, Kept>();
  readonly #connection = new Emitter<WorkerConnection>();
  readonly #heartbeat = new Emitter<readonly RunReport[]>();
  readonly #ended = new Emitter<RunReport>();
  #state: WorkerConnection = { state: 'connected', pid: 1, sinceMs: 0 };
  readonly onDidChangeConnection = this.#connection.event;
  readonly onDidHeartbeat = this.#heartbeat.event;
  readonly onDidEndRun = this.#ended.event;

  constructor(script: AgentScript) {
    this.script = script;
  }

  connection(): WorkerConnection {
    return this.#state;
  }

  setConnection(state: WorkerConnection): void {
    this.#state = state;
    this.#connection.fire(state);
  }

  reports(): ReadonlyMap<RunId, RunReport> {
    return new Map([...this.#runs].map(([id, kept]) => [id, kept.report]));
  }

  heardAtMs(): number {
    return Date.now();
  }

  start(spec: RunSpec): Promise<Result<RunReport, WorkerRefusal>> {
    const known = this.#runs.get(spec.runId);
    if (known) return Promise.resolve(ok(known.report));
    this.started.push(spec);
    const nowMs = Date.now();
    const kept: Kept = {
      report: {
        runId: spec.runId,
        laneId: spec.laneId,
        token: spec.token,
        state: 'running',
        pid: 1,
        startedAtMs: nowMs,
        lastEventAtMs: nowMs,
        lastSeq: 0,
        outputBytes: 0,
        keptBytes: this.keptBytes,
        cpuPercent: null,
        memoryBytes: null,
        outcome: null,
      },
      entries: [],
      stop: new AbortController(),
      followers: new Set(),
    };
    this.#runs.set(spec.runId, kept);
    void this.#play(kept, spec);
    return Promise.resolve(ok(kept.report));
  }

  control(runId: RunId, action: 'pause' | 'resume' | 'interrupt' | 'stop'): Promise<Result<null, WorkerRefusal>> {
    this.asked.push(`${action} ${runId}`);
    const kept = this.#runs.get(runId);
    if (!kept) return Promise.resolve(fail({ code: 'not-found', message: 'There is no such run.' }));
    if (action === 'stop') kept.stop.abort();
    if (action === 'pause') kept.report = { ...kept.report, state: 'paused' };
    if (action === 'resume') kept.report = { ...kept.report, state: 'running' };
    return Promise.resolve(ok(null));
  }

  message(runId: RunId, text: string): Promise<Result<null, WorkerRefusal>> {
    this.asked.push(`message ${runId} ${text}`);
    return Promise.resolve(ok(null));
  }

  answer(runId: RunId, requestId: string, optionId: string): Promise<Result<null, WorkerRefusal>> {
    this.asked.push(`answer ${runId} ${requestId} ${optionId}`);
    return Promise.resolve(ok(null));
  }

  follow(runId: RunId, afterSeq: number, listener: (entries: readonly JournalEntry[]) => void): Disposable {
    const kept = this.#runs.get(runId);
    if (!kept) return toDisposable(() => undefined);
    kept.followers.add(listener);
    const known = kept.entries.filter((entry) => entry.seq > afterSeq);
    if (known.length > 0) queueMicrotask(() => kept.followers.has(listener) && listener(known));
    return toDisposable(() => kept.followers.delete(listener));
  }

  output(): Promise<Result<RunOutput, WorkerRefusal>> {
    return Promise.resolve(ok({ fromByte: 0, bytes: new Uint8Array(), endByte: 0, ended: true }));
  }

  forget(runIds: readonly RunId[]): Promise<Result<null, WorkerRefusal>> {
    for (const runId of runIds) this.#runs.delete(runId);
    return Promise.resolve(ok(null));
  }

  wake(): void {
    this.wakes += 1;
  }

  shutdown(): Promise<Result<{ runsEnded: number }, WorkerRefusal>> {
    const live = [...this.#runs.values()].filter((kept) => kept.report.state !== 'ended');
    for (const kept of live) kept.stop.abort();
    return Promise.resolve(ok({ runsEnded: live.length }));
  }

  async #play(kept: Kept, spec: RunSpec): Promise<void> {
    const say = (event: AgentEvent): void => {
      const entry = { seq: kept.entries.length + 1, atMs: Date.now(), event };
      kept.entries.push(entry);
      kept.report = { ...kept.report, lastSeq: entry.seq, lastEventAtMs: entry.atMs };
      for (const follower of kept.followers) follower([entry]);
    };
    let outcome: RunOutcome;
    try {
      outcome = await this.script({ spec, say, signal: kept.stop.signal });
    } catch (error) {
      outcome = { kind: 'failed', reason: 'exit-code', detail: String(error), exitCode: 1, signal: null };
    }
    if (kept.stop.signal.aborted) outcome = { kind: 'stopped', detail: 'Stopped.' };
    say({ type: 'end', outcome });
    kept.report = { ...kept.report, state: 'ended', outcome };
    this.#ended.fire(kept.report);
  }
}
