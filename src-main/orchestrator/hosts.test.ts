// Several hosts: two engines, and what has to be together, may be apart, moves, or is not let go of.
import { get, request } from 'node:http';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HostId, localHost, mainStack, serviceIdOf, type StackName } from '#shared/model/service-ids.ts';
import type { ServiceSpec } from '#shared/model/service-spec.ts';
import { DockerFixture, expectOk } from '../docker/docker.fixture.ts';
import { FakeEngine, json } from '../docker/fake-engine.fixture.ts';
import { OwnEngine, requireOwnEngine } from '../docker/own-engine.fixture.ts';
import { lostAfterMs } from './decide/lost-host.ts';
import { Harbour, noCode } from './harbour.fixture.ts';
import { NearClient } from './near-client.fixture.ts';

const problem = requireOwnEngine();
const far = 'far' as HostId;
const other = 'lane-7' as StackName;
const onFar = [{ attribute: 'node.id', operator: '==' as const, value: far }];

describe.skipIf(problem !== null)('several hosts', { timeout: 120_000 }, () => {
  let engines: readonly [OwnEngine, OwnEngine];
  let harbour: Harbour;
  let farDocker: DockerFixture;
  let nearLocal: NearClient;
  let nearFar: NearClient;
  let image: string;

  beforeAll(async () => {
    engines = await Promise.all([OwnEngine.start(), OwnEngine.start()]);
    harbour = await Harbour.open(noCode, engines[0].endpoint);
    farDocker = await DockerFixture.open(engines[1].endpoint);
    nearLocal = NearClient.on(engines[0]);
    nearFar = NearClient.on(engines[1]);
    image = await harbour.docker.webImage('one');
    await copyImage(image, engines[0], engines[1]);
    await harbour.orchestrator.engines.put({
      id: far,
      endpoint: engines[1].endpoint,
      labels: {},
      availability: 'active',
    });
    await harbour.until('both were looked at', () =>
      harbour.orchestrator.views.hosts().every((host) => host.engine.state === 'ready' && host.observedAtMs !== null),
    );
  }, 120_000);
  afterAll(async () => {
    await nearLocal?.dispose();
    await nearFar?.dispose();
    farDocker?.engine.dispose();
    try {
      await harbour?.dispose();
    } finally {
      for (const engine of engines ?? []) await engine.dispose();
    }
  }, 60_000);

  const spec = (name: string, rest: Parameters<Harbour['spec']>[2] = {}) =>
    harbour.spec(name, image, { mode: { kind: 'replicated', replicas: 2 }, ...rest });
  const worker = (name: string, rest: Parameters<Harbour['spec']>[2] = {}) =>
    spec(name, { ports: [], health: null, ...rest });
  const hostsOf = (name: string) =>
    harbour
      .view(name)
      .replicas.map((each) => each.hostId)
      .sort();

  function deployTo(stack: StackName, one: ServiceSpec) {
    return harbour.orchestrator.services.deploy({
      projectId: harbour.projectId,
      stack,
      spec: one,
      origin: { kind: 'person' },
      expectedRevisions: null,
    });
  }

  it('have what is reached, or needs others, on one of them; what does not on all', async () => {
    const withData = spec('web', { mounts: [{ kind: 'volume', volume: 'shared', target: '/data' }] });
    for (const one of [withData, worker('reader', { dependsOn: ['web'] }), worker('alone')]) {
      expect((await harbour.rollOut(one)).stage).toMatchObject({ outcome: 'succeeded' });
    }
    expect(hostsOf('web')).toEqual([localHost, localHost]);
    expect(hostsOf('reader')).toEqual([localHost, localHost]);
    expect(hostsOf('alone')).toEqual([far, localHost]);
    expect(await nearLocal.get(harbour.url('web'))).toEqual({ status: 200, text: 'one' });
  });

  it('are told how large volumes are once they were measured', async () => {
    const [replica] = harbour.view('web').replicas;
    if (replica === undefined) throw new Error('there is no replica');
    const fill = ['sh', '-c', 'head -c 3000000 /dev/zero >/data/file'];
    expectOk(await harbour.docker.engine.run(replica.containerId, fill));
    const size = () => harbour.orchestrator.views.volumes(harbour.projectId)[0]?.sizeBytes;
    expect(size()).toBeNull();
    await harbour.until('it was measured', () => size() !== null);
    expect(size()).toBeGreaterThanOrEqual(3_000_000);
  });

  it('refuse what would be apart from its stack, and take it in another one', async () => {
    const stray = spec('stray', { constraints: onFar });
    await expect(harbour.deploy(stray)).rejects.toMatchObject({
      code: 'preflight-failed',
      message:
        'stray was not deployed; nothing was touched. No host may run it: 2 hosts: 1 apart from its stack, which is on ' +
        'local, 1 without node.id == far. Services reach each other on one host only: let it run on local too, or ' +
        'without ports and dependencies.',
    });
    const { serviceId } = await deployTo(other, stray);
    expect(await harbour.settled(serviceId)).toMatchObject({ stage: { outcome: 'succeeded' } });
    const view = harbour.orchestrator.views.service(serviceId);
    expect(view?.replicas.map((each) => each.hostId)).toEqual([far, far]);
    expect(await nearFar.get(`http://127.0.0.1:${view?.ports[0]?.hostPort}/`)).toEqual({ status: 200, text: 'one' });
    const plan = await harbour.orchestrator.services.plan(harbour.projectId, other, stray);
    expect(plan.warnings).toContain('Its ports are published on far, not on this machine.');
  });

  it('are not forgotten while services have anything there', async () => {
    const data = spec('keeper', {
      mode: { kind: 'replicated', replicas: 1 },
      mounts: [{ kind: 'volume', volume: 'data', target: '/data' }],
    });
    await harbour.settled((await deployTo(other, data)).serviceId);
    await expect(harbour.orchestrator.engines.remove({ hostId: far, givingUp: false })).rejects.toMatchObject({
      code: 'wrong-state',
      message:
        'far still has replicas of lane-7/keeper, lane-7/stray, main/alone and the addresses of lane-7/keeper, lane-7/stray ' +
        'and the data of lane-7/data. Nothing was changed. Drain it and remove its volumes first, or give up what is there.',
    });
    expect(harbour.orchestrator.views.hosts()).toHaveLength(2);
  });

  it('are not held up by one that takes requests and answers none', async () => {
    const sockets = new Set<Socket>();
    const path = join(harbour.folder, 'stuck.sock');
    const server = createServer((socket) => sockets.add(socket));
    await new Promise<void>((resolve) => server.listen(path, resolve));
    const stuck = 'stuck' as HostId;
    try {
      const host = { id: stuck, endpoint: `unix://${path}`, labels: {}, availability: 'active' as const };
      await harbour.orchestrator.engines.put(host);
      // It is not known yet that it hangs.
      const beganMs = performance.now();
      expect((await harbour.rollOut(worker('meanwhile'))).stage).toMatchObject({ outcome: 'succeeded' });
      expect(harbour.view('meanwhile').replicas).toHaveLength(2);
      const engineOf = () => harbour.orchestrator.views.hosts().find(({ id }) => id === stuck)?.engine;
      await harbour.until('it is told to hang', () => engineOf()?.state === 'unreachable', 15_000);
      expect(engineOf()).toMatchObject({ advice: expect.stringContaining('It may hang') });
      expect(performance.now() - beganMs).toBeLessThan(30_000);
      await harbour.until('the others are as fresh as ever', () => harbour.view('web').status === 'healthy');
      await harbour.orchestrator.services.scale(harbour.id('meanwhile'), 3);
      expect((await harbour.settled(harbour.id('meanwhile'))).stage).toMatchObject({ outcome: 'succeeded' });
    } finally {
      await harbour.orchestrator.engines.remove({ hostId: stuck, givingUp: true });
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    }
  });

  it('say why one of them cannot be used', async () => {
    const path = join(harbour.folder, 'old.sock');
    // What Docker 18.09 says of itself.
    const fake = await FakeEngine.listen(path, (_request, asked, response) =>
      asked === '/version' ? json(response, 200, docker18) : false,
    );
    const old = 'old' as HostId;
    await harbour.orchestrator.engines.put({ id: old, endpoint: `unix://${path}`, labels: {}, availability: 'active' });
    try {
      const engineOf = () => harbour.orchestrator.views.hosts().find(({ id }) => id === old)?.engine;
      await harbour.until('it is told', () => engineOf()?.state === 'too-old');
      const picky = worker('picky', { constraints: [{ attribute: 'node.id', operator: '==', value: old }] });
      await expect(harbour.deploy(picky)).rejects.toMatchObject({
        message:
          'picky was not deployed; nothing was touched. No host may run it: 3 hosts: 2 without node.id == old, ' +
          '1 not answering. old: This engine (18.09.9, API 1.39) is too old. Gantry needs API 1.40: Docker 19.03 or newer.',
      });
      expect(harbour.view('alone').status).toBe('healthy');
    } finally {
      await harbour.orchestrator.engines.remove({ hostId: old, givingUp: false });
      await fake.close();
    }
  });

  it('are emptied: what must be together moves together, and is reached where it is then', async () => {
    await harbour.orchestrator.services.remove(harbour.id('web'));
    await harbour.until('it is gone', () => harbour.store.read.service(harbour.id('web')) === null);
    await harbour.rollOut(spec('front'));
    await harbour.orchestrator.engines.drain(localHost, true);
    await harbour.until('all is elsewhere', () =>
      ['front', 'reader', 'alone', 'meanwhile'].every((name) => hostsOf(name).every((host) => host === far)),
    );
    await harbour.until('it serves there', () => harbour.view('front').status === 'healthy');
    expect(await nearFar.get(harbour.url('front'))).toEqual({ status: 200, text: 'one' });
    const labels = { 'gantry.instance': harbour.docker.instance };
    await harbour.until('nothing is left behind', async () => {
      const left = expectOk(await harbour.docker.engine.listContainers(labels));
      return left.every((each) => each.state !== 'running');
    });
    await harbour.orchestrator.engines.drain(localHost, false);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(hostsOf('front')).toEqual([far, far]);
  });

  it('have one replica for each of them, where nothing has to reach those', async () => {
    const mode = { kind: 'global' as const };
    for (const one of [worker('everywhere', { mode }), spec('each', { mode })]) {
      expect((await harbour.rollOut(one)).stage).toMatchObject({ outcome: 'succeeded' });
    }
    expect(hostsOf('everywhere')).toEqual([far, localHost]);
    expect(hostsOf('each')).toEqual([far]);
    for (const name of ['everywhere', 'each']) {
      await harbour.until(`${name} is well`, () => harbour.view(name).status === 'healthy');
    }
  });

  it('are lost: what was there is started elsewhere, and is not there twice when they are back', async () => {
    const own = engines[1];
    await own.end('SIGKILL');
    await harbour.until('it is stale', () => harbour.view('front').status === 'stale');
    harbour.putForward(lostAfterMs);
    await harbour.until('it serves here', async () => (await nearLocal.get(harbour.url('front')))?.status === 200);
    await own.startAgain();
    await harbour.until('it is here alone', () => {
      const hosts = hostsOf('front');
      return (
        harbour.view('front').status === 'healthy' && hosts.length === 2 && hosts.every((one) => one === localHost)
      );
    });
    expect(await nearLocal.get(harbour.url('front'))).toEqual({ status: 200, text: 'one' });
    const ofFront = { 'gantry.service': harbour.id('front') };
    await harbour.until('nothing of it is left there', async () => {
      const left = expectOk(await farDocker.engine.listContainers(ofFront));
      return left.every((each) => each.state !== 'running');
    });
    await harbour.orchestrator.engines.drain(localHost, true);
    await harbour.until('it is back there', () => hostsOf('front').every((one) => one === far));
    await harbour.orchestrator.engines.drain(localHost, false);
  });

  it('are forgotten with all that is there when it is given up', async () => {
    await harbour.orchestrator.engines.remove({ hostId: far, givingUp: true });
    await harbour.until('what was there is made again here', () => {
      const view = harbour.view('front');
      return view.status === 'healthy' && hostsOf('front').every((host) => host === localHost);
    });
    expect(await nearLocal.get(harbour.url('front'))).toEqual({ status: 200, text: 'one' });
    const keeper = harbour.orchestrator.views.service(serviceIdOf(harbour.projectId, other, 'keeper' as never));
    expect(keeper?.pending[0]?.why).toBe('1 host: 1 without the data of the volume data');
    const left = expectOk(await farDocker.engine.listContainers({ 'gantry.instance': harbour.docker.instance }));
    expect(left.filter((each) => each.state === 'running').length).toBeGreaterThan(0);
    const volume = { projectId: harbour.projectId, stack: other, name: 'data' as never };
    await harbour.orchestrator.services.remove(serviceIdOf(harbour.projectId, other, 'keeper' as never));
    await harbour.until(
      'it is gone',
      () => harbour.orchestrator.views.volumes(harbour.projectId)[1]?.usedBy.length === 0,
    );
    await expect(harbour.orchestrator.volumes.backUp(volume)).rejects.toMatchObject({
      message: expect.stringContaining('is on far, which is not set up any more'),
    });
    await harbour.orchestrator.volumes.remove({ ...volume, withoutBackup: true });
    expect(harbour.store.read.volume(harbour.projectId, other, 'data' as never)).toBeNull();
    expect(harbour.store.read.volume(harbour.projectId, mainStack, 'shared' as never)).not.toBeNull();
  });
});

const docker18 = { Version: '18.09.9', ApiVersion: '1.39', MinAPIVersion: '1.12', Os: 'linux', Arch: 'amd64' };

/** The very image of one engine on another one. */
async function copyImage(reference: string, from: OwnEngine, to: OwnEngine): Promise<void> {
  const socketOf = (engine: OwnEngine): string => join(engine.folder, 'docker.sock');
  const saved = await new Promise<NodeJS.ReadableStream>((resolve, reject) => {
    get({ socketPath: socketOf(from), path: `/images/${reference}/get` }, resolve).on('error', reject);
  });
  const load = request({ socketPath: socketOf(to), path: '/images/load', method: 'POST' });
  const answered = new Promise<number>((resolve, reject) => {
    load.on('error', reject).on('response', (answer) => {
      answer.resume().on('end', () => resolve(answer.statusCode ?? 0));
    });
  });
  await pipeline(saved, load);
  expect(await answered).toBe(200);
}
