/**
 * The app's side of the worker: finds the one that serves the data folder or starts it, attaches,
 * and does so again whenever the connection ends, until it is closed. After a shutdown on purpose
 * it rests until somebody wants a worker again (`wake`, `start`).
 */
import { z } from 'zod';
import type { Disposable } from '#shared/base/disposable.ts';
import { Emitter } from '#shared/base/emitter.ts';
import { ok, type Result } from '#shared/base/result.ts';
import { type RunOutput, type RunReport, type RunSpec, runReportSchema } from '#shared/contract/worker-protocol.ts';
import type { JournalEntry } from '#shared/model/agent-event.ts';
import type { RunId } from '#shared/model/ids.ts';
import { workerFolder } from '../platform/worker-folder.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { WorkerConnection, WorkerPort, WorkerRefusal } from '../ports/worker.ts';
import { Followers } from './followers.ts';
import { lastWords, type LaunchedWorker, launchWorker } from './launch-worker.ts';
import { OtherProcess } from './process-end.ts';
import { stillRuns, workerExitMs } from './shutdown-worker.ts';
import { openLink, unavailable, type WorkerCall, type WorkerLink, type WorkerNotice } from './worker-link.ts';

export interface WorkerClientOptions {
  readonly home: string;
  readonly clock: Clock;
  readonly log: Log;
  /** The worker program: `entries.worker` of the app. */
  readonly entry: string;
  /** The Node that runs it; default: the one that runs this. */
  readonly nodePath?: string;
  readonly idleExitMs?: number;
  /** Attaches to a worker that runs, but starts none. */
  readonly attachOnly?: boolean;
}

const retryMsMin = 50;
const retryMsMax = 5_000;
/** A worker that was just started may take this long to serve before it counts as unreachable. */
const startupMs = 15_000;
/** One that fails at once is started again after a wait that doubles. */
const relaunchMsMin = 250;
const relaunchMsMax = 15_000;
const requestMs = 30_000;
/** Ending a stubborn tree takes a while. */
const endingMs = 60_000;

const outputSchema = z.object({
  fromByte: z.number(),
  bytes: z.instanceof(Uint8Array),
  endByte: z.number(),
  ended: z.boolean(),
});
const shutdownSchema = z.object({ runsEnded: z.number() });

export class WorkerClient implements WorkerPort {
  readonly #options: WorkerClientOptions;
  readonly #didChangeConnection = new Emitter<WorkerConnection>();
  readonly #didHeartbeat = new Emitter<readonly RunReport[]>();
  readonly #didEndRun = new Emitter<RunReport>();
  readonly #followers: Followers;
  readonly #reports = new Map<RunId, RunReport>();
  #connection: WorkerConnection;
  #link: WorkerLink | null = null;
  #launched: LaunchedWorker | null = null;
  #launchedAtMs = 0;
  #relaunchMs = relaunchMsMin;
  #retryMs = retryMsMin;
  #retry: Disposable | null = null;
  #heardAtMs = 0;
  #finished = false;
  #shuttingDown = false;
  /** The worker was shut down on purpose; none is started until somebody wants one. */
  #resting = false;
  /** Somebody wanted one while it was still ending. */
  #wanted = false;
  #ending: Promise<Result<{ runsEnded: number }, WorkerRefusal>> | null = null;

  readonly onDidChangeConnection = this.#didChangeConnection.event;
  readonly onDidHeartbeat = this.#didHeartbeat.event;
  readonly onDidEndRun = this.#didEndRun.event;

