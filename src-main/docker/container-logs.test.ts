// Logs of containers on a real engine, read by readers of any speed.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LogLine } from '../ports/engine.ts';
import { DockerFixture, expectOk, requireDocker } from './docker.fixture.ts';

const problem = await requireDocker();

describe.skipIf(problem !== null)('logs', () => {
  let docker: DockerFixture;
  let image: string;

  beforeAll(async () => {
    docker = await DockerFixture.open();
    image = await docker.image();
  });
  afterAll(() => docker?.removeAll());

  async function logOf(
    id: string,
    options: { since?: string; tailLines?: number; follow?: boolean; signal?: AbortSignal } = {},
  ): Promise<LogLine[]> {
    const lines: LogLine[] = [];
    const { follow = false, signal = new AbortController().signal, ...rest } = options;
    const log = expectOk(await docker.engine.logs(id, { ...rest, follow, signal }));
    for await (const batch of log) lines.push(...batch);
    return lines;
  }

  async function run(script: string): Promise<string> {
    const id = await docker.start({ image, command: ['sh', '-c', script] });
    await docker.containerThat(id, ({ state }) => state === 'exited');
    return id;
  }

  it('tell each line once, with its stream and time', async () => {
    const id = await run('echo one; sleep 0.1; echo two >&2; sleep 0.1; echo; printf three');
    const lines = await logOf(id);
    expect(lines.map(({ stream, text }) => `${stream} ${text}`)).toEqual([
      'stdout one',
      'stderr two',
      'stdout ',
      'stdout three',
    ]);
    for (const { timestamp, atMs } of lines) {
      expect(timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/);
      expect(atMs).toBe(Date.parse(timestamp));
    }
  });

  it('join lines that the engine keeps in pieces', async () => {
    const id = await run('head -c 50000 /dev/zero | tr "\\0" x; echo; echo end');
    const lines = await logOf(id);
    expect(lines.map(({ text }) => text.length)).toEqual([50_000, 3]);
    expect(await logOf(id, { since: lines[0]?.timestamp ?? '' })).toEqual([lines[1]]);
  });

  it('go on from a line to the nanosecond', async () => {
    const id = await run('seq 1 500');
    const all = await logOf(id);
    expect(all).toHaveLength(500);
    for (const at of [0, 123, 498, 499]) {
      expect(await logOf(id, { since: all[at]?.timestamp ?? '' })).toEqual(all.slice(at + 1));
    }
    expect((await logOf(id, { tailLines: 3 })).map(({ text }) => text)).toEqual(['498', '499', '500']);
    expect(await logOf(id, { tailLines: 0 })).toEqual([]);
  });

  it('are followed until the container ends', async () => {
    const id = await docker.start({ image, command: ['sh', '-c', 'for n in 1 2 3; do echo $n; sleep 0.3; done'] });
    expect((await logOf(id, { follow: true })).map(({ text }) => text)).toEqual(['1', '2', '3']);
  });

  it('are followed until nobody wants them', async () => {
    const id = await docker.start({ image, command: ['sh', '-c', 'while :; do echo line; sleep 0.1; done'] });
    const abort = new AbortController();
    const log = expectOk(await docker.engine.logs(id, { follow: true, signal: abort.signal }));
    let lines = 0;
    for await (const batch of log) {
      lines += batch.length;
      if (lines >= 3) abort.abort();
    }
    expect(lines).toBeGreaterThanOrEqual(3);
    // One that stops reading ends it too.
    for await (const batch of expectOk(
      await docker.engine.logs(id, { follow: true, signal: new AbortController().signal }),
    )) {
      expect(batch.length).toBeGreaterThan(0);
      break;
    }
  });

  it('of 100,000 lines reach a slow reader whole, and stay with the engine until they are read', async () => {
    const id = await docker.start({
      image,
      command: [
        'sh',
        '-c',
        'yes 0123456789012345678901234567890123456789012345678901234567890123 | head -n 100000 | nl -v 1',
      ],
      logBytesMax: 100 * 1_024 * 1_024,
    });
    const log = expectOk(await docker.engine.logs(id, { follow: true, signal: new AbortController().signal }));
    const before = process.memoryUsage();
    let mostBytes = 0;
    let count = 0;
    let last = '';
    let pauses = 0;
    for await (const batch of log) {
      for (const { text } of batch) {
        count += 1;
        if (Number.parseInt(text, 10) !== count) throw new Error(`Line ${count} is ${text}.`);
        last = text;
      }
      pauses += 1;
      if (pauses < 20) await new Promise((resolve) => setTimeout(resolve, 50));
      const { heapUsed, external } = process.memoryUsage();
      mostBytes = Math.max(mostBytes, heapUsed + external - before.heapUsed - before.external);
    }
    expect(count).toBe(100_000);
    expect(last).toContain('100000');
    // The log has 11 MB as the engine sends it.
    expect(mostBytes).toBeLessThan(64 * 1_024 * 1_024);
  });

  it('of what is not there are refused', async () => {
    const { signal } = new AbortController();
    expect(await docker.engine.logs(docker.name('gone'), { follow: false, signal })).toMatchObject({
      ok: false,
      error: { reason: 'no-such-container' },
    });
    const id = await run('true');
    expect(await docker.engine.logs(id, { follow: false, since: 'yesterday', signal })).toMatchObject({
      ok: false,
      error: { reason: 'refused' },
    });
    expect(await logOf(id)).toEqual([]);
  });
});
