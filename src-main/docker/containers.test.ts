// Containers on a real engine: made of specs, started, ended, removed, and why not.
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DockerFixture, expectOk, requireDocker } from './docker.fixture.ts';

const problem = await requireDocker();

describe.skipIf(problem !== null)('containers', () => {
  let docker: DockerFixture;
  let image: string;

  beforeAll(async () => {
    docker = await DockerFixture.open();
    image = await docker.webImage('one');
  });
  afterAll(() => docker?.removeAll());

  it('are made, started, stopped, started again and removed', async () => {
    const { engine } = docker;
    const spec = docker.spec({ image, command: null, labels: { role: 'life' } });
    const { id } = expectOk(await engine.createContainer(spec));
    const created = expectOk(await engine.inspectContainer(id));
    expect(created).toMatchObject({ state: 'created', name: spec.name, image, startedAtMs: null, exitCode: null });
    expect(created.labels).toMatchObject({ role: 'life', ...docker.labels });

    expectOk(await engine.startContainer(id));
    expectOk(await engine.startContainer(id));
    const running = await docker.containerThat(id, ({ state }) => state === 'running');
    expect(running.startedAtMs).toBeGreaterThanOrEqual(running.createdAtMs);
    expect(Object.keys(running.addresses)).toEqual(['bridge']);

    expectOk(await engine.stopContainer(id, 5_000));
    expectOk(await engine.stopContainer(id, 5_000));
    expect(expectOk(await engine.inspectContainer(id))).toMatchObject({
      state: 'exited',
      exitCode: 0,
      finishedAtMs: expect.any(Number),
      addresses: {},
    });
    expectOk(await engine.restartContainer(id, 5_000));
    expect(expectOk(await engine.listContainers({ role: 'life' }))).toMatchObject([{ id, state: 'running' }]);

    expectOk(await engine.removeContainer(id));
    expectOk(await engine.removeContainer(id));
    expect(await engine.inspectContainer(id)).toMatchObject({ ok: false, error: { reason: 'no-such-container' } });
  });

  it('are listed by their labels, whatever they are', async () => {
    const mark = docker.name('mark');
    const running = await docker.start({ image, labels: { mark, tier: 'a' } });
    const { id: created } = expectOk(await docker.engine.createContainer(docker.spec({ image, labels: { mark } })));
    const ids = async (labels: Record<string, string | null>): Promise<string[]> =>
      expectOk(await docker.engine.listContainers(labels)).map(({ id }) => id);
    expect((await ids({ mark })).sort()).toEqual([running, created].sort());
    expect(await ids({ mark, tier: null })).toEqual([running]);
    expect(await ids({ mark, tier: 'b' })).toEqual([]);
  });

  it('carry everything of their spec', async () => {
    const { engine } = docker;
    const network = docker.name('net');
    const other = docker.name('net');
    const volume = docker.name('volume');
    expectOk(await engine.ensureNetwork(network, docker.labels));
    expectOk(await engine.ensureNetwork(other, docker.labels));
    expectOk(await engine.ensureVolume({ name: volume, driver: 'local', options: {}, labels: docker.labels }));
    const id = await docker.start({
      image,
      env: { GREETING: 'hello "world" $HOME', EMPTY: '' },
      workingDirectory: '/tmp',
      user: '65534',
      hostname: 'box',
      networks: [
        { network, aliases: ['web', 'api'] },
        { network: other, aliases: ['web2'] },
      ],
      mounts: [
        { kind: 'volume', volume, target: '/data', readOnly: true },
        { kind: 'bind', source: '/etc', target: '/host', readOnly: true },
        { kind: 'tmpfs', target: '/scratch', sizeBytes: 1_048_576 },
      ],
      memoryBytes: 64 * 1_024 * 1_024,
      cpus: 0.5,
      pids: 40,
      isReadOnly: true,
      dropCapabilities: ['ALL'],
      restart: 'unless-stopped',
    });
    const say = async (script: string): Promise<string> => {
      const { exitCode, output } = expectOk(await engine.run(id, ['sh', '-c', script]));
      return `${exitCode} ${output.trim()}`;
    };
    expect(await say('echo "$GREETING"; echo "<$EMPTY>"; pwd; id -u; hostname')).toBe(
      '0 hello "world" $HOME\n<>\n/tmp\n65534\nbox',
    );
    expect(await say("df -k /scratch | tail -n 1 | awk '{ print $2 }'")).toBe('0 1024');
    expect(await say('touch /data/x')).toContain('Read-only');
    expect(await say('touch /x')).toContain('Read-only');
    expect(await say('grep CapEff /proc/1/status')).toContain('0000000000000000');
    expect(await say('nslookup -type=a api | tail -n 3 | grep -c Address')).toMatch(/^\d 1$/);
    const facts = expectOk(await engine.inspectContainer(id));
    expect(Object.keys(facts.addresses).sort()).toEqual([network, other].sort());
    expect(facts.restart).toBe('unless-stopped');
    expect(facts.mounts).toEqual(
      expect.arrayContaining([
        { kind: 'volume', source: volume, target: '/data' },
        { kind: 'bind', source: '/etc', target: '/host' },
      ]),
    );
    const [stats] = expectOk(await engine.stats([id]));
    expect(stats?.memoryLimitBytes).toBe(64 * 1_024 * 1_024);
    expectOk(await engine.setRestart(id, 'no'));
    expect(expectOk(await engine.inspectContainer(id)).restart).toBe('no');
  });

  it('tell their health, with the last check’s words', async () => {
    const id = await docker.start({
      image,
      health: {
        command: ['sh', '-c', 'echo checked; test -f /tmp/well'],
        intervalMs: 200,
        timeoutMs: 2_000,
        retries: 2,
        startPeriodMs: 0,
      },
    });
    expect(expectOk(await docker.engine.inspectContainer(id)).health?.status).toBe('starting');
    const ill = await docker.containerThat(id, ({ health }) => health?.status === 'unhealthy');
    expect(ill.health).toMatchObject({ last: { exitCode: 1, output: 'checked\n' } });
    expect(ill.health?.failuresInARow).toBeGreaterThanOrEqual(2);
    expectOk(await docker.engine.run(id, ['touch', '/tmp/well']));
    const well = await docker.containerThat(id, ({ health }) => health?.status === 'healthy');
    expect(well.health).toMatchObject({ failuresInARow: 0, last: { exitCode: 0 } });
  });

  it('tell how they ended: by themselves, by a signal, by lack of memory', async () => {
    const { engine } = docker;
    const failing = await docker.start({ image, command: ['sh', '-c', 'exit 7'] });
    expect(await docker.containerThat(failing, ({ state }) => state === 'exited')).toMatchObject({ exitCode: 7 });
    const killed = await docker.start({ image });
    expectOk(await engine.killContainer(killed, 'SIGKILL'));
    expect(await docker.containerThat(killed, ({ state }) => state === 'exited')).toMatchObject({ exitCode: 137 });
    const greedy = await docker.start({
      image,
      memoryBytes: 8 * 1_024 * 1_024,
      command: ['sh', '-c', 'dd if=/dev/zero of=/dev/null bs=100M count=1'],
    });
    // The engine hears of the end and of its cause on two ways.
    await docker.containerThat(greedy, ({ state, wasOutOfMemory }) => state === 'exited' && wasOutOfMemory);
  });

  it('ends what does not end by itself after its grace', async () => {
    const id = await docker.start({ image, command: ['sh', '-c', 'trap "" TERM; while :; do sleep 1; done'] });
    const startedMs = performance.now();
    expectOk(await docker.engine.stopContainer(id, 1_000));
    expect(performance.now() - startedMs).toBeGreaterThan(900);
    expect(expectOk(await docker.engine.inspectContainer(id))).toMatchObject({ state: 'exited', exitCode: 137 });
  });

  it('give each container a free port where none is asked for', async () => {
    const id = await docker.start({
      image,
      command: null,
      publish: [{ containerPort: 8_080, address: '127.0.0.1', hostPort: 0 }],
    });
    const [port] = expectOk(await docker.engine.inspectContainer(id)).ports;
    expect(port).toMatchObject({ containerPort: 8_080, address: '127.0.0.1' });
    const response = await fetch(`http://127.0.0.1:${port?.hostPort}/`);
    expect(await response.text()).toBe('one');
    const published = expectOk(await docker.engine.publishedPorts());
    expect(published).toContainEqual({
      hostPort: port?.hostPort,
      address: '127.0.0.1',
      containerName: expect.stringContaining(docker.prefix),
      isOurs: true,
    });
  });

  it('are refused a port that is taken, with the name of who has it', async () => {
    const { engine } = docker;
    const owner = docker.name('owner');
    const first = await docker.start({
      image,
      name: owner,
      command: null,
      publish: [{ containerPort: 8_080, address: '127.0.0.1', hostPort: 0 }],
    });
    const hostPort = expectOk(await engine.inspectContainer(first)).ports[0]?.hostPort ?? 0;
    const publish = [{ containerPort: 8_080, address: '127.0.0.1', hostPort }];
    const { id } = expectOk(await engine.createContainer(docker.spec({ image, publish })));
    expect(await engine.startContainer(id)).toMatchObject({
      ok: false,
      error: {
        reason: 'port-taken',
        message: expect.stringContaining(`Port ${hostPort} is taken by the container ${owner}`),
      },
    });
    expect(expectOk(await engine.inspectContainer(id))).toMatchObject({
      state: 'created',
      error: expect.stringContaining('port is already allocated'),
    });
    // Nothing of the owner's was harmed.
    await new Promise<void>((resolve, reject) => {
      const socket = connect(hostPort, '127.0.0.1', () => {
        socket.destroy();
        resolve();
      }).on('error', reject);
    });
    expectOk(await engine.removeContainer(first));
    expectOk(await engine.startContainer(id));
  });

  it('are refused for what is wrong with their spec', async () => {
    const { engine } = docker;
    const taken = docker.name('taken');
    await docker.start({ image, name: taken });
    const reason = async (overrides: Parameters<DockerFixture['spec']>[0]): Promise<string> => {
      const created = await engine.createContainer(docker.spec(overrides));
      if (!created.ok) return `create: ${created.error.reason}`;
      const started = await engine.startContainer(created.value.id);
      return started.ok ? 'started' : `start: ${started.error.reason}`;
    };
    expect(await reason({ image: `${docker.prefix}/none:1` })).toBe('create: no-such-image');
    expect(await reason({ image, name: taken })).toBe('create: name-taken');
    expect(await reason({ image, command: ['/bin/nothing'] })).toBe('start: not-started');
    expect(await reason({ image, user: 'nobody-here' })).toBe('start: not-started');
    expect(await reason({ image, networks: [{ network: docker.name('none'), aliases: [] }] })).toMatch(
      /no-such-network/,
    );
    expect(
      await reason({ image, mounts: [{ kind: 'bind', source: '/nothing/here', target: '/x', readOnly: true }] }),
    ).toBe('create: refused');
    expect(await engine.startContainer(docker.name('gone'))).toMatchObject({ error: { reason: 'no-such-container' } });
    expect(await engine.stopContainer(docker.name('gone'), 0)).toMatchObject({
      error: { reason: 'no-such-container' },
    });
  });

  it('are renamed', async () => {
    const id = await docker.start({ image });
    const name = docker.name('renamed');
    expectOk(await docker.engine.renameContainer(id, name));
    expect(expectOk(await docker.engine.inspectContainer(name)).id).toBe(id);
  });

  it('take files and give them back', async () => {
    const id = await docker.start({ image });
    const { engine } = docker;
    expectOk(await engine.run(id, ['sh', '-c', 'mkdir /from /to && seq 1 100000 > /from/numbers']));
    const archive: Uint8Array[] = [];
    for await (const chunk of expectOk(await engine.getArchive(id, '/from/numbers'))) archive.push(chunk);
    const tar = Buffer.concat(archive);
    expect(tar.byteLength).toBeGreaterThan(500_000);
    expectOk(await engine.putArchive(id, '/to', tar));
    expectOk(await engine.putArchive(id, '/tmp', pieces(tar)));
    const { output } = expectOk(
      await engine.run(id, [
        'sh',
        '-c',
        'cmp /from/numbers /to/numbers && cmp /from/numbers /tmp/numbers && echo same',
      ]),
    );
    expect(output).toBe('same\n');
    expect(await engine.getArchive(id, '/nothing')).toMatchObject({ ok: false, error: { reason: 'refused' } });
    expect(await engine.putArchive(id, '/nothing', tar)).toMatchObject({ ok: false, error: { reason: 'refused' } });
    expect(await engine.putArchive(docker.name('gone'), '/', pieces(tar))).toMatchObject({
      ok: false,
      error: { reason: 'no-such-container' },
    });
    expect(await engine.putArchive(id, '/to', failing(tar))).toMatchObject({
      ok: false,
      error: { reason: 'refused', message: expect.stringContaining('could not be read: the disk is on fire') },
    });
  });

  it('are listed while others are being started, without waiting for those', async () => {
    const { engine } = docker;
    const made = await Promise.all(
      Array.from({ length: 6 }, () => engine.createContainer(docker.spec({ image, labels: { crowd: docker.prefix } }))),
    );
    const startedCount = { value: 0 };
    const starts = Promise.all(
      made.map(async (one) => {
        const started = await engine.startContainer(expectOk(one).id);
        startedCount.value += 1;
        return started;
      }),
    );
    let listsMeanwhile = 0;
    while (startedCount.value < made.length) {
      const listed = expectOk(await engine.listContainers({ crowd: docker.prefix }));
      expect(listed).toHaveLength(6);
      if (startedCount.value < made.length) listsMeanwhile += 1;
    }
    for (const started of await starts) expectOk(started);
    // One that waited for those would come when all of them have been started.
    expect(listsMeanwhile).toBeGreaterThan(0);
    const all = expectOk(await engine.listContainers({ crowd: docker.prefix }));
    expect(all.map(({ state }) => state)).toEqual(Array.from({ length: 6 }, () => 'running'));
  });
});

async function* pieces(bytes: Buffer): AsyncGenerator<Uint8Array, void, undefined> {
  for (let offset = 0; offset < bytes.byteLength; offset += 10_000) yield bytes.subarray(offset, offset + 10_000);
}

async function* failing(bytes: Buffer): AsyncGenerator<Uint8Array, void, undefined> {
  yield bytes.subarray(0, 10_000);
  throw new Error('the disk is on fire');
}
