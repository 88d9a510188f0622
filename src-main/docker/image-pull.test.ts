// Pulls by a real engine from a registry on the loopback: with and without a login, and in vain.
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../platform/clock.ts';
import type { ContainerEngine, ImageProgress } from '../ports/engine.ts';
import { busyboxRoot, DockerFixture, expectOk, requireDocker } from './docker.fixture.ts';
import { bareSurroundings, keepingLog } from './fake-engine.fixture.ts';
import { openDockerEngine, thisMachine } from './open-docker-engine.ts';
import { TestRegistry } from './registry.fixture.ts';

const problem = await requireDocker();
// Elsewhere engines run in a virtual machine, whose loopback is another one.
const isHere = process.platform === 'linux';

describe.skipIf(problem !== null || !isHere)('pulls', () => {
  let docker: DockerFixture;
  let registry: TestRegistry;
  let closed: TestRegistry;
  let root: Buffer;
  let architecture: string;
  const pulled: string[] = [];

  beforeAll(async () => {
    docker = await DockerFixture.open();
    registry = await TestRegistry.listen();
    closed = await TestRegistry.listen('ada:hunter2');
    // Another layer each time: what the engine has it does not pull.
    root = busyboxRoot({ '/etc/unique': docker.prefix, '/random': randomBytes(1_500_000).toString('base64') });
    architecture = docker.engine.state.state === 'ready' ? docker.engine.state.architecture : '';
  });
  afterAll(async () => {
    if (docker === undefined) return;
    for (const reference of pulled) expectOk(await docker.engine.removeImage(reference));
    await registry.close();
    await closed.close();
    await docker.removeAll();
  });

  async function pull(
    reference: string,
    engine: ContainerEngine = docker.engine,
    signal = new AbortController().signal,
  ) {
    const steps: ImageProgress[] = [];
    const result = await engine.pullImage(reference, (step) => steps.push(step), signal);
    if (result.ok) pulled.push(reference);
    return { result, steps };
  }

  it('bring an image by its tag and by its digest, and tell how far they are', async () => {
    const reference = registry.put('team/web', '1', root, architecture);
    const { result, steps } = await pull(reference);
    const image = expectOk(result);
    expect(image).toMatchObject({ tags: [reference], labels: { from: 'registry' }, architecture });
    expect(image.repoDigests).toHaveLength(1);
    expect(steps.some(({ totalBytes }) => totalBytes !== null && totalBytes > 1_000_000)).toBe(true);
    expect(steps.at(-1)?.phase).toMatch(/^Status: Downloaded/);
    const byDigest = await pull(image.repoDigests[0] ?? '');
    expect(expectOk(byDigest.result).digest).toBe(image.digest);
    const id = await docker.start({ image: reference });
    expect(expectOk(await docker.engine.run(id, ['cat', '/etc/unique'])).output).toBe(docker.prefix);
    expectOk(await docker.engine.removeContainer(id));
  });

  it('in vain say why', async () => {
    const reason = async (reference: string): Promise<string> => {
      const { result } = await pull(reference);
      return result.ok ? 'pulled' : result.error.reason;
    };
    registry.put('team/known', '1', root, architecture);
    expect(await reason(`${registry.host}/team/known:2`)).toBe('no-such-image');
    expect(await reason(`${registry.host}/team/unknown:1`)).toBe('no-such-image');
    expect(
      await reason(registry.putList('team/elsewhere', '1', root, architecture === 's390x' ? 'amd64' : 's390x')),
    ).toBe('wrong-architecture');
    expect(await reason(closed.put('team/web', '1', root, architecture))).toBe('access-denied');
  });

  it('take the login of the registry from Docker’s own', async () => {
    const reference = closed.put('team/web', '1', root, architecture);
    const config = { auths: { [closed.host]: { auth: Buffer.from('ada:hunter2').toString('base64') } } };
    const log = keepingLog();
    const { readText } = bareSurroundings({}, { '/home/ada/.docker/config.json': JSON.stringify(config) });
    const surroundings = { ...thisMachine(), homeFolder: '/home/ada', readText };
    const engine = openDockerEngine({
      endpoint: null,
      instance: docker.instance,
      clock: systemClock,
      log,
      surroundings,
    });
    try {
      expect(expectOk((await pull(reference, engine)).result).tags).toContain(reference);
      expect(log.lines.join('\n')).not.toContain('hunter2');
    } finally {
      engine.dispose();
    }
  });

  it('end when nobody wants them', async () => {
    const slow = busyboxRoot({ '/random': randomBytes(3_000_000).toString('base64') });
    const reference = registry.put('team/slow', '1', slow, architecture);
    registry.pieceDelayMs = 200;
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 1_000);
    const { result } = await pull(reference, docker.engine, abort.signal);
    expect(result).toMatchObject({
      ok: false,
      error: { reason: 'refused', message: expect.stringContaining('cancelled') },
    });
    expect(await docker.engine.findImage(reference)).toMatchObject({ ok: false, error: { reason: 'no-such-image' } });
  });
});
