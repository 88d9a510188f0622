// What a real engine tells over time: events over a connection that breaks, statistics, its restart.
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../platform/clock.ts';
import type { EngineEvent, EngineState } from '../ports/engine.ts';
import { DockerFixture, expectOk, requireDocker, settledState } from './docker.fixture.ts';
import { collectEvents, keepingLog, SocketFolder, SocketProxy, until } from './fake-engine.fixture.ts';
import { openDockerEngine } from './open-docker-engine.ts';
import { OwnEngine, requireOwnEngine } from './own-engine.fixture.ts';

const problem = await requireDocker();
const socket = '/var/run/docker.sock';

describe.skipIf(problem !== null)('a real engine', () => {
  let docker: DockerFixture;
  let image: string;

  beforeAll(async () => {
    docker = await DockerFixture.open();
    image = await docker.image();
  });
  afterAll(() => docker?.removeAll());

  it('tells what happens to containers, also what others do', async () => {
    const happened = collectEvents<EngineEvent>(docker.engine.onDidHappen);
    const other = await DockerFixture.open();
    try {
      const { id } = expectOk(await other.engine.createContainer(other.spec({ image, labels: { by: 'another' } })));
      expectOk(await other.engine.startContainer(id));
      expectOk(await other.engine.stopContainer(id, 5_000));
      expectOk(await other.engine.removeContainer(id));
      const actions = (): string[] =>
        happened.values.flatMap((event) => (event.kind === 'container' && event.id === id ? [event.action] : []));
      await until(() => actions().includes('destroy'), 'the end was told');
      expect(actions()).toEqual(expect.arrayContaining(['create', 'start', 'die', 'stop', 'destroy']));
      const start = happened.values.find(
        (event) => event.kind === 'container' && event.id === id && event.action === 'start',
      );
      expect(start).toMatchObject({ labels: { by: 'another', ...other.labels } });
      expect(Math.abs((start?.kind === 'container' ? start.atMs : 0) - Date.now())).toBeLessThan(60_000);
    } finally {
      happened.dispose();
      await other.removeAll();
    }
  });

  it('measures what containers use', async () => {
    const busy = await docker.start({ image, command: ['sh', '-c', 'while :; do :; done'], cpus: 0.5 });
    const idle = await docker.start({ image });
    const ended = await docker.start({ image, command: ['true'] });
    await docker.containerThat(ended, ({ state }) => state === 'exited');
    const ids = [busy, idle, ended, docker.name('gone')];
    const first = expectOk(await docker.engine.stats(ids));
    expect(first.map(({ containerId, cpuPercent }) => [containerId, cpuPercent])).toEqual([
      [busy, null],
      [idle, null],
    ]);
    expect(first[1]?.memoryBytes).toBeGreaterThan(0);
    expect(first[1]?.pids).toBeGreaterThanOrEqual(1);
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    const second = expectOk(await docker.engine.stats(ids));
    expect(second[0]?.cpuPercent).toBeGreaterThan(5);
    expect(second[0]?.cpuPercent).toBeLessThan(80);
    expect(second[1]?.cpuPercent).toBeLessThan(20);
    expectOk(await docker.engine.removeContainer(busy));
  });

  it.skipIf(!existsSync(socket))(
    'is followed again after its connection broke, and what happened meanwhile is told',
    async () => {
      const folder = new SocketFolder();
      const proxy = new SocketProxy(folder.socket, socket);
      await proxy.open();
      const engine = openDockerEngine({
        endpoint: `unix://${folder.socket}`,
        instance: docker.instance,
        clock: systemClock,
        log: keepingLog(),
      });
      const states: EngineState[] = [];
      engine.onDidChangeState((state) => states.push(state));
      try {
        const before = await settledState(engine);
        const happened = collectEvents<EngineEvent>(engine.onDidHappen);
        const first = await docker.start({ image });
        await until(
          () =>
            happened.values.some(
              (event) => event.kind === 'container' && event.id === first && event.action === 'start',
            ),
          'the first is told',
        );
        await proxy.cut();
        await until(() => engine.state.state === 'unreachable', 'the cut is noticed');
        expect(await engine.inspectContainer(first)).toMatchObject({ ok: false, error: { reason: 'unreachable' } });
        const meanwhile = await docker.start({ image });
        await proxy.open();
        await until(() => engine.state.state === 'ready', 'it is found again');
        await until(
          () =>
            happened.values.some(
              (event) => event.kind === 'container' && event.id === meanwhile && event.action === 'start',
            ),
          'what happened meanwhile is told',
        );
        expect(happened.values.some(({ kind }) => kind === 'resync')).toBe(true);
        expectOk(await engine.inspectContainer(meanwhile));
        // Another socket, the same engine and start: nothing but the way to it is new.
        const startOf = (state: EngineState): string =>
          state.state === 'ready' ? state.startedId.split('/').slice(0, 2).join('/') : '';
        expect(startOf(engine.state)).toBe(startOf(before));
        expect(states.map(({ state }) => state)).toEqual(['ready', 'connecting', 'unreachable', 'ready']);
      } finally {
        engine.dispose();
        await proxy.cut();
        folder.dispose();
      }
    },
  );
});

