// A worker whose disk fills up while it journals: a small file system of its own.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeSpec, waitFor, WorkerBench } from './worker-bench.fixture.ts';

const folder = mkdtempSync(join(tmpdir(), 'gantry-full-'));
const mount =
  process.platform === 'linux' ? spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', folder]) : null;
const mounted = mount?.status === 0;
if (!mounted) {
  rmSync(folder, { recursive: true });
  if (process.env['CI'] === 'true')
    throw new Error('a file system of a fixed size cannot be mounted (needs Linux and root)');
  console.log('Skipped: a full disk. Mounting a small file system needs Linux and root.');
}

describe.skipIf(!mounted)('a full disk', () => {
  let bench: WorkerBench;
  const elsewhere = mkdtempSync(join(tmpdir(), 'gantry-full-cwd-'));

  beforeAll(async () => {
    bench = new WorkerBench(folder);
    await bench.connected();
  });

  afterAll(async () => {
    await bench.client.shutdown();
    bench.client.close();
    // Busy until the worker, whose working directory it is, has gone.
    await waitFor(() => spawnSync('umount', [folder]).status === 0, 'the file system to be free');
    rmSync(folder, { recursive: true, force: true });
    rmSync(elsewhere, { recursive: true, force: true });
  });

  it('ends the run clearly, and the worker lives', async () => {
    const pid = await bench.connected();
    const run = await bench.run({
      agent: 'command:yes "a line that fills the disk" | head -c 20000000; sleep 300',
      cwd: elsewhere,
    });
    const report = await run.ended;
    expect(report.outcome).toMatchObject({ kind: 'failed', reason: 'disk-full' });
    expect(await bench.leftovers(run.runId)).toEqual([]);
    // The room that was set aside suffices to write the end down.
    expect((await run.events()).at(-1)).toEqual({ type: 'end', outcome: report.outcome });
    expect(await bench.connected()).toBe(pid);
  }, 60_000);

  it('refuses to start what it could not write down, and works again when there is room', async () => {
    await bench.client.forget([...bench.client.reports().keys()]);
    const filler = join(folder, 'filler');
    mkdirSync(filler);
    for (let count = 0; statfsSync(folder).bavail > 0; count += 1) {
      const left = statfsSync(folder).bavail * statfsSync(folder).bsize;
      writeFileSync(join(filler, String(count)), Buffer.alloc(left));
    }
    const spec = makeSpec(folder, { agent: 'command:true', cwd: elsewhere });
    expect(await bench.client.start(spec)).toMatchObject({ ok: false, error: { code: 'disk-full' } });
    rmSync(filler, { recursive: true });
    expect(await bench.client.start(spec)).toMatchObject({ ok: true });
    await waitFor(() => bench.client.reports().get(spec.runId)?.outcome?.kind === 'ok', 'the end');
  }, 60_000);
});
