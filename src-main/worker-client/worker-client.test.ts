import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { toDisposable } from '#shared/base/disposable.ts';
import { workerFolder } from '../platform/worker-folder.ts';
import type { Clock } from '../ports/clock.ts';
import type { WorkerConnection } from '../ports/worker.ts';
import { openWorkerBench, silentLog, waitFor, type WorkerBench } from '../worker/worker-bench.fixture.ts';
import { openWorkerClient } from './worker-client.ts';

describe('after a shutdown on purpose', () => {
  let bench: WorkerBench;
  beforeEach(async () => {
    bench = await openWorkerBench();
  });
  afterEach(async () => {
    bench.client.wake();
    await bench.close();
  });

  it('no worker is started by itself, and one as soon as somebody wants it', async () => {
    const first = await bench.connected();
    expect(await bench.client.shutdown()).toEqual({ ok: true, value: { runsEnded: 0 } });
    const seen: WorkerConnection['state'][] = [];
    const change = bench.client.onDidChangeConnection((connection) => seen.push(connection.state));
    expect(bench.client.connection()).toMatchObject({ state: 'unreachable', reason: /was shut down/ });
    expect(await bench.client.shutdown()).toEqual({ ok: true, value: { runsEnded: 0 } });
    expect((await bench.client.forget([])).ok).toBe(false);
    expect(existsSync(workerFolder(bench.home).identity)).toBe(false);
    expect(seen).toEqual([]);

    bench.client.wake();
    bench.client.wake();
    expect(await bench.connected()).not.toBe(first);
    expect(seen).toEqual(['starting', 'connected']);
    change.dispose();
  });

  it('a run that is asked for brings the worker up and is run', async () => {
    await bench.client.shutdown();
    const run = await bench.run({ agent: 'command:echo again' });
    expect((await run.ended).outcome).toEqual({ kind: 'ok', summary: 'again' });
  });

  it('one that was wanted while the worker was ending is started after its end', async () => {
    const first = await bench.connected();
    const ending = bench.client.shutdown();
    bench.client.wake();
    expect(await ending).toEqual({ ok: true, value: { runsEnded: 0 } });
    expect(await bench.connected()).not.toBe(first);
  });

  it('a worker that is killed comes back, for nobody asked for its end', async () => {
    const first = await bench.connected();
    process.kill(first, 'SIGKILL');
    expect(await waitFor(() => bench.connected().then((pid) => pid !== first && pid), 'another worker')).not.toBe(
      first,
    );
  });
});

/** Time that passes only when it is told to. */
class SteppedClock implements Clock {
  #nowMs = 1_000_000;
  readonly #due = new Map<() => void, number>();

  nowMs(): number {
    return this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, callback: () => void): { dispose(): void } {
    this.#due.set(callback, this.#nowMs + delayMs);
    return toDisposable(() => this.#due.delete(callback));
  }

  every(): { dispose(): void } {
    return toDisposable(() => undefined);
  }

  step(byMs: number): void {
    this.#nowMs += byMs;
    for (const [callback, atMs] of [...this.#due]) {
      if (atMs > this.#nowMs) continue;
      this.#due.delete(callback);
      callback();
    }
  }
}

it('starts a worker that fails at once again after longer and longer waits, and says why it fails', async () => {
  const home = mkdtempSync(join(tmpdir(), 'gantry-worker-client-'));
  const clock = new SteppedClock();
  const entry = join(home, 'failing.mjs');
  const starts = join(home, 'starts');
  writeFileSync(
    entry,
    `import { appendFileSync } from 'node:fs';\nappendFileSync(${JSON.stringify(starts)}, 'x');\nthrow new Error('no good');\n`,
  );
  const client = openWorkerClient({ home, entry, clock, log: silentLog });
  const startsSoFar = (): number => (existsSync(starts) ? readFileSync(starts, 'utf8').length : 0);
  try {
    await waitFor(() => startsSoFar() === 1, 'the first start');
    await waitFor(() => {
      clock.step(50);
      const connection = client.connection();
      return connection.state === 'unreachable' && connection.reason.includes('no good');
    }, 'the reason');
    // As much time as it takes until the fourth wait would be over at the earliest.
    const sinceMs = clock.nowMs();
    await waitFor(() => {
      clock.step(50);
      return startsSoFar() >= 3;
    }, 'the third start');
    expect(clock.nowMs() - sinceMs).toBeGreaterThanOrEqual(250);
    expect(client.connection()).toMatchObject({ state: 'unreachable' });
  } finally {
    client.close();
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  }
});
