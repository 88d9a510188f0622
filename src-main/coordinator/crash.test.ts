import { describe, expect, it, onTestFinished } from 'vitest';
import { assertDefined } from '#shared/base/assert.ts';
import { ScriptedWorker } from './drive/scripted-worker.fixture.ts';
import { type Death, mortal } from './mortal.fixture.ts';
import { scriptedWorkshop, writesOwnFile } from './scripted-workshop.fixture.ts';
import { anyAgent, Workshop } from './workshop.fixture.ts';

const gates = [{ name: 'check', command: 'ls *.txt', timeoutMs: 20_000 }];

async function openShop(): Promise<Workshop> {
  const { shop } = await scriptedWorkshop(writesOwnFile, { gates });
  await shop.reopenStore();
  return shop;
}

const merging = /^(merge\.|mergeTree|commitTree|keep|checkoutForGates|moveBranch)/;
const laneSteps = /^(task\.claim|lane\.|addLaneWorktree|commitAll|countChanges|removeLaneWorktree)/;

/** Works off one more task, dies once on the way if told so, goes on after a restart; answers the calls of its life. */
async function runTask(shop: Workshop, key: string, counts: RegExp, death: Death | null): Promise<readonly string[]> {
  const landedBefore = shop.log().length;
  const life = mortal(shop.world(), (call) => counts.test(call), death);
  await shop.open(life.world);
  await shop.addTasks({ key });
  if (shop.view().fleet.length === 0) await shop.spawn(1);
  if (death !== null) {
    // A later life may need fewer calls than the first: then it ends without having died.
    await shop.until('it died or was done', () => life.isDead() || shop.allMerged());
    await shop.reopenStore(true);
    await shop.open();
  }
  await shop.untilAllMerged();
  await shop.until('nothing is left of the lane', () => !shop.git('worktree', 'list').includes(`task-${key}`));
  expect(shop.log()).toHaveLength(landedBefore + 1);
  expect(shop.log()[0]).toBe(`Merge ${key}: Task ${key}`);
  const merges = shop.store.read.checkpoints(shop.projectId).filter((entry) => entry.kind === 'merge');
  expect(merges[0]?.afterCommit).toBe(shop.git('rev-parse', 'main'));
  expect(merges).toHaveLength(landedBefore);
  expect(shop.git('status', '--porcelain')).toBe('');
  await shop.reopenStore();
  return life.calls;
}

describe('a crash while a project is opened', () => {
  const opening = /^(project\.open|keep|checkpoint\.add)/;

  /** Opens a repository and dies on the way; answers what it counted. */
  async function openAndDie(death: Death): Promise<{ shop: Workshop; calls: readonly string[] }> {
    const shop = new Workshop({ worker: new ScriptedWorker(writesOwnFile) });
    onTestFinished(() => shop.dispose());
    const life = mortal(shop.world(), (call) => opening.test(call), death);
    await Promise.race([shop.open(life.world), life.died]);
    await shop.reopenStore(life.isDead());
    return { shop, calls: life.calls };
  }

  it.each([1, 2, 3])('after step %i leaves a project that begins with one checkpoint', async (at) => {
    const { shop, calls } = await openAndDie({ at, when: 'after' });
    expect(calls).toEqual(['project.open', 'keep', 'checkpoint.add'].slice(0, at));
    const project = assertDefined(shop.store.read.projects()[0], 'it was stored');
    shop.projectId = project.id;
    const head = shop.git('rev-parse', 'main');
    const { projects, views } = await shop.open();
    const opened = [{ kind: 'opened', number: 1, label: 'Opened repository', branch: 'main', afterCommit: head }];
    expect(views.checkpoints(project.id)).toMatchObject(opened);
    await Promise.all([projects.open(shop.repository), projects.open(shop.repository)]);
    expect(views.checkpoints(project.id)).toHaveLength(1);
    await shop.addTasks({ key: 'a' });
    await shop.spawn(1);
    await shop.untilAllMerged();
    expect(views.checkpoints(project.id).map((entry) => entry.kind)).toEqual(['merge', 'opened']);
  });
});

describe.each([
  ['merging', merging, 10],
  ['working', laneSteps, 8],
] as const)('a crash while %s', (_, counts, callsMin) => {
  it('after any step lands the work exactly once', { timeout: 240_000 }, async () => {
    const shop = await openShop();
    const calls = await runTask(shop, 'a', counts, null);
    expect(calls.length).toBeGreaterThanOrEqual(callsMin);
    for (let at = 1; at <= calls.length; at += 1) {
      await runTask(shop, `a${at}`, counts, { at, when: 'after' });
    }
  });
});

describe('a crash while rolling back', () => {
  const rolling = /^(rollback\.|commitTree|keep|moveBranch)/;

  async function openMerged(): Promise<Workshop> {
    const shop = await openShop();
    await shop.open();
    await shop.addTasks({ key: 'a' });
    await shop.spawn(1);
    await shop.untilAllMerged();
    await shop.coordinator.lanes.setFleet(shop.projectId, anyAgent, 0);
    await shop.reopenStore();
    return shop;
  }

  /** Rolls back to the beginning and undoes that, dies once on the way if told so; all is merged again in the end. */
  async function rollBackAndUndo(shop: Workshop, death: Death | null): Promise<readonly string[]> {
    const { read } = shop.store;
    const merged = shop.git('rev-parse', 'main^{tree}');
    const opened = read.checkpoints(shop.projectId).find((entry) => entry.kind === 'opened');
    const began = shop.git('rev-parse', `${opened?.afterCommit}^{tree}`);
    const rollbacksBefore = read.rollbacks(shop.projectId).length;

    const life = mortal(shop.world(), (call) => rolling.test(call), death);
    const { timeline } = await shop.open(life.world);
    const goal = opened?.id as never;
    const plan = await timeline.plan(goal);
    const both = timeline.rollBack(goal, plan.fingerprint).then((rollback) => timeline.undo(rollback.id));
    await Promise.race([both, life.died]);
    await shop.reopenStore(life.isDead());
    await shop.open();
    // Whatever was under way is complete or was never begun: stage, task and files agree.
    const rollback = shop.store.read.rollbacks(shop.projectId)[rollbacksBefore];
    expect([undefined, 'done', 'undone']).toContain(rollback?.stage);
    expect(shop.git('rev-parse', 'main^{tree}')).toBe(rollback?.stage === 'done' ? began : merged);
    expect(shop.taskStates()).toEqual([rollback?.stage === 'done' ? 'a open' : 'a merged']);
    expect(shop.git('status', '--porcelain')).toBe('');
    if (rollback?.stage === 'done') await shop.coordinator.timeline.undo(rollback.id);
    expect(shop.git('rev-parse', 'main^{tree}')).toBe(merged);
    await shop.reopenStore();
    return life.calls;
  }

  it('after any step leaves it done, undone or not begun', { timeout: 240_000 }, async () => {
    const shop = await openMerged();
    const calls = await rollBackAndUndo(shop, null);
    expect(calls.length).toBeGreaterThanOrEqual(8);
    for (let at = 1; at <= calls.length; at += 1) await rollBackAndUndo(shop, { at, when: 'after' });
  });
});
