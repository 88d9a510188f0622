// Against engines that are not there, hang, come late, go away and come back as others.
import { rmSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DisposableStore } from '#shared/base/disposable.ts';
import type { Clock } from '../ports/clock.ts';
import type { ContainerEngine, EngineEvent, EngineState } from '../ports/engine.ts';
import { systemClock } from '../platform/clock.ts';
import { settledState } from './docker.fixture.ts';
import {
  bareSurroundings,
  collectEvents,
  docker29,
  FakeEngine,
  hurriedClock,
  json,
  keepingLog,
  SocketFolder,
  until,
} from './fake-engine.fixture.ts';
import { openDockerEngine } from './open-docker-engine.ts';

let owned: DisposableStore;
let folder: SocketFolder;
const fakes: FakeEngine[] = [];

beforeEach(() => {
  owned = new DisposableStore();
  folder = owned.add(new SocketFolder());
});

afterEach(async () => {
  owned.dispose();
  for (const fake of fakes.splice(0)) await fake.close();
});

async function listen(...args: Parameters<typeof FakeEngine.listen>): Promise<FakeEngine> {
  const fake = await FakeEngine.listen(...args);
  fakes.push(fake);
  return fake;
}

function open(endpoint: string | null = `unix://${folder.socket}`, clock: Clock = systemClock): ContainerEngine {
  const log = keepingLog();
  const surroundings = bareSurroundings({ XDG_RUNTIME_DIR: folder.path });
  return owned.add(openDockerEngine({ endpoint, instance: 'test', clock, log, surroundings }));
}

function states(engine: ContainerEngine): EngineState['state'][] {
  const seen: EngineState['state'][] = [engine.state.state];
  owned.add(engine.onDidChangeState(({ state }) => seen.push(state)));
  return seen;
}

const containerEvent = (action: string, atSeconds: number) => ({
  Type: 'container',
  Action: action,
  Actor: { ID: 'c1', Attributes: { 'gantry.slot': '1', image: 'web', name: 'web-1', exitCode: '1' } },
  scope: 'local',
  time: atSeconds,
  timeNano: atSeconds * 1e9,
});

