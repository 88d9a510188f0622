import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assertDefined } from '#shared/base/assert.ts';
import type { PreviewView } from '#shared/contract/service-views.ts';
import type { LaneId } from '#shared/model/ids.ts';
import { type AgentScript, ScriptedWorker } from '../coordinator/drive/scripted-worker.fixture.ts';
import { ok, Workshop } from '../coordinator/workshop.fixture.ts';
import { expectOk, requireDocker } from '../docker/docker.fixture.ts';
import { Harbour } from './harbour.fixture.ts';

const problem = await requireDocker();

const servicesFile = `kind: Service
name: web
build: .
ports: [{containerPort: 8080, publish: true}]
health: {http: /healthz, interval: 200ms, timeout: 1s}
stopGrace: 1s
volumes: ["uploads:/uploads"]
update: {monitor: 100ms, healthDeadline: 15s}
`;

/** Lanes of a real repository, as the coordinator has them, on a real engine. */
describe.skipIf(problem !== null)('the preview of a branch', { timeout: 120_000 }, () => {
  let shop: Workshop;
  let harbour: Harbour;
  let laneId: LaneId;
  let stack: string;

  /** The agent's own work is not committed as long as it works. */
  const worksOn: AgentScript = (run) => {
    writeFileSync(join(run.spec.cwd, 'index.html'), 'the branch');
    return new Promise((resolve) => run.signal.addEventListener('abort', () => resolve(ok())));
  };

  beforeAll(async () => {
    // The harbour needs the project's store, and the Dockerfile an image of the harbour's: the repository comes first.
    shop = new Workshop({
      worker: new ScriptedWorker(worksOn),
      files: { 'index.html': 'main', 'gantry.services.yaml': servicesFile, Dockerfile: 'FROM scratch\n' },
    });
    const coordinator = await shop.open();
    harbour = await Harbour.on({
      store: shop.store,
      projectId: shop.projectId,
      code: coordinator.code(join(shop.root, 'builds')),
    });
    const base = await harbour.docker.webImage('nothing yet');
    writeFileSync(join(shop.repository, 'Dockerfile'), `FROM ${base}\nCOPY index.html /www/index.html\n`);
    shop.git('commit', '--quiet', '--all', '-m', 'Serve a page');
    await shop.addTasks({ key: 'page' });
    await shop.spawn(1);
    await shop.until('the lane runs', () => coordinator.views.lanes(shop.projectId)[0]?.status === 'running');
    const lane = assertDefined(coordinator.views.lanes(shop.projectId)[0], 'it runs');
    laneId = lane.id;
    stack = `lane-${lane.number}`;
  }, 60_000);
  afterAll(async () => {
    await harbour.dispose();
    await shop.dispose();
  }, 60_000);

  function preview(): PreviewView {
    return assertDefined(harbour.orchestrator.views.previews(shop.projectId)[0], 'the preview is stored');
  }

  async function settled(state: string): Promise<PreviewView> {
    await harbour.until(`the preview is ${state}`, () => preview().preview.state === state);
    return preview();
  }

  function worktree(): string {
    return assertDefined(shop.store.read.lane(laneId)?.workspace?.worktree, 'the lane runs');
  }

  async function textAt(url: string | null | undefined): Promise<string> {
    return (await fetch(assertDefined(url, 'it is published'))).text();
  }

  /** What of the preview is on the engine. */
  async function onEngine(): Promise<Record<'containers' | 'networks' | 'volumes', number>> {
    const { engine, instance } = harbour.docker;
    const labels = { 'gantry.instance': instance, 'gantry.stack': stack };
    return {
      containers: expectOk(await engine.listContainers(labels)).length,
      networks: expectOk(await engine.listNetworks(labels)).length,
      volumes: expectOk(await engine.listVolumes(labels)).length,
    };
  }

  it('runs what lies in the worktree beside the main stack, on a port and a network of its own', async () => {
    const main = harbour.spec('web', await harbour.docker.webImage('main'), {
      mode: { kind: 'replicated', replicas: 2 },
      ports: [{ containerPort: 8_080, publish: {} }],
    });
    await harbour.rollOut(main);
    await harbour.orchestrator.previews.start(laneId);
    const { services } = await settled('running');
    expect(services).toMatchObject([{ name: 'web', status: 'healthy' }]);
    expect(await textAt(services[0]?.url)).toBe('the branch');
    expect(await textAt(harbour.url('web'))).toBe('main');
    expect(services[0]?.url).not.toBe(harbour.url('web', ''));
    expect(await onEngine()).toEqual({ containers: 2, networks: 1, volumes: 1 });
    // The person's own index and files are as they were.
    expect(execFileSync('git', ['status', '--porcelain'], { cwd: worktree(), encoding: 'utf8' })).toBe(
      ' M index.html\n',
    );
  });

  it('follows the branch when it is started again, at the same address', async () => {
    const before = preview().services[0]?.url;
    writeFileSync(join(worktree(), 'index.html'), 'the branch, improved');
    await harbour.orchestrator.previews.start(laneId);
    const { services } = await settled('running');
    expect(services[0]?.url).toBe(before);
    expect(await textAt(before)).toBe('the branch, improved');
  });

  it('says why a build failed, with its last output, and serves on what it had', async () => {
    const dockerfile = shop.git('show', 'main:Dockerfile');
    writeFileSync(join(worktree(), 'Dockerfile'), `${dockerfile}\nRUN echo no glue left; exit 3\n`);
    await harbour.orchestrator.previews.start(laneId);
    const failed = await settled('failed');
    expect(failed.preview.detail).toMatch(/^web: .*3/);
    expect(failed.buildTail).toContain('no glue left');
    expect(await textAt(failed.services[0]?.url)).toBe('the branch, improved');
    writeFileSync(join(worktree(), 'Dockerfile'), `${dockerfile}\n`);
    await harbour.orchestrator.previews.start(laneId);
    expect((await settled('running')).preview.detail).toBeNull();
  });

  it('is promoted as the very image that it runs; the port and the scale of the main stack stay', async () => {
    const address = harbour.url('web');
    const { serviceIds } = await harbour.orchestrator.previews.promote(laneId, null);
    expect(serviceIds).toEqual([harbour.id('web')]);
    expect((await harbour.settled(harbour.id('web'))).stage).toMatchObject({ outcome: 'succeeded' });
    expect(harbour.url('web')).toBe(address);
    expect(await textAt(address)).toBe('the branch, improved');
    const { read } = shop.store;
    const main = assertDefined(read.service(harbour.id('web')), 'it was deployed');
    const own = assertDefined(read.service(assertDefined(preview().services[0], 'it runs').id), 'it runs');
    const promoted = read.revision(main.id, main.servingRevision ?? 0);
    const built = read.revision(own.id, own.servingRevision ?? 0);
    expect(promoted?.digest).toBe(built?.digest);
    expect(promoted?.digest).toMatch(/^sha256:/);
    expect(promoted?.commit).toBe(built?.commit);
    expect(promoted?.spec).toMatchObject({ mode: { kind: 'replicated', replicas: 2 } });
    expect(promoted?.origin).toMatchObject({ kind: 'lane', laneId });
  });

  it('leaves nothing when it is stopped', async () => {
    await harbour.orchestrator.previews.stop(laneId);
    await harbour.until('it is forgotten', () => harbour.orchestrator.views.previews(shop.projectId).length === 0);
    await harbour.until('its network is gone', async () => (await onEngine()).networks === 0);
    expect(await onEngine()).toEqual({ containers: 0, networks: 0, volumes: 0 });
    expect(await textAt(harbour.url('web'))).toBe('the branch, improved');
  });

  it('says what a branch lacks that does not say what it runs', async () => {
    rmSync(join(worktree(), 'gantry.services.yaml'));
    await expect(harbour.orchestrator.previews.start(laneId)).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringContaining('Add gantry.services.yaml or compose.yaml to it'),
    });
    expect(harbour.orchestrator.views.previews(shop.projectId)).toEqual([]);
  });

  it('is read from a Compose file too, and goes with its lane', async () => {
    const compose =
      'services:\n  web:\n    build: .\n    ports: ["8080"]\n    deploy: {update_config: {monitor: 200ms}}\n';
    writeFileSync(join(worktree(), 'compose.yaml'), compose);
    await harbour.orchestrator.previews.start(laneId);
    const { preview: stored, services } = await settled('running');
    expect(stored.fileName).toBe('compose.yaml');
    expect(await textAt(services[0]?.url)).toBe('the branch, improved');
    await shop.coordinator.lanes.setFleet(shop.projectId, 'demo' as never, 0);
    await shop.coordinator.lanes.stop(laneId);
    await harbour.until('it is forgotten', () => harbour.orchestrator.views.previews(shop.projectId).length === 0);
    await harbour.until('its network is gone', async () => (await onEngine()).networks === 0);
    expect(await onEngine()).toEqual({ containers: 0, networks: 0, volumes: 0 });
  });
});
