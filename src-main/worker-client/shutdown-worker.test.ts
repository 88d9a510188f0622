import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { systemClock } from '../platform/clock.ts';
import { lookUpProcess } from '../platform/process-identity.ts';
import { workerFolder } from '../platform/worker-folder.ts';
import { silentLog, waitFor } from '../worker/worker-bench.fixture.ts';
import { OtherProcess } from './process-end.ts';
import { shutdownWorker } from './shutdown-worker.ts';
import { openWorkerClient, type WorkerClient } from './worker-client.ts';

const entry = fileURLToPath(new URL('./lingering-worker.fixture.ts', import.meta.url));
let home: string;
let client: WorkerClient | null;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'gantry-shutdown-'));
  client = null;
});

afterEach(() => {
  client?.close();
  rmSync(home, { recursive: true, force: true, maxRetries: 5 });
});

async function startLingering(): Promise<{ client: WorkerClient; pid: number }> {
  const opened = openWorkerClient({ home, entry, clock: systemClock, log: silentLog, idleExitMs: 60_000 });
  client = opened;
  const pid = await waitFor(() => {
    const connection = opened.connection();
    return connection.state === 'connected' ? connection.pid : null;
  }, 'the worker');
  return { client: opened, pid };
}

/** Whether it resolves only after the process, which has ended everything else, is let go. */
async function waitsForTheProcess(ending: Promise<unknown>, pid: number): Promise<void> {
  let isResolved = false;
  void ending.then(() => {
    isResolved = true;
  });
  await waitFor(() => !existsSync(workerFolder(home).identity), 'the worker to leave its address');
  expect(isResolved).toBe(false);
  expect(lookUpProcess(pid).kind).toBe('running');
  writeFileSync(join(home, 'may-end'), '');
}

it('ends a worker without an app: says so only when its process is gone', async () => {
  const { client, pid } = await startLingering();
  client.close();
  const ending = shutdownWorker(home, systemClock);
  await waitsForTheProcess(ending, pid);
  expect(await ending).toEqual({ ok: true, value: { runsEnded: 0 } });
  expect(lookUpProcess(pid).kind).toBe('gone');
  expect(await shutdownWorker(home, systemClock)).toEqual({ ok: true, value: null });
});

it('ends the worker of an app likewise', async () => {
  const { client, pid } = await startLingering();
  const ending = client.shutdown();
  await waitsForTheProcess(ending, pid);
  expect(await ending).toEqual({ ok: true, value: { runsEnded: 0 } });
  expect(lookUpProcess(pid).kind).toBe('gone');
});

it('does not wait for ever for a process that stays', async () => {
  const self = new OtherProcess(process.pid, systemClock);
  expect(await self.goneWithin(0)).toBe(false);
});