describe('the way to an engine', () => {
  it('leads to one that answers, and speaks the newest API that both know', async () => {
    const fake = await listen(folder.socket);
    const engine = open();
    expect(await settledState(engine)).toMatchObject({
      state: 'ready',
      name: 'Docker',
      version: '29.0.0',
      apiVersion: '1.52',
      architecture: 'amd64',
      cpus: 4,
      isLocal: true,
    });
    expect(fake.requests.map(({ url }) => url.split('?')[0])).toEqual([
      '/version',
      '/v1.52/info',
      '/v1.52/networks/bridge',
      '/v1.52/events',
    ]);
  });

  it('knows Podman by its components', async () => {
    await listen(
      folder.socket,
      (_request, path, response) =>
        path === '/version' &&
        json(response, 200, {
          ...docker29['/version'],
          ApiVersion: '1.41',
          MinAPIVersion: '1.24',
          Components: [{ Name: 'Podman Engine' }],
        }),
    );
    expect(await settledState(open())).toMatchObject({ name: 'Podman', apiVersion: '1.41' });
  });

  it('says that an engine is too old, and takes it when it was replaced', async () => {
    const fake = await listen(
      folder.socket,
      (_request, path, response) =>
        path === '/version' &&
        json(response, 200, { ...docker29['/version'], Version: '18.09.1', ApiVersion: '1.39', MinAPIVersion: '1.12' }),
    );
    const engine = open();
    expect(await settledState(engine)).toMatchObject({
      state: 'too-old',
      version: '18.09.1',
      advice: expect.stringContaining('too old'),
    });
    expect(await engine.listImages()).toMatchObject({
      ok: false,
      error: { message: expect.stringContaining('18.09.1') },
    });
    fake.answerWith(() => false);
    await until(() => engine.state.state === 'ready', 'the new engine is ready');
  });

  it('says at once that nothing listens on a socket', async () => {
    const fake = await FakeEngine.listen(folder.socket);
    await fake.close();
    const engine = open();
    expect(await engine.inspectContainer('c1')).toMatchObject({
      ok: false,
      error: { reason: 'unreachable', message: expect.stringContaining('Start it.') },
    });
    expect(engine.state).toMatchObject({ state: 'unreachable', sinceMs: expect.any(Number) });
  });

  it('says that there is none, and picks it up when there is', async () => {
    const engine = open(null);
    expect(await settledState(engine)).toMatchObject({
      state: 'missing',
      advice: expect.stringMatching(/^Install one/),
    });
    expect(await engine.listImages()).toMatchObject({
      ok: false,
      error: { reason: 'unreachable', message: expect.stringMatching(/^No container engine was found\. Install /) },
    });
    const seen = states(engine);
    await listen(folder.socket);
    await until(() => engine.state.state === 'ready', 'the engine is found');
    expect(seen).toEqual(['missing', 'ready']);
  });

  it('leads to another engine when the Docker context is switched', async () => {
    const first = await listen(folder.socket);
    const other = `${folder.socket}.other`;
    await listen(
      other,
      (_request, path, response) =>
        path === '/version' && json(response, 200, { ...docker29['/version'], Version: '29.1.0' }),
    );
    let current = folder.socket;
    const surroundings = {
      ...bareSurroundings(),
      readText: (path: string) =>
        path.endsWith('config.json')
          ? JSON.stringify({ currentContext: current })
          : path.endsWith('meta.json')
            ? JSON.stringify({ Endpoints: { docker: { Host: `unix://${current}` } } })
            : null,
    };
    const engine = owned.add(
      openDockerEngine({ endpoint: null, instance: 'test', clock: systemClock, log: keepingLog(), surroundings }),
    );
    expect(await settledState(engine)).toMatchObject({ version: '29.0.0' });
    current = other;
    await first.close();
    await until(() => engine.state.state === 'ready' && engine.state.version === '29.1.0', 'the other is found');
  });

  it('says which login refuses it', async () => {
    await listen(
      folder.socket,
      (_request, path, response) =>
        path === '/version' && json(response, 403, { message: 'authorization denied by plugin' }),
    );
    expect(await settledState(open())).toMatchObject({
      state: 'unreachable',
      detail: 'authorization denied by plugin',
    });
  });

  it('does not take any web server for an engine', async () => {
    await listen(folder.socket, (_request, _path, response) => {
      response.end('<html>It works!</html>');
      return true;
    });
    expect(await settledState(open())).toMatchObject({
      state: 'unreachable',
      advice: expect.stringContaining('Is it a Docker engine?'),
    });
  });

  it('gives a sentence for what cannot be used', async () => {
    expect(await settledState(open('ssh://ada@box'))).toMatchObject({
      state: 'unreachable',
      advice: expect.stringContaining('ssh -N -L'),
    });
  });
});

describe('an engine that hangs', () => {
  it('is a timeout for whoever asks, from the first word on', async () => {
    await listen(folder.socket, () => 'never');
    const engine = open(undefined, hurriedClock(50));
    expect(await engine.listContainers({})).toMatchObject({ ok: false, error: { reason: 'timeout' } });
    expect(engine.state).toMatchObject({ state: 'unreachable', advice: expect.stringContaining('hang') });
  });

  it('is a timeout also in the midst of an answer', async () => {
    await listen(folder.socket, (_request, path, response) => {
      if (path !== '/images/json') return false;
      response.writeHead(200);
      response.write('[');
      return 'never';
    });
    const engine = open(undefined, hurriedClock(50));
    expect(await engine.listImages()).toMatchObject({ ok: false, error: { reason: 'timeout' } });
  });

  it('is noticed though its connections stay open, and so is its return', async () => {
    const fake = await listen(folder.socket);
    const engine = open(undefined, hurriedClock(50));
    await settledState(engine);
    const seen = states(engine);
    fake.answerWith(() => 'never');
    await until(() => engine.state.state === 'unreachable', 'it is noticed');
    fake.answerWith(() => false);
    await until(() => engine.state.state === 'ready', 'it is back');
    expect(seen).toEqual(['ready', 'connecting', 'unreachable', 'ready']);
  });

  it('holds nobody back after the engine was closed', async () => {
    await listen(folder.socket, (_request, path) => (path === '/images/json' ? 'never' : false));
    const engine = open();
    await settledState(engine);
    const listing = engine.listImages();
    engine.dispose();
    expect(await listing).toMatchObject({ ok: false });
  });
});