  constructor(options: WorkerClientOptions) {
    this.#options = options;
    this.#connection = { state: 'starting', sinceMs: options.clock.nowMs() };
    this.#followers = new Followers(
      (runId, afterSeq) => this.#send({ type: 'follow', runId, afterSeq }),
      (runId) => this.#send({ type: 'unfollow', runId }),
    );
    void this.#attach();
  }

  connection(): WorkerConnection {
    return this.#connection;
  }

  reports(): ReadonlyMap<RunId, RunReport> {
    return this.#reports;
  }

  heardAtMs(): number {
    return this.#heardAtMs;
  }

  async start(spec: RunSpec): Promise<Result<RunReport, WorkerRefusal>> {
    if (this.#resting) {
      this.wake();
      await this.#startedUp();
    }
    const started = await this.#ask({ type: 'start', spec }, endingMs, runReportSchema);
    if (!started.ok) return started;
    this.#keep(started.value);
    this.#followers.ask(spec.runId);
    return started;
  }

  control(
    runId: RunId,
    action: 'pause' | 'resume' | 'interrupt' | 'stop',
    reason: string,
  ): Promise<Result<null, WorkerRefusal>> {
    return this.#ask({ type: 'control', runId, action, reason }, endingMs, z.null());
  }

  message(runId: RunId, text: string): Promise<Result<null, WorkerRefusal>> {
    return this.#ask({ type: 'message', runId, text }, requestMs, z.null());
  }

  answer(runId: RunId, requestId: string, optionId: string, forLane: boolean): Promise<Result<null, WorkerRefusal>> {
    return this.#ask({ type: 'answer', runId, requestId, optionId, forLane }, requestMs, z.null());
  }

  follow(runId: RunId, afterSeq: number, listener: (entries: readonly JournalEntry[]) => void): Disposable {
    return this.#followers.add(runId, afterSeq, listener);
  }

  output(runId: RunId, fromByte: number, bytesMax: number): Promise<Result<RunOutput, WorkerRefusal>> {
    return this.#ask({ type: 'output', runId, fromByte, bytesMax }, requestMs, outputSchema);
  }

  async forget(runIds: readonly RunId[]): Promise<Result<null, WorkerRefusal>> {
    const forgotten = await this.#ask({ type: 'forget', runIds: [...runIds] }, requestMs, z.null());
    if (!forgotten.ok) return forgotten;
    for (const runId of runIds) if (this.#reports.get(runId)?.state === 'ended') this.#reports.delete(runId);
    return forgotten;
  }

  wake(): void {
    if (this.#finished) return;
    this.#wanted = this.#shuttingDown;
    if (!this.#resting) return;
    this.#resting = false;
    this.#become({ state: 'starting', sinceMs: this.#options.clock.nowMs() });
    void this.#attach();
  }

  shutdown(): Promise<Result<{ runsEnded: number }, WorkerRefusal>> {
    this.#ending ??= this.#shutDown().finally(() => {
      this.#ending = null;
    });
    return this.#ending;
  }

  async #shutDown(): Promise<Result<{ runsEnded: number }, WorkerRefusal>> {
    const link = this.#link;
    this.#wanted = false;
    if (this.#resting) return ok({ runsEnded: 0 });
    if (link === null) return unavailable('The worker is not connected, so it cannot be shut down. Try again.');
    const worker = new OtherProcess(link.welcome.pid, this.#options.clock);
    const runs = [...this.#reports.values()].filter((report) => report.state !== 'ended').length;
    // From here on the connection's end is what was asked for, not something to be mended.
    this.#shuttingDown = true;
    const ended = await this.#ask({ type: 'shutdown' }, endingMs, shutdownSchema);
    // A worker that still answers has refused. From one that is gone the answer may have been lost.
    const isGone = (ended.ok || this.#link === null) && (await worker.goneWithin(workerExitMs));
    this.#shuttingDown = false;
    if (!ended.ok && !isGone) {
      if (this.#link === null) this.#lookAgain();
      return ended;
    }
    this.#rest();
    if (!isGone) return unavailable(stillRuns(worker.pid));
    return ended.ok ? ended : ok({ runsEnded: runs });
  }

  /** Detaches; the worker and its runs go on. */
  close(): void {
    this.#finish('The app detached.');
  }

  async #ask<Schema extends z.ZodType>(
    call: WorkerCall,
    timeoutMs: number,
    schema: Schema,
  ): Promise<Result<z.output<Schema>, WorkerRefusal>> {
    if (this.#link === null) return unavailable('The worker is not connected.');
    const reply = await this.#link.request(call, timeoutMs);
    if (!reply.ok) return reply;
    const parsed = schema.safeParse(reply.value);
    if (parsed.success) return ok(parsed.data);
    return {
      ok: false,
      error: { code: 'internal', message: `The worker's answer to ${call.type} is not understood.` },
    };
  }

  /** For requests whose answer changes nothing: the streams of journals. */
  #send(call: WorkerCall): void {
    void this.#link?.request(call, requestMs);
  }

  /** Finds a worker and attaches; starts one where there is none; tries again until it is there. */
  async #attach(): Promise<void> {
    const { clock } = this.#options;
    let link: WorkerLink | null = null;
    // A link may end before this function goes on with it, or long after another took its place.
    let isLost = false;
    const opened = await openLink({
      folder: workerFolder(this.#options.home),
      clock,
      onNotice: (notice) => this.#take(notice),
      onClose: (reason) => {
        isLost = true;
        if (link !== null && link === this.#link) this.#lose(reason);
      },
    });
    if (this.#finished) {
      if (opened.ok) opened.value.close();
      return;
    }
    if (opened.ok && !isLost) {
      link = opened.value;
      this.#attached(link);
      return;
    }
    const { kind, reason } = opened.ok ? ({ kind: 'absent', reason: '' } as const) : opened.error;
    const isStarting = this.#isStarting();
    if (kind === 'refused') this.#becomeUnreachable(reason);
    else if (this.#options.attachOnly) this.#becomeUnreachable('No worker runs.');
    else if (!isStarting) this.#launchAgain();
    this.#retry = clock.after(this.#retryMs, () => void this.#attach());
    this.#retryMs = isStarting ? retryMsMin : Math.min(retryMsMax, this.#retryMs * 2);
  }

  /** Whether a worker was started that may yet serve. */
  #isStarting(): boolean {
    if (this.#launched === null || this.#launched.failure() !== null) return false;
    return this.#options.clock.monotonicMs() - this.#launchedAtMs < startupMs;
  }

  /** Starts a worker, at once the first time; says why the last one does not serve and lets time pass before the next. */
  #launchAgain(): void {
    if (this.#launched !== null) {
      this.#becomeUnreachable(
        this.#launched.failure() ?? `The worker (process ${this.#launched.pid}) was started but does not answer.`,
      );
      if (this.#options.clock.monotonicMs() - this.#launchedAtMs < this.#relaunchMs) return;
      this.#relaunchMs = Math.min(relaunchMsMax, this.#relaunchMs * 2);
    }
    this.#launch();
  }

  #launch(): void {
    const { home, entry, nodePath = process.execPath, idleExitMs, log, clock } = this.#options;
    try {
      this.#launched = launchWorker({ home, entry, nodePath, idleExitMs });
      this.#launchedAtMs = clock.monotonicMs();
      log.info('starting the worker', { pid: this.#launched.pid });
    } catch (error) {
      this.#becomeUnreachable(`The worker cannot be started: ${String(error)}`);
    }
  }

  #attached(link: WorkerLink): void {
    const { welcome } = link;
    const before = new Map(this.#reports);
    this.#link = link;
    this.#launched = null;
    this.#retryMs = retryMsMin;
    this.#relaunchMs = relaunchMsMin;
    this.#heardAtMs = this.#options.clock.nowMs();
    this.#reports.clear();
    for (const report of welcome.runs) this.#reports.set(report.runId, report);
    this.#options.log.info('attached to the worker', { pid: welcome.pid, runs: welcome.runs.length });
    this.#become({ state: 'connected', pid: welcome.pid, sinceMs: welcome.startedAtMs });
    this.#followers.askAll();
    // What ended while nobody listened is told now.
    for (const report of welcome.runs) {
      const known = before.get(report.runId);
      if (report.state === 'ended' && known !== undefined && known.state !== 'ended') this.#didEndRun.fire(report);
    }
  }

  #take(notice: WorkerNotice): void {
    this.#heardAtMs = this.#options.clock.nowMs();
    if (notice.type === 'entries') this.#followers.deliver(notice.runId, notice.entries);
    else if (notice.type === 'ended') {
      this.#keep(notice.report);
      this.#didEndRun.fire(notice.report);
    } else {
      for (const report of notice.runs) this.#keep(report);
      this.#didHeartbeat.fire(notice.runs);
    }
  }

  #lose(reason: string): void {
    this.#link = null;
    if (this.#finished || this.#shuttingDown) return;
    const printed = lastWords(workerFolder(this.#options.home).stderr);
    this.#options.log.warn('the connection to the worker ended', { reason, ...(printed === '' ? {} : { printed }) });
    this.#lookAgain();
  }

  #lookAgain(): void {
    this.#become({ state: 'starting', sinceMs: this.#options.clock.nowMs() });
    this.#retryMs = retryMsMin;
    void this.#attach();
  }

  /** Resolves when it is known whether the worker that is being started serves. */
  async #startedUp(): Promise<void> {
    await new Promise<void>((resolve) => {
      const finish = (): void => {
        change.dispose();
        timer.dispose();
        resolve();
      };
      const change = this.onDidChangeConnection((connection) => connection.state !== 'starting' && finish());
      const timer = this.#options.clock.after(startupMs, finish);
    });
  }

  #rest(): void {
    if (this.#finished) return;
    this.#resting = true;
    this.#detach();
    this.#becomeUnreachable('The worker was shut down. Spawn an agent to start it again.');
    if (this.#wanted) this.wake();
  }

  #keep(report: RunReport): void {
    // A start's answer may overtake nothing, but a heartbeat made before an end may arrive late.
    if (this.#reports.get(report.runId)?.state !== 'ended') this.#reports.set(report.runId, report);
  }

  #becomeUnreachable(reason: string): void {
    this.#become({ state: 'unreachable', sinceMs: this.#options.clock.nowMs(), reason });
  }

  #become(connection: WorkerConnection): void {
    const before = this.#connection;
    // "Unreachable since" keeps its beginning while the reason stays.
    if (before.state === 'unreachable' && connection.state === 'unreachable' && before.reason === connection.reason)
      return;
    this.#connection = connection;
    this.#didChangeConnection.fire(connection);
  }

  #finish(reason: string): void {
    if (this.#finished) return;
    this.#finished = true;
    this.#detach();
    this.#becomeUnreachable(reason);
  }

  #detach(): void {
    const link = this.#link;
    this.#link = null;
    this.#retry?.dispose();
    this.#retryMs = retryMsMin;
    link?.close();
  }
}

/** Opens the app's side of the worker of a data folder. */
export function openWorkerClient(options: WorkerClientOptions): WorkerClient {
  return new WorkerClient(options);
}