const noOwn = requireOwnEngine();

describe.skipIf(noOwn !== null)('an engine that ends', { timeout: 120_000 }, () => {
  let own: OwnEngine;
  let docker: DockerFixture;

  beforeAll(async () => {
    own = await OwnEngine.start();
    docker = await DockerFixture.open(own.endpoint);
  }, 90_000);
  afterAll(async () => {
    docker?.engine.dispose();
    await own?.dispose();
  });

  it('is noticed to have been restarted', async () => {
    const { engine } = docker;
    const first = engine.state;
    const happened = collectEvents<EngineEvent>(engine.onDidHappen);
    expectOk(await engine.ensureVolume({ name: 'kept', driver: 'local', options: {}, labels: {} }));
    await own.end('SIGTERM');
    await until(() => engine.state.state === 'unreachable', 'its end is noticed');
    await own.startAgain();
    await until(() => engine.state.state === 'ready', 'it is back');
    if (first.state !== 'ready' || engine.state.state !== 'ready') throw new Error('it is not ready');
    expect(engine.state.startedId).not.toBe(first.startedId);
    expect(engine.state.startedAtMs).toBeGreaterThan(first.startedAtMs ?? Number.POSITIVE_INFINITY);
    await until(() => happened.values.some(({ kind }) => kind === 'resync'), 'all is to be read again');
    expect(expectOk(await engine.listVolumes({})).map(({ name }) => name)).toEqual(['kept']);
    happened.dispose();
  });

  it('does not tell of containers that they ended, which it ends itself, nor that it refused anything', async () => {
    const { engine } = docker;
    const image = await docker.image();
    // One that takes its time holds the engine up, while it takes no new requests.
    const command = ['sh', '-c', 'trap "sleep 3; exit 0" TERM; sleep 3600 & wait'];
    const [quick, slow] = [await docker.start({ image }), await docker.start({ image, command })];
    const ending = own.end('SIGTERM');
    const told = new Set<string>();
    while (engine.state.state === 'ready') {
      const [facts, created] = await Promise.all([
        engine.inspectContainer(quick),
        engine.createContainer(docker.spec({ image })),
      ]);
      told.add(facts.ok ? facts.value.state : facts.error.reason);
      if (created.ok) told.add((await engine.startContainer(created.value.id)).ok ? 'started' : 'not started');
      else told.add(created.error.reason);
    }
    await ending;
    expect([...told]).not.toContain('exited');
    expect([...told]).not.toContain('refused');
    await own.startAgain();
    await until(() => engine.state.state === 'ready', 'it is back');
    for (const id of [quick, slow]) expect(expectOk(await engine.inspectContainer(id)).state).toBe('exited');
  });
});
