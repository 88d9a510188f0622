/**
 * The one interface behind which every kind of agent runs. An adapter starts its program through
 * the host, translates what the program says into typed events, and derives the outcome from
 * terminal event, exit code and signal together. It owns no process: the host, who started it,
 * ends the whole tree when the adapter's run is over, however it ended.
 */
import type { Result } from '#shared/base/result.ts';
import type { RunSpec } from '#shared/contract/worker-protocol.ts';
import type { AgentEvent, RunOutcome } from '#shared/model/agent-event.ts';
import type { Clock } from '../ports/clock.ts';

/** A program to run. Never a shell string made of what an agent said. */
export interface ProgramCall {
  readonly file: string;
  readonly args: readonly string[];
  /** Added to the run's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Written to its standard input, which is then closed; `open` leaves it for `write`. */
  readonly stdin: string | 'open';
  /** Whether its standard output is prose for the run's output file; protocols are kept apart. */
  readonly stdoutIsProse: boolean;
}

export interface ProgramExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Why it could not be started at all, such as ENOENT. */
  readonly startError: string | null;
}

/** A program that the host runs for an adapter, in the lane's worktree and a session of its own. */
export interface AgentProgram {
  /** Calls back with each whole line, without its end; very long ones are cut. */
  onLine(stream: 'stdout' | 'stderr', listener: (line: string) => void): void;
  /** Writes to its standard input; what a dead program can no longer read is dropped. */
  write(text: string): void;
  /** SIGINT to it and all that it runs. */
  interrupt(): void;
  /** Resolves after its last line. */
  readonly exited: Promise<ProgramExit>;
}

/** What an adapter is given for one run. */
export interface AgentHost {
  readonly spec: RunSpec;
  readonly clock: Clock;
  /** The prompt as a file, outside the worktree. */
  readonly promptFile: string;
  start(call: ProgramCall): AgentProgram;
  /** Puts the event into the journal. */
  emit(event: AgentEvent): void;
  /** Kinds of action that the person has allowed for the whole lane; lives as long as the lane. */
  readonly allowedForLane: Set<string>;
}

/** An agent at work. */
export interface AgentRun {
  /** Settles once, never rejects: the outcome as far as the agent itself determines it. */
  readonly ended: Promise<RunOutcome>;
  /** What the person wrote: a further turn. The error is a sentence. */
  prompt(text: string): Result<null, string>;
  /** Answers a permission request; the error is a sentence. */
  answer(requestId: string, optionId: string, forLane: boolean): Result<null, string>;
  /** Breaks off what it is doing; it then waits for the person or ends. The error is a sentence. */
  interrupt(): Result<null, string>;
}

/** One kind of agent. */
export interface AgentAdapter {
  /** Null when the program is there; else what is missing and how to get it. */
  missing(spec: RunSpec): string | null;
  run(host: AgentHost): AgentRun;
}
