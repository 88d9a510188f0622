/** All runs that the worker knows: live ones, and ended ones until they are forgotten. */
import { existsSync } from 'node:fs';
import { Emitter } from '#shared/base/emitter.ts';
import { fail, ok, type Result } from '#shared/base/result.ts';
import type { RunOutput, RunReport, RunSpec } from '#shared/contract/worker-protocol.ts';
import type { AgentRef } from '#shared/model/agent.ts';
import type { LaneId, RunId } from '#shared/model/ids.ts';
import type { AgentAdapter } from '../agents/adapter.ts';
import { readProcessTable } from '../platform/process-table.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { WorkerRefusal } from '../ports/worker.ts';
import { DiskFullError } from './disk-write.ts';
import type { EndedRun } from './ended-run.ts';
import type { OutputLimits } from './output-log.ts';
import { Run } from './run.ts';
import { RunFolder } from './run-folder.ts';

/** What can be asked of any run, live or ended. */
export interface KnownRun {
  readonly ended: boolean;
  /** Bytes of its journal that may be read. */
  readonly journalBytes: number;
  report(): RunReport;
  readOutput(fromByte: number, bytesMax: number): RunOutput;
}

export interface RunsOptions {
  readonly runsFolder: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly outputLimits: OutputLimits;
  readonly baseEnv: Readonly<Record<string, string>>;
  readonly adapterFor: (ref: AgentRef) => AgentAdapter;
}

/** Beyond this the oldest ended runs are forgotten; whoever still needs them has had days. */
const endedRunsMax = 5_000;

export class Runs {
  readonly #options: RunsOptions;
  readonly #known = new Map<RunId, KnownRun>();
  readonly #live = new Map<RunId, Run>();
  readonly #starting = new Map<RunId, Promise<Result<RunReport, WorkerRefusal>>>();
  readonly #allowed = new Map<LaneId, Set<string>>();
  readonly #didAppend = new Emitter<RunId>();
  readonly #didEnd = new Emitter<RunReport>();
  #closing = false;

  readonly onDidAppend = this.#didAppend.event;
  readonly onDidEnd = this.#didEnd.event;

  /** Starts with the ended runs that recovery found. */
  constructor(options: RunsOptions, ended: readonly EndedRun[]) {
    this.#options = options;
    for (const run of ended) this.#known.set(run.report().runId, run);
  }

  get liveCount(): number {
    return this.#live.size + this.#starting.size;
  }

  reports(): RunReport[] {
    return [...this.#known.values()].map((run) => run.report());
  }

  liveReports(): RunReport[] {
    return [...this.#live.values()].map((run) => run.report());
  }

  get(runId: RunId): KnownRun | undefined {
    return this.#known.get(runId);
  }

  live(runId: RunId): Run | undefined {
    return this.#live.get(runId);
  }

  journalPath(runId: RunId): string {
    return new RunFolder(this.#options.runsFolder, runId).journal;
  }

  /** Starts a run; asked again for the same one, answers as the first time. */
  start(spec: RunSpec): Promise<Result<RunReport, WorkerRefusal>> {
    const known = this.#known.get(spec.runId);
    if (known) return Promise.resolve(ok(known.report()));
    const started = this.#starting.get(spec.runId) ?? this.#startNew(spec);
    this.#starting.set(spec.runId, started);
    return started.finally(() => this.#starting.delete(spec.runId));
  }

  /** Watchdogs of all live runs; and what could not be written on a full disk. */
  watch(): void {
    for (const run of this.#known.values()) if (run instanceof Run) run.watch();
  }

  /** Samples CPU and memory of all live runs in one reading of the process table. */
  async measure(): Promise<void> {
    if (this.#live.size === 0) return;
    const table = await readProcessTable();
    for (const run of this.#live.values()) run.measure(table);
  }

  /** Ends all live runs and takes no more; answers how many there were. */
  async close(reason: string): Promise<number> {
    this.#closing = true;
    await Promise.allSettled(this.#starting.values());
    const live = [...this.#live.values()];
    await Promise.all(live.map((run) => run.stop(reason)));
    return live.length;
  }

  /** Removes what is kept of ended runs; live and unknown ones are left alone. */
  forget(runIds: readonly RunId[]): void {
    for (const runId of runIds) {
      const run = this.#known.get(runId);
      if (run?.ended !== true) continue;
      if (run instanceof Run) run.close();
      this.#known.delete(runId);
      new RunFolder(this.#options.runsFolder, runId).remove();
    }
    const lanes = new Set([...this.#known.values()].map((run) => run.report().laneId));
    for (const laneId of this.#allowed.keys()) if (!lanes.has(laneId)) this.#allowed.delete(laneId);
  }

  async #startNew(spec: RunSpec): Promise<Result<RunReport, WorkerRefusal>> {
    if (this.#closing) return refuse('worker-unavailable', 'The worker is shutting down.');
    const earlier = [...this.#known.values()].filter((run) => run.report().laneId === spec.laneId);
    const newest = Math.max(0, ...earlier.map((run) => run.report().token));
    if (spec.token < newest) return refuse('wrong-state', 'This claim has been superseded by a newer one.');
    if (!existsSync(spec.cwd)) return refuse('not-found', `The worktree ${spec.cwd} is not there.`);
    const adapter = this.#options.adapterFor(spec.agent);
    const missing = adapter.missing(spec);
    if (missing !== null) return refuse('agent-missing', missing);
    for (const run of earlier) {
      if (!(run instanceof Run) || run.ended) continue;
      if (run.spec.token === spec.token) return refuse('wrong-state', 'This lane has a run already.');
      await run.stop('Its claim was superseded by a newer one.');
    }
    this.#forgetOldest();
    return this.#launch(spec, adapter);
  }

  #launch(spec: RunSpec, adapter: AgentAdapter): Result<RunReport, WorkerRefusal> {
    const { clock, log, outputLimits, baseEnv, runsFolder } = this.#options;
    const allowedForLane = this.#allowed.get(spec.laneId) ?? new Set<string>();
    this.#allowed.set(spec.laneId, allowedForLane);
    try {
      const run = new Run(spec, {
        folder: new RunFolder(runsFolder, spec.runId),
        adapter,
        clock,
        log,
        outputLimits,
        baseEnv,
        allowedForLane,
        onAppend: () => this.#didAppend.fire(spec.runId),
        onEnded: (report) => {
          this.#live.delete(spec.runId);
          log.info('run ended', { runId: spec.runId, laneId: spec.laneId, outcome: report.outcome?.kind });
          this.#didEnd.fire(report);
        },
      });
      this.#known.set(spec.runId, run);
      this.#live.set(spec.runId, run);
      run.start();
      log.info('run started', { runId: spec.runId, laneId: spec.laneId, pid: run.report().pid });
      return ok(run.report());
    } catch (error) {
      if (!(error instanceof DiskFullError)) throw error;
      return refuse('disk-full', `${error.message}. Nothing was started.`);
    }
  }

  #forgetOldest(): void {
    const ended = [...this.#known].filter(([, run]) => run.ended).map(([runId]) => runId);
    if (ended.length > endedRunsMax) this.forget(ended.slice(0, ended.length - endedRunsMax));
  }
}

function refuse(code: WorkerRefusal['code'], message: string): Result<never, WorkerRefusal> {
  return fail({ code, message });
}
