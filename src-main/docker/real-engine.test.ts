// What a real engine tells over time: events over a connection that breaks, statistics, its restart.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../platform/clock.ts';
import type { EngineEvent, EngineState } from '../ports/engine.ts';
import { DockerFixture, expectOk, requireDocker, settledState } from './docker.fixture.ts';
import { collectEvents, keepingLog, SocketFolder, SocketProxy, until } from './fake-engine.fixture.ts';
import { openDockerEngine } from './open-docker-engine.ts';

const problem = await requireDocker();
const socket = '/var/run/docker.sock';
const dockerd = ['/usr/sbin/dockerd', '/usr/bin/dockerd', '/usr/local/bin/dockerd'].find((path) => existsSync(path));
const canRestart =
  dockerd !== undefined && spawnSync('unshare', ['--net', '--mount', 'containerd', '--version']).status === 0;

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

  it.skipIf(!canRestart)('is noticed to have been restarted', { timeout: 120_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gantry-dockerd-'));
    const host = `unix://${join(folder, 'docker.sock')}`;
    // In a network namespace of its own, or it would change the bridges of the machine's engine.
    const start = () =>
      spawn(
        'unshare',
        [
          ...['--net', '--mount', dockerd ?? '', '--host', host, '--storage-driver=vfs'],
          ...[
            '--data-root',
            join(folder, 'data'),
            '--exec-root',
            join(folder, 'exec'),
            '--pidfile',
            join(folder, 'pid'),
          ],
        ],
        { stdio: 'ignore' },
      );
    const end = async (child: ReturnType<typeof start>): Promise<void> => {
      if (child.exitCode !== null) return;
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
    };
    let daemon = start();
    const engine = openDockerEngine({ endpoint: host, instance: 'restarted', clock: systemClock, log: keepingLog() });
    try {
      await until(() => engine.state.state === 'ready', 'it is there');
      const first = engine.state.state === 'ready' ? engine.state.startedId : '';
      const happened = collectEvents<EngineEvent>(engine.onDidHappen);
      expectOk(await engine.ensureVolume({ name: 'kept', driver: 'local', options: {}, labels: {} }));
      await end(daemon);
      await until(() => engine.state.state === 'unreachable', 'its end is noticed');
      daemon = start();
      await until(() => engine.state.state === 'ready', 'it is back');
      expect(engine.state.state === 'ready' ? engine.state.startedId : '').not.toBe(first);
      await until(() => happened.values.some(({ kind }) => kind === 'resync'), 'all is to be read again');
      expect(expectOk(await engine.listVolumes({})).map(({ name }) => name)).toEqual(['kept']);
    } finally {
      engine.dispose();
      await end(daemon);
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
