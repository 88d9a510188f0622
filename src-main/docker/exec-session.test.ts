// Commands in containers of a real engine: terminals, pipes, their ends.
import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DockerFixture, expectOk, requireDocker } from './docker.fixture.ts';

const problem = await requireDocker();

describe.skipIf(problem !== null)('commands in containers', () => {
  let docker: DockerFixture;
  let id: string;

  beforeAll(async () => {
    docker = await DockerFixture.open();
    id = await docker.start({ image: await docker.image() });
  });
  afterAll(() => docker?.removeAll());

  /** Reads until `text` came. */
  async function readUntil(output: AsyncIterator<Uint8Array>, text: string): Promise<string> {
    let read = '';
    while (!read.includes(text)) {
      const next = await output.next();
      if (next.done) throw new Error(`The output ended before “${text}”: ${read}`);
      read += Buffer.from(next.value).toString();
    }
    return read;
  }

  async function isRunning(pattern: string): Promise<boolean> {
    const { output } = expectOk(await docker.engine.run(id, ['ps', '-o', 'args']));
    return output.includes(pattern);
  }

  async function untilEnded(pattern: string): Promise<void> {
    for (let attempt = 0; attempt < 100; attempt += 1) {
      if (!(await isRunning(pattern))) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`${pattern} did not end.`);
  }

  it('have a terminal of the size they are given, and are told of another', async () => {
    const session = expectOk(await docker.engine.exec(id, ['sh'], { columns: 101, rows: 31 }));
    const output = session.output[Symbol.asyncIterator]();
    await session.write(Buffer.from('tty; stty size\n'));
    expect(await readUntil(output, '31 101')).toContain('/dev/pts/');
    await session.resize(90, 40);
    await session.write(Buffer.from('stty size\n'));
    await readUntil(output, '40 90');
    await session.write(Buffer.from('exit 5\n'));
    while (!(await output.next()).done);
    expect(await session.exit).toEqual({ exitCode: 5 });
    session.dispose();
  });

  it('carry a megabyte each way without changing a byte', async () => {
    const session = expectOk(await docker.engine.exec(id, ['cat'], null));
    const sent = randomBytes(1_024 * 1_024);
    const writing = (async () => {
      for (let offset = 0; offset < sent.byteLength; offset += 50_001)
        await session.write(sent.subarray(offset, offset + 50_001));
      session.end();
    })();
    const received: Uint8Array[] = [];
    for await (const chunk of session.output) received.push(chunk);
    await writing;
    expect(sha256(Buffer.concat(received))).toBe(sha256(sent));
    expect(await session.exit).toEqual({ exitCode: 0 });
    session.dispose();
  });

  it('are held back by a slow reader', async () => {
    const session = expectOk(
      await docker.engine.exec(id, ['sh', '-c', 'yes 0123456789 | head -c 200000000; echo done > /tmp/done'], null),
    );
    const output = session.output[Symbol.asyncIterator]();
    await output.next();
    const heapBefore = process.memoryUsage().rss;
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(await isRunning('head -c 200000000')).toBe(true);
    expect(process.memoryUsage().rss - heapBefore).toBeLessThan(50 * 1_024 * 1_024);
    session.dispose();
    expect(await session.exit).toEqual({ exitCode: null });
    await untilEnded('head -c 200000000');
  });

  it('end when they are given up, also in a terminal, also when they ignore hanging up', async () => {
    for (const terminal of [null, { columns: 80, rows: 24 }]) {
      const session = expectOk(
        await docker.engine.exec(id, ['sh', '-c', 'trap "" HUP; echo up; sleep 4321; sleep 4321'], terminal),
      );
      await readUntil(session.output[Symbol.asyncIterator](), 'up');
      expect(await isRunning('sleep 4321')).toBe(true);
      session.dispose();
      session.dispose();
      expect(await session.exit).toEqual({ exitCode: null });
      await untilEnded('sleep 4321');
    }
  });

  it('tell both streams in the order in which they came', async () => {
    const session = expectOk(
      await docker.engine.exec(id, ['sh', '-c', 'echo one; sleep 0.2; echo two >&2; sleep 0.2; echo three'], null),
    );
    let text = '';
    for await (const chunk of session.output) text += Buffer.from(chunk).toString();
    expect(text).toBe('one\ntwo\nthree\n');
    session.dispose();
  });

  it('run to their end with input, as whom one likes', async () => {
    expect(
      expectOk(
        await docker.engine.run(id, ['sh', '-c', 'id -u; cat; exit 9'], { input: Buffer.from('hello'), user: '1234' }),
      ),
    ).toEqual({
      exitCode: 9,
      output: '1234\nhello',
    });
  });

  it('keep no more output than is wanted', async () => {
    const { output, exitCode } = expectOk(
      await docker.engine.run(id, ['sh', '-c', 'yes | head -c 3000000'], { outputBytesMax: 1_000 }),
    );
    expect({ length: output.length, exitCode }).toEqual({ length: 1_000, exitCode: 0 });
  });

  it('are ended when they take too long', async () => {
    expect(await docker.engine.run(id, ['sleep', '5432'], { timeoutMs: 300 })).toMatchObject({
      ok: false,
      error: { reason: 'timeout' },
    });
    await untilEnded('sleep 5432');
  });

  it('that are not there are refused, and so are containers that do not run', async () => {
    expect(await docker.engine.run(id, ['no-such-command'])).toMatchObject({
      ok: false,
      error: { reason: 'not-started' },
    });
    const { id: created } = expectOk(
      await docker.engine.createContainer(
        docker.spec({ image: (await docker.engine.inspectContainer(id).then(expectOk)).image }),
      ),
    );
    expect(await docker.engine.run(created, ['true'])).toMatchObject({ ok: false, error: { reason: 'refused' } });
    expect(await docker.engine.exec(docker.name('gone'), ['true'], null)).toMatchObject({
      ok: false,
      error: { reason: 'no-such-container' },
    });
  });

  it('are told when their container ends', async () => {
    const image = expectOk(await docker.engine.inspectContainer(id)).image;
    const short = await docker.start({ image });
    const session = expectOk(await docker.engine.exec(short, ['sleep', '3210'], null));
    const reading = (async () => {
      for await (const chunk of session.output) expect(chunk.byteLength).toBeGreaterThan(0);
    })();
    expectOk(await docker.engine.killContainer(short, 'SIGKILL'));
    await reading;
    expect((await session.exit).exitCode).not.toBe(0);
    session.dispose();
  });
});

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
