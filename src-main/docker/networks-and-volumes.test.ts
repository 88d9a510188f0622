// Networks and volumes of a real engine.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DockerFixture, expectOk, requireDocker } from './docker.fixture.ts';

const problem = await requireDocker();

describe.skipIf(problem !== null)('networks and volumes', () => {
  let docker: DockerFixture;
  let image: string;

  beforeAll(async () => {
    docker = await DockerFixture.open();
    image = await docker.webImage('found');
  });
  afterAll(() => docker?.removeAll());

  it('are made once, however often and at once they are asked for', async () => {
    const { engine } = docker;
    const name = docker.name('net');
    const all = await Promise.all(Array.from({ length: 4 }, () => engine.ensureNetwork(name, docker.labels)));
    const ids = new Set(all.map((one) => expectOk(one).id));
    expect(ids.size).toBe(1);
    // A name that another one begins with is another one.
    expect(expectOk(await engine.ensureNetwork(name.slice(0, -1), docker.labels)).id).not.toBe([...ids][0]);
    expect(expectOk(await engine.ensureNetwork(name, {}))).toMatchObject({
      name,
      labels: docker.labels,
      gateway: expect.stringMatching(/^\d+\./),
      subnet: expect.stringMatching(/\/\d+$/),
    });
    expect(expectOk(await engine.listNetworks(docker.labels)).map((one) => one.name)).toContain(name);
    expectOk(await engine.removeNetwork(name));
    expectOk(await engine.removeNetwork(name));
    expect(expectOk(await engine.listNetworks(docker.labels)).map((one) => one.name)).not.toContain(name);
  });

  it('let containers find each other by their aliases', async () => {
    const { engine } = docker;
    const network = docker.name('net');
    expectOk(await engine.ensureNetwork(network, docker.labels));
    const server = await docker.start({ image, command: null, networks: [{ network, aliases: ['web'] }] });
    const client = await docker.start({ image, networks: [{ network, aliases: [] }] });
    const { output } = expectOk(
      await engine.run(client, [
        'sh',
        '-c',
        'for n in 1 2 3 4 5 6 7 8 9; do wget -qO- http://web:8080/ && break; sleep 0.3; done',
      ]),
    );
    expect(output).toContain('found');
    expect(await engine.removeNetwork(network)).toMatchObject({ ok: false, error: { reason: 'in-use' } });
    expect(expectOk(await engine.inspectContainer(server)).addresses[network]).toMatch(/^\d+\./);
  });

  it('keep data in volumes that outlive their containers', async () => {
    const { engine } = docker;
    const name = docker.name('volume');
    const volume = { name, driver: 'local', options: {}, labels: docker.labels };
    expect(expectOk(await engine.ensureVolume(volume))).toMatchObject({ name, driver: 'local', labels: docker.labels });
    expectOk(await engine.ensureVolume(volume));
    const mounts = [{ kind: 'volume', volume: name, target: '/data', readOnly: false }] as const;
    const writer = await docker.start({ image, mounts, command: ['sh', '-c', 'echo kept > /data/file'] });
    await docker.containerThat(writer, ({ state }) => state === 'exited');
    expect(await engine.removeVolume(name)).toMatchObject({ ok: false, error: { reason: 'in-use' } });
    expectOk(await engine.removeContainer(writer));
    const reader = await docker.start({ image, mounts });
    expect(expectOk(await engine.run(reader, ['cat', '/data/file'])).output).toBe('kept\n');
    expectOk(await engine.removeContainer(reader));
    expect(expectOk(await engine.listVolumes(docker.labels)).map((one) => one.name)).toContain(name);
    expectOk(await engine.removeVolume(name));
    expectOk(await engine.removeVolume(name));
  });

  it('keep secrets in memory: a volume on tmpfs is shared while one container holds it', async () => {
    const { engine } = docker;
    const name = docker.name('secret');
    const options = { type: 'tmpfs', device: 'tmpfs', o: 'size=1m,mode=0700' };
    expectOk(await engine.ensureVolume({ name, driver: 'local', options, labels: docker.labels }));
    const keeper = await docker.start({
      image,
      mounts: [{ kind: 'volume', volume: name, target: '/keep', readOnly: false }],
    });
    expectOk(await engine.run(keeper, ['sh', '-c', 'cat > /keep/token'], { input: Buffer.from('hidden') }));
    const user = await docker.start({
      image,
      mounts: [{ kind: 'volume', volume: name, target: '/run/secrets', readOnly: true }],
    });
    expect(
      expectOk(await engine.run(user, ['sh', '-c', 'cat /run/secrets/token; mount | grep -c "tmpfs on /run/secrets"']))
        .output,
    ).toBe('hidden1\n');
    expectOk(await engine.removeContainer(user));
    expectOk(await engine.removeContainer(keeper));
    const later = await docker.start({
      image,
      mounts: [{ kind: 'volume', volume: name, target: '/keep', readOnly: true }],
    });
    expect(expectOk(await engine.run(later, ['ls', '/keep'])).output).toBe('');
  });

  it('are refused options that their driver does not know', async () => {
    const volume = { name: docker.name('volume'), driver: 'local', options: { bogus: '1' }, labels: docker.labels };
    expect(await docker.engine.ensureVolume(volume)).toMatchObject({
      ok: false,
      error: { reason: 'refused', message: expect.stringContaining('bogus') },
    });
  });
});
