import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { assertDefined } from '#shared/base/assert.ts';
import type { Rollback } from '#shared/model/checkpoint.ts';
import type { CheckpointId } from '#shared/model/ids.ts';
import { ScriptedWorker } from '../coordinator/drive/scripted-worker.fixture.ts';
import type { World } from '../coordinator/drive/world.ts';
import { mortal } from '../coordinator/mortal.fixture.ts';
import { writesOwnFile } from '../coordinator/scripted-workshop.fixture.ts';
import { anyAgent, Workshop } from '../coordinator/workshop.fixture.ts';
import { requireDocker } from '../docker/docker.fixture.ts';
import { Harbour } from './harbour.fixture.ts';

const problem = await requireDocker();

/** A coordinator and an orchestrator on one store, as the app has them. */
describe.skipIf(problem !== null)('code and services go back together', { timeout: 120_000 }, () => {
  let shop: Workshop;
  let harbour: Harbour;
  let one: string;
  let two: string;

  beforeAll(async () => {
    shop = new Workshop({ worker: new ScriptedWorker(writesOwnFile) });
    const coordinator = await shop.open(world());
    harbour = await Harbour.on({
      store: shop.store,
      projectId: shop.projectId,
      code: coordinator.code(join(shop.root, 'builds')),
    });
    one = await harbour.docker.webImage('one');
    two = await harbour.docker.webImage('two');
  }, 60_000);
  afterAll(async () => {
    await harbour.dispose();
    await shop.dispose();
  }, 60_000);

  let number = 0;
  let good: CheckpointId;
  let treeBefore: string;
  let treeAfter: string;

  /** A task merged and a revision served; a checkpoint; one more of each. */
  beforeEach(async () => {
    number += 1;
    await Promise.all([merge(`before-${number}`), serve(one)]);
    good = (await shop.coordinator.timeline.checkpoint(shop.projectId, `good ${number}`)).id;
    treeBefore = tree();
    await Promise.all([serve(two), merge(`after-${number}`)]);
    treeAfter = tree();
  }, 60_000);
  afterEach(async () => {
    await harbour.orchestrator.services.remove(web());
    await harbour.until('it is gone', () => shop.store.read.service(web()) === null);
    await harbour.orchestrator.volumes.remove({
      projectId: shop.projectId,
      stack: 'main' as never,
      name: 'data' as never,
      withoutBackup: true,
    });
  }, 60_000);

  function world(): World {
    return {
      ...shop.world(),
      services: { backUp: async (serviceIds, why) => harbour.orchestrator.volumes.backUpFor(serviceIds, why) },
    };
  }

  const name = (): string => `web-${number}`;
  const web = () => harbour.id(name());
  const tree = (): string => shop.git('rev-parse', 'main^{tree}');

  async function merge(key: string): Promise<void> {
    await shop.coordinator.projects.configure(shop.projectId, { autoMerge: true });
    await shop.addTasks({ key });
    await shop.spawn(1, anyAgent);
    await shop.until(`${key} is merged`, () => shop.taskStates().includes(`${key} merged`));
    await shop.coordinator.lanes.setFleet(shop.projectId, anyAgent, 0);
  }

  async function serve(image: string): Promise<void> {
    const spec = harbour.spec(name(), image, {
      mounts: [{ kind: 'volume', volume: 'data', target: '/data' }],
      update: { monitorMs: 0 },
    });
    expect((await harbour.rollOut(spec)).stage).toMatchObject({ outcome: 'succeeded' });
  }

  async function answer(): Promise<string> {
    return (await fetch(harbour.url(name()))).text();
  }

  /** Serves this, with no rollout under way. */
  async function serves(text: string): Promise<void> {
    expect((await harbour.settled(web())).stage).toMatchObject({ outcome: 'succeeded' });
    expect(await answer()).toBe(text);
  }

  function stored(id: Rollback['id']): Rollback {
    return assertDefined(shop.store.read.rollback(id), 'it was begun');
  }

  /** The coordinator dies right after (or before) this call; another one goes on from what is stored. */
  async function dieAt(call: string, act: () => Promise<unknown>, when: 'before' | 'after' = 'after'): Promise<void> {
    shop.coordinator.dispose();
    await shop.coordinator.idle();
    const life = mortal(world(), (each) => each === call, { at: 1, when });
    await shop.open(life.world);
    void act();
    expect(await life.died).toBe(call);
    shop.coordinator.dispose();
  }

  const rollBack = async (): Promise<Rollback> => {
    const { timeline } = shop.coordinator;
    return timeline.rollBack(good, (await timeline.plan(good)).fingerprint);
  };

  it('by one plan, which names both and what it does not take back; undo brings both forth', async () => {
    const { timeline } = shop.coordinator;
    const plan = await timeline.plan(good);
    expect(plan.commits.map(({ taskKey }) => taskKey)).toEqual([`after-${number}`]);
    expect(plan.services).toMatchObject([{ name: name(), fromRevision: 2, toRevision: 1, strategy: 'rolling' }]);
    expect(plan.warnings.join('\n')).toContain(`${name()} has written to data. The data stays as it is`);

    const rollback = await timeline.rollBack(good, plan.fingerprint);
    expect(rollback.stage).toBe('done');
    expect(tree()).toBe(treeBefore);
    await serves('one');
    expect(stored(rollback.id).services).toMatchObject([{ serviceId: web(), rolloutId: expect.any(String) }]);
    const volume = harbour.orchestrator.views.volumes(shop.projectId).find((each) => each.name === 'data');
    expect(volume?.backups[0]?.why).toMatch(/^before the rollback to good/);

    expect((await timeline.undo(rollback.id)).stage).toBe('undone');
    expect(tree()).toBe(treeAfter);
    await serves('two');
  });

  it('only services, where the code is the same', async () => {
    const { timeline } = shop.coordinator;
    const now = (await timeline.checkpoint(shop.projectId, 'now')).id;
    await harbour.rollOut(harbour.spec(name(), one, { env: { VERSION: '3' } }));
    const head = shop.git('rev-parse', 'main');
    const plan = await timeline.plan(now);
    expect(plan).toMatchObject({ commits: [], services: [{ fromRevision: 3, toRevision: 2 }] });
    const rollback = await timeline.rollBack(now, plan.fingerprint);
    await serves('two');
    expect(shop.git('rev-parse', 'main')).toBe(head);
    await timeline.undo(rollback.id);
    await serves('one');
    expect(tree()).toBe(treeAfter);
  });

  it.each([
    ['moveBranch', 'moveBranch'],
    ['rollback.finish', 'rollback.finishUndo'],
    ['service.rollBack', 'service.rollBack'],
  ])('also when it ends right after %s, and forth when the undo ends right after %s', async (call, undoCall) => {
    await dieAt(call, rollBack);
    await shop.open(world());
    expect(tree()).toBe(treeBefore);
    await serves('one');
    const [rollback] = shop.store.read.rollbacks(shop.projectId).toSorted((a, b) => b.number - a.number);
    expect(rollback).toMatchObject({ stage: 'done', services: [{ rolloutId: expect.any(String) }] });
    expect(shop.store.read.rollouts(web())).toHaveLength(3);

    const { id } = assertDefined(rollback, 'it was begun');
    await dieAt(undoCall, () => shop.coordinator.timeline.undo(id));
    await shop.open(world());
    expect(stored(id).stage).toBe('undone');
    expect(tree()).toBe(treeAfter);
    await serves('two');
    expect(shop.store.read.rollouts(web())).toHaveLength(4);
  });

  it('and a restart later does not take back what a person did since', async () => {
    await rollBack();
    await serves('one');
    await harbour.orchestrator.services.rollBack(web(), 2);
    await serves('two');
    shop.coordinator.dispose();
    await shop.coordinator.idle();
    await shop.open(world());
    await serves('two');
    expect(shop.store.read.rollouts(web())).toHaveLength(4);
  });
});
