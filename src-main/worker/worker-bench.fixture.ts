/** A real worker process with a client, in a folder of its own, for tests. */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type RunReport, type RunSpec, runSpecSchema } from '#shared/contract/worker-protocol.ts';
import type { AgentEvent, JournalEntry } from '#shared/model/agent-event.ts';
import type { RunId } from '#shared/model/ids.ts';
import { systemClock } from '../platform/clock.ts';
import { findByEnvironment, readProcessTable } from '../platform/process-table.ts';
import type { Log } from '../ports/log.ts';
import { openWorkerClient, type WorkerClient } from '../worker-client/worker-client.ts';

export const workerEntry = fileURLToPath(new URL('./main.ts', import.meta.url));

export const silentLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLog,
};

export function randomId(): string {
  return randomBytes(8).toString('hex');
}

/** A spec with everything that a test does not care about. */
export function makeSpec(
  folder: string,
  given: { agent: string; prompt?: string; cwd?: string; [name: string]: unknown },
): RunSpec {
  const id = randomId();
  return runSpecSchema.parse({
    runId: `run-${id}`,
    laneId: `lane-${id}`,
    token: 1,
    cwd: folder,
    stateFolder: join(folder, 'lanes', id),
    env: {},
    prompt: 'Do it.',
    resumeSession: null,
    stallMs: 60_000,
    timeoutMs: 120_000,
    ...given,
  });
}

/** A new repository with one commit, to work in. */
export function makeLaneWorktree(folder: string): string {
  const cwd = join(folder, 'worktrees', randomId());
  mkdirSync(cwd, { recursive: true });
  const git = (...args: string[]): void => {
    execFileSync('git', ['-c', 'user.name=Test', '-c', 'user.email=test@localhost', ...args], { cwd, stdio: 'ignore' });
  };
  git('init', '-b', 'main');
  writeFileSync(join(cwd, 'README.md'), '# Sample\n');
  git('add', '-A');
  git('commit', '-m', 'Begin');
  return cwd;
}

/** Resolves with the first truthy answer of `probe`. */
export async function waitFor<T>(
  probe: () => T | Promise<T>,
  what: string,
  timeoutMs = 20_000,
): Promise<NonNullable<T>> {
  const deadlineMs = performance.now() + timeoutMs;
  for (;;) {
    const value = await probe();
    if (value) return value;
    if (performance.now() > deadlineMs) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** One run that a test started and watches. */
export interface WatchedRun {
  readonly runId: RunId;
  readonly cwd: string;
  readonly report: RunReport;
  readonly ended: Promise<RunReport>;
  /** All events, once the run has ended. */
  events(): Promise<AgentEvent[]>;
  /** The first event, past or to come, that the guard accepts. */
  until<Found extends AgentEvent>(accept: (event: AgentEvent) => event is Found): Promise<Found>;
  /** Resolves once the agent has said `text`. */
  untilSaid(text: string): Promise<void>;
}

export class WorkerBench {
  readonly folder: string;
  readonly home: string;
  client: WorkerClient;

  constructor(folder: string) {
    this.folder = folder;
    this.home = join(folder, 'home');
    mkdirSync(this.home, { recursive: true });
    this.client = this.openClient();
  }

  openClient(): WorkerClient {
    return openWorkerClient({
      home: this.home,
      clock: systemClock,
      log: silentLog,
      entry: workerEntry,
      idleExitMs: 5_000,
    });
  }

  /** Resolves once the client is attached; answers the worker's pid. */
  connected(client = this.client): Promise<number> {
    return waitFor(() => {
      const connection = client.connection();
      return connection.state === 'connected' ? connection.pid : null;
    }, 'the worker');
  }

  async run(given: Parameters<typeof makeSpec>[1]): Promise<WatchedRun> {
    const spec = makeSpec(this.folder, given);
    const entries: JournalEntry[] = [];
    const follower = this.client.follow(spec.runId, 0, (fresh) => entries.push(...fresh));
    const ended = new Promise<RunReport>((resolve) => {
      const listener = this.client.onDidEndRun((report) => {
        if (report.runId !== spec.runId) return;
        listener.dispose();
        resolve(report);
      });
    });
    const started = await this.client.start(spec);
    if (!started.ok) {
      follower.dispose();
      throw new Error(`${started.error.code}: ${started.error.message}`);
    }
    return {
      runId: spec.runId,
      cwd: spec.cwd,
      report: started.value,
      ended,
      async events() {
        await waitFor(() => entries.at(-1)?.event.type === 'end', 'the end in the journal');
        follower.dispose();
        return entries.map((entry) => entry.event);
      },
      async untilSaid(text) {
        const said = ({ event }: JournalEntry): boolean => event.type === 'message' && event.text.includes(text);
        await waitFor(() => entries.some(said), `"${text}"`);
      },
      until: (accept) => waitFor(() => entries.map((entry) => entry.event).find(accept), 'an event'),
    };
  }

  /** Pids of living processes that carry the run's mark. */
  async leftovers(runId: RunId): Promise<number[]> {
    return findByEnvironment(await readProcessTable(), 'GANTRY_RUN_ID', runId);
  }

  /** Ends the worker with all that it runs, and removes the folder. */
  async close(): Promise<void> {
    await this.connected();
    await this.client.shutdown();
    this.client.close();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Starts a worker and attaches to it. */
export async function openWorkerBench(): Promise<WorkerBench> {
  const bench = new WorkerBench(mkdtempSync(join(tmpdir(), 'gantry-worker-')));
  await bench.connected();
  return bench;
}
