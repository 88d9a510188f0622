// What cannot work is refused, or ends, before anything that runs is touched, with the reason in words.
import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ServiceSpecInput } from '#shared/model/service-spec.ts';
import { busyboxRoot, requireDocker } from '../docker/docker.fixture.ts';
import { TestRegistry } from '../docker/registry.fixture.ts';
import { Harbour, harbourProject } from './harbour.fixture.ts';

const problem = await requireDocker();
// Elsewhere engines run in a virtual machine, whose loopback is another one.
const isHere = process.platform === 'linux';

describe.skipIf(problem !== null || !isHere)('what cannot work', { timeout: 120_000 }, () => {
  let harbour: Harbour;
  let image: string;
  let registry: TestRegistry;
  let before: string[];

  const running = (): string[] => harbour.view('web').replicas.map(({ containerId }) => containerId);
  const specOf = (name: string, rest: Partial<ServiceSpecInput>, from = image) => harbour.spec(name, from, rest);
  const port = 8_080;
  const route = { host: 'shop.example', path: '/', containerPort: port };

  beforeAll(async () => {
    harbour = await Harbour.open();
    registry = await TestRegistry.listen();
    image = await harbour.docker.webImage('one');
    const rollout = await harbour.rollOut(specOf('web', { routes: [route] }));
    expect(rollout.stage).toMatchObject({ outcome: 'succeeded' });
    before = running();
  }, 60_000);
  afterAll(async () => {
    await registry?.close();
    await harbour?.dispose();
  }, 60_000);

  async function isUntouched(): Promise<void> {
    expect(running()).toEqual(before);
    expect(await (await fetch(harbour.url('web'))).text()).toBe('one');
    expect(harbour.store.read.service(harbour.id('web'))?.servingRevision).toBe(1);
  }

  it.each<[string, () => Partial<ServiceSpecInput>, RegExp]>([
    [
      'a port of the host that another service has',
      () => ({ ports: [{ containerPort: port, publish: { port: Number(new URL(harbour.url('web')).port) } }] }),
      /The host's port \d+ belongs to service web of harbour-test\/main/,
    ],
    [
      'a route that another service has',
      () => ({ routes: [route] }),
      /The route shop\.example\/ belongs to service web of harbour-test\/main/,
    ],
    ['a secret without a value', () => ({ secrets: [{ secret: 'nothing' }] }), /The secret nothing has no value/],
    [
      'a config without a value',
      () => ({ configs: [{ config: 'nothing', target: '/x' }] }),
      /The config nothing has no value/,
    ],
  ])('is refused by name: %s', async (_, rest, why) => {
    const spec = specOf('other', rest());
    const plan = await harbour.orchestrator.services.plan(harbourProject, 'main' as never, spec);
    expect(plan.entries).toMatchObject([{ action: 'blocked' }]);
    await expect(harbour.deploy(spec)).rejects.toThrow(why);
    expect(harbour.store.read.service(harbour.id('other'))).toBeNull();
    await isUntouched();
  });

  it('is refused where services would wait for each other', async () => {
    await harbour.rollOut(specOf('db', { ports: [], health: null, dependsOn: ['web'] }));
    const spec = specOf('web', { routes: [route], dependsOn: ['db'] });
    await expect(harbour.deploy(spec)).rejects.toThrow(/wait for each other for ever: web → db → web/);
    await isUntouched();
  });

  it.each<[string, () => string, RegExp]>([
    ['an image that is nowhere', () => `${registry.host}/team/unknown:1`, /team\/unknown/],
    ['a tag that its image does not have', () => `${registry.host}/team/known:2`, /team\/known:2/],
    ['an image for another processor', () => putForOther(false), /made for|is for|no matching manifest/],
    [
      'a list of images without one for this processor',
      () => putForOther(true),
      /manifest|architecture|s390x|made for/,
    ],
  ])('ends its rollout with the reason: %s', async (_, reference, why) => {
    registry.put('team/known', '1', busyboxRoot({ '/a': 'b' }), ownArchitecture());
    await harbour.rollOut(specOf('web', { routes: [route], env: { A: reference() } }, reference()));
    const rollout = harbour.store.read.rollouts(harbour.id('web')).find(({ kind }) => kind === 'deploy');
    expect(rollout?.stage).toMatchObject({ name: 'ended', outcome: 'failed' });
    const failed = rollout?.decisions.find(({ verdict }) => verdict === 'failed');
    expect(failed).toMatchObject({ gate: 'image' });
    expect(failed?.detail).toMatch(why);
    await isUntouched();
  });

  function ownArchitecture(): string {
    const { state } = harbour.docker.engine;
    return state.state === 'ready' ? state.architecture : '';
  }

  function putForOther(isList: boolean): string {
    const other = ownArchitecture() === 's390x' ? 'amd64' : 's390x';
    const root = busyboxRoot({ '/other': harbour.docker.prefix });
    return isList ? registry.putList('team/list', '1', root, other) : registry.put('team/other', '1', root, other);
  }

  it('a port that somebody takes between its choice and its first use stops nothing: another one is chosen', async () => {
    const thief = createServer();
    const stolen = new Promise<number>((resolve) => {
      const watching = harbour.store.onDidChange(() => {
        const hostPort = harbour.store.read.service(harbour.id('robbed'))?.publishedPorts[0]?.hostPort;
        if (hostPort === undefined) return;
        watching.dispose();
        thief.listen(hostPort, '127.0.0.1', () => resolve(hostPort));
      });
    });
    try {
      expect((await harbour.rollOut(specOf('robbed', {}))).stage).toMatchObject({ outcome: 'succeeded' });
      expect(Number(new URL(harbour.url('robbed')).port)).not.toBe(await stolen);
      expect(await (await fetch(harbour.url('robbed'))).text()).toBe('one');
    } finally {
      await new Promise((resolve) => thief.close(resolve));
    }
  });
});