describe('an engine that is ending', () => {
  it('has refused nothing: it is away', async () => {
    const fake = await listen(folder.socket, (request, path, response) => {
      if (request.method !== 'POST') return false;
      if (path === '/volumes/create') fake.stopListening();
      return json(response, 500, { message: 'transport is closing: unavailable' });
    });
    const engine = open();
    await settledState(engine);
    const volume = { name: 'data', driver: 'local', options: {}, labels: {} };
    // What it refuses while it stays is a refusal.
    expect(await engine.killContainer('c1', 'TERM')).toMatchObject({ ok: false, error: { reason: 'refused' } });
    expect(await engine.ensureVolume(volume)).toMatchObject({ ok: false, error: { reason: 'unreachable' } });
    await until(() => engine.state.state === 'unreachable', 'it is known to be away');
  });
});

describe('events', () => {
  it('are told as they come, by action and actor alone', async () => {
    const fake = await listen(folder.socket);
    const engine = open();
    const events = owned.add(collectEvents<EngineEvent>(engine.onDidHappen));
    await settledState(engine);
    await until(() => fake.events.size === 1, 'the events are followed');
    fake.tell(containerEvent('die', 1_800_000_000));
    fake.tell(containerEvent('exec_start: sh -c secret', 1_800_000_000));
    fake.tell({ Type: 'daemon', Action: 'reload', Actor: { ID: 'd' } });
    fake.tell({ Type: 'network', Action: 'create', Actor: { ID: 'n1', Attributes: null }, time: 1_800_000_001 });
    await until(() => events.values.length === 3, 'all were told');
    expect(events.values).toEqual([
      { kind: 'resync' },
      { kind: 'container', action: 'die', id: 'c1', labels: { 'gantry.slot': '1' }, atMs: 1_800_000_000_000 },
      { kind: 'network', action: 'create', id: 'n1', atMs: 1_800_000_001_000 },
    ]);
  });

  it('go on from before the last one after a gap, which is told', async () => {
    const fake = await listen(folder.socket);
    const engine = open();
    const events = owned.add(collectEvents<EngineEvent>(engine.onDidHappen));
    await until(() => fake.events.size === 1, 'the events are followed');
    fake.tell(containerEvent('start', 1_800_000_000));
    await until(() => events.values.length === 2, 'it was told');
    for (const stream of fake.events) stream.destroy();
    await until(
      () => fake.requests.filter(({ url }) => url.includes('/events')).length === 2,
      'they are followed again',
    );
    const [first, second] = fake.requests.filter(({ url }) => url.includes('/events')).map(({ url }) => url);
    expect(first).not.toContain('since=');
    expect(second).toContain('since=1799999999.000000000');
    await until(() => events.values.length === 3, 'the gap was told');
    expect(events.values.at(-1)).toEqual({ kind: 'resync' });
  });

  it('of an engine that was started anew come with another id', async () => {
    const fake = await listen(folder.socket);
    const engine = open();
    const before = await settledState(engine);
    await fake.close();
    await until(() => engine.state.state === 'unreachable', 'it is gone');
    rmSync(folder.socket, { force: true });
    await listen(
      folder.socket,
      (_request, path, response) => path === '/networks/bridge' && json(response, 200, { Id: 'c'.repeat(64) }),
    );
    await until(() => engine.state.state === 'ready', 'it is back');
    expect((engine.state as { startedId: string }).startedId).not.toBe((before as { startedId: string }).startedId);
  });
});
