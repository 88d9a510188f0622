/**
 * The worker as a whole: one per data folder. Takes the lock, ends what a dead worker left,
 * listens, and goes away by itself when it has nothing to run and nobody is attached.
 */
import { randomBytes } from 'node:crypto';
import { chmodSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { DisposableStore } from '#shared/base/disposable.ts';
import { fail, ok, type Result } from '#shared/base/result.ts';
import { gantryVersion, workerProtocolVersion } from '#shared/contract/version.ts';
import type { RunId } from '#shared/model/ids.ts';
import { adapterFor } from '../agents/registry.ts';
import { agentEnvironment } from '../agents/agent-environment.ts';
import { lockFolder } from '../platform/folder-lock.ts';
import { openLog } from '../platform/log.ts';
import { makeWorkerFolder, workerFolder } from '../platform/worker-folder.ts';
import type { Clock } from '../ports/clock.ts';
import type { WorkerRefusal } from '../ports/worker.ts';
import { Connection, type WorkerCall } from './connection.ts';
import { replaceFile } from './disk-write.ts';
import { JournalFeed } from './journal-feed.ts';
import { type OutputLimits, outputLimits } from './output-log.ts';
import { recoverRuns } from './recovery.ts';
import { Runs } from './runs.ts';

export interface WorkerOptions {
  readonly home: string;
  readonly clock: Clock;
  readonly outputLimits?: OutputLimits;
  /** Without runs and apps for this long it ends by itself. */
  readonly idleExitMs?: number;
}

export interface Worker {
  /** Resolves when the worker has ended, by `close`, by request or because it was idle. */
  readonly closed: Promise<void>;
  /** Ends all runs and stops serving; answers how many runs there were. */
  close(reason: string): Promise<number>;
}

const idleExitDefaultMs = 60_000;
const heartbeatMs = 1_000;
const watchMs = 250;
/** One who connects has this long to say hello. */
const helloMs = 5_000;
const connectionsMax = 32;

/** Starts the worker of a data folder; the error is a sentence, such as that another one serves it. */
export async function startWorker(options: WorkerOptions): Promise<Result<Worker, string>> {
  const { clock } = options;
  const folder = workerFolder(options.home);
  makeWorkerFolder(folder);
  const lock = lockFolder(folder.path);
  if (!lock.ok) {
    return fail(`Another Gantry worker (process ${lock.error.pid}) serves ${options.home} already.`);
  }

  const lockHeld = lock.value;
  const logFile = openLog({ folder: folder.path, level: 'info' });
  const log = logFile.child({ component: 'worker' });
  const startedAtMs = clock.nowMs();
  const limits = options.outputLimits ?? outputLimits;
  const recovered = await recoverRuns({ runsFolder: folder.runs, clock, log, outputLimits: limits });
  const runs = new Runs(
    { runsFolder: folder.runs, clock, log, outputLimits: limits, baseEnv: agentEnvironment(process.env), adapterFor },
    recovered,
  );
  const secret = randomBytes(32).toString('hex');
  const owned = new DisposableStore();
  const connections = new Set<Connection>();
  let idleSinceMs = clock.monotonicMs();
  let closing: Promise<number> | null = null;
  let resolveClosed = (): void => undefined;
  const closed = new Promise<void>((resolve) => {
    resolveClosed = resolve;
  });

  const server = createServer((socket) => {
    if (connections.size >= connectionsMax) {
      socket.destroy();
      return;
    }
    const connection = new Connection(socket, {
      secret,
      log,
      welcome: () => ({
        type: 'welcome',
        protocolVersion: workerProtocolVersion,
        workerVersion: gantryVersion,
        pid: process.pid,
        startedAtMs,
        runs: runs.reports(),
      }),
      perform,
      openFeed(runId, afterSeq, send) {
        if (!runs.get(runId)) return null;
        const journalPath = runs.journalPath(runId);
        const journalBytes = (): number => runs.get(runId)?.journalBytes ?? 0;
        return new JournalFeed({ runId, journalPath, afterSeq, journalBytes, send, log });
      },
      onAttached: () => {
        hello.dispose();
        log.info('app attached');
      },
      onClosed: () => {
        hello.dispose();
        connections.delete(connection);
      },
    });
    connections.add(connection);
    const hello = clock.after(helloMs, () => {
      if (!connection.attached) connection.drop('nobody said hello');
    });
  });

  async function perform(call: WorkerCall): Promise<Result<unknown, WorkerRefusal>> {
    switch (call.type) {
      case 'start':
        return runs.start(call.spec);
      case 'forget':
        runs.forget(call.runIds);
        return ok(null);
      case 'shutdown':
        return ok({ runsEnded: await close('Gantry was shut down.') });
      case 'output': {
        const run = runs.get(call.runId);
        return run ? ok(run.readOutput(call.fromByte, call.bytesMax)) : unknownRun(call.runId);
      }
      default:
        return instruct(call);
    }
  }

  /** What is asked of a run that must be live. */
  async function instruct(
    call: Extract<WorkerCall, { type: 'control' | 'message' | 'answer' }>,
  ): Promise<Result<null, WorkerRefusal>> {
    if (!runs.get(call.runId)) return unknownRun(call.runId);
    const run = runs.live(call.runId);
    if (!run) {
      // Stopping what has ended by itself meanwhile is what was wanted.
      if (call.type === 'control' && call.action === 'stop') return ok(null);
      return fail({ code: 'wrong-state', message: 'The run has ended.' });
    }
    if (call.type === 'message') return refuseWith(run.message(call.text));
    if (call.type === 'answer') return refuseWith(run.answer(call.requestId, call.optionId, call.forLane));
    if (call.action === 'pause') return refuseWith(await run.pause());
    if (call.action === 'resume') return refuseWith(await run.resume());
    if (call.action === 'interrupt') return refuseWith(run.interrupt());
    await run.stop(call.reason);
    return ok(null);
  }

  function close(reason: string): Promise<number> {
    closing ??= endAll(reason);
    return closing;
  }

  async function endAll(reason: string): Promise<number> {
    log.info('worker ends', { reason, runs: runs.liveCount });
    const ended = await runs.close(reason);
    owned.dispose();
    server.close();
    removeAddress(folder.socket);
    rmSync(folder.identity, { force: true });
    // The one who asked still gets the answer. That its connection ends says that all is done.
    clock.after(0, () => {
      lockHeld.dispose();
      logFile.dispose();
      for (const connection of connections) connection.end();
      resolveClosed();
    });
    return ended;
  }

  function beat(): void {
    const nowMs = clock.monotonicMs();
    const attached = [...connections].some((connection) => connection.attached);
    if (attached || runs.liveCount > 0) idleSinceMs = nowMs;
    else if (nowMs - idleSinceMs >= (options.idleExitMs ?? idleExitDefaultMs)) void close('nothing to do');
    void measureAndTell();
  }

  async function measureAndTell(): Promise<void> {
    try {
      await runs.measure();
    } catch (error) {
      // Without a measurement the heartbeat still says that the worker lives.
      log.error('the process table cannot be read', { error });
    }
    const live = runs.liveReports();
    for (const connection of connections) connection.heartbeat(clock.nowMs(), live);
  }

  owned.add(runs.onDidAppend((runId) => connections.forEach((connection) => connection.wake(runId))));
  owned.add(runs.onDidEnd((report) => connections.forEach((connection) => connection.announceEnd(report))));
  owned.add(clock.every(watchMs, () => runs.watch()));
  owned.add(clock.every(heartbeatMs, beat));

  removeAddress(folder.socket);
  await listen(server, folder.socket);
  replaceFile(folder.identity, JSON.stringify({ pid: process.pid, startedAtMs, socket: folder.socket, secret }));
  log.info('worker serves', { pid: process.pid, recovered: recovered.length });
  return ok({ closed, close });
}

/** Named pipes vanish with their server; socket files must be removed. Only the lock's holder may. */
function removeAddress(socket: string): void {
  if (process.platform !== 'win32') rmSync(socket, { force: true });
}

async function listen(server: Server, socket: string): Promise<void> {
  // Between bind and chmod the socket has the umask's rights; so it is bound with none for others.
  const umask = process.platform === 'win32' ? null : process.umask(0o177);
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(socket, () => {
        server.off('error', reject);
        resolve();
      });
    });
  } finally {
    if (umask !== null) process.umask(umask);
  }
  if (process.platform !== 'win32') chmodSync(socket, 0o600);
}

function unknownRun(runId: RunId): Result<never, WorkerRefusal> {
  return fail({ code: 'not-found', message: `The worker does not know ${runId}.` });
}

function refuseWith(result: Result<null, string>): Result<null, WorkerRefusal> {
  return result.ok ? result : fail({ code: 'wrong-state', message: result.error });
}
