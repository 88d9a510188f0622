/**
 * The app's side of the worker: finds the one that serves the data folder or starts it, attaches,
 * and does so again whenever the connection ends, until it is closed or the worker was shut down
 * on purpose.
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
  #connection: WorkerConnection = { state: 'starting' };
  #link: WorkerLink | null = null;
  #launched: LaunchedWorker | null = null;
  #launchedAtMs = 0;
  #retryMs = retryMsMin;
  #retry: Disposable | null = null;
  #heardAtMs = 0;
  #finished = false;
  #shuttingDown = false;

  readonly onDidChangeConnection = this.#didChangeConnection.event;
  readonly onDidHeartbeat = this.#didHeartbeat.event;
  readonly onDidEndRun = this.#didEndRun.event;

  constructor(options: WorkerClientOptions) {
    this.#options = options;
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

  async shutdown(): Promise<Result<{ runsEnded: number }, WorkerRefusal>> {
    const link = this.#link;
    // From here on the connection's end is what was asked for, not something to be mended.
    this.#shuttingDown = true;
    const ended = await this.#ask({ type: 'shutdown' }, endingMs, shutdownSchema);
    if (!ended.ok) {
      this.#shuttingDown = false;
      if (this.#link === null) this.#lose(ended.error.message);
      return ended;
    }
    await link?.closed;
    this.#finish('The worker was shut down.');
    return ended;
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
    const opened = await openLink({
      folder: workerFolder(this.#options.home),
      clock,
      onNotice: (notice) => this.#take(notice),
      onClose: (reason) => this.#lose(reason),
    });
    if (this.#finished) {
      if (opened.ok) opened.value.close();
      return;
    }
    if (opened.ok) {
      this.#attached(opened.value);
      return;
    }
    const { kind, reason } = opened.error;
    const failure = this.#launched?.failure() ?? null;
    const starting =
      this.#launched !== null && failure === null && clock.monotonicMs() - this.#launchedAtMs < startupMs;
    if (kind === 'refused') this.#become({ state: 'unreachable', sinceMs: clock.nowMs(), reason });
    else if (this.#options.attachOnly)
      this.#become({ state: 'unreachable', sinceMs: clock.nowMs(), reason: 'No worker runs.' });
    else if (!starting) {
      if (failure !== null) this.#become({ state: 'unreachable', sinceMs: clock.nowMs(), reason: failure });
      this.#launch();
    }
    this.#retry = clock.after(this.#retryMs, () => void this.#attach());
    this.#retryMs = starting ? retryMsMin : Math.min(retryMsMax, this.#retryMs * 2);
  }

  #launch(): void {
    const { home, entry, nodePath = process.execPath, idleExitMs, log, clock } = this.#options;
    try {
      this.#launched = launchWorker({ home, entry, nodePath, idleExitMs });
      this.#launchedAtMs = clock.monotonicMs();
      log.info('starting the worker', { pid: this.#launched.pid });
    } catch (error) {
      this.#become({
        state: 'unreachable',
        sinceMs: clock.nowMs(),
        reason: `The worker cannot be started: ${String(error)}`,
      });
    }
  }

  #attached(link: WorkerLink): void {
    const { welcome } = link;
    const before = new Map(this.#reports);
    this.#link = link;
    this.#launched = null;
    this.#retryMs = retryMsMin;
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
    this.#become({ state: 'starting' });
    this.#retryMs = retryMsMin;
    void this.#attach();
  }

  #keep(report: RunReport): void {
    // A start's answer may overtake nothing, but a heartbeat made before an end may arrive late.
    if (this.#reports.get(report.runId)?.state !== 'ended') this.#reports.set(report.runId, report);
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
    this.#retry?.dispose();
    this.#link?.close();
    this.#link = null;
    this.#become({ state: 'unreachable', sinceMs: this.#options.clock.nowMs(), reason });
  }
}

/** Opens the app's side of the worker of a data folder. */
export function openWorkerClient(options: WorkerClientOptions): WorkerClient {
  return new WorkerClient(options);
}
