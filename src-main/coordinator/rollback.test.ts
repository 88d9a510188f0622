import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CheckpointId } from '#shared/model/ids.ts';
import type { AgentScript } from './drive/scripted-worker.fixture.ts';
import { scriptedWorkshop, writesOwnFile } from './scripted-workshop.fixture.ts';
import { ok, refusalCode } from './workshop.fixture.ts';

/** Three tasks merged one after the other. */
async function threeMerged(script: AgentScript = writesOwnFile) {
  const { shop, worker } = await scriptedWorkshop(script);
  await shop.addTasks({ key: 'a' }, { key: 'b', dependsOn: ['a'] }, { key: 'c', dependsOn: ['b'] });
  await shop.spawn(1);
  await shop.untilAllMerged();
  await shop.coordinator.lanes.setFleet(shop.projectId, 'demo' as never, 0);
  const { timeline } = shop.coordinator;
  const checkpointAfter = (label: string): CheckpointId => {
    const found = shop.coordinator.views.checkpoints(shop.projectId).find((entry) => entry.label === label);
    if (!found) throw new Error(`no checkpoint ${label}`);
    return found.id;
  };
  return { shop, worker, timeline, checkpointAfter };
}

describe('rolling back', () => {
  it('writes one commit for each merge, ends with the files of the checkpoint, reopens tasks; undo brings all back', async () => {
    const { shop, timeline, checkpointAfter } = await threeMerged();
    const before = shop.git('rev-parse', 'main');
    const goal = checkpointAfter('Task a');
    const plan = await timeline.plan(goal);
    expect(plan.commits.map((each) => each.taskKey)).toEqual(['c', 'b']);
    expect(plan.tasks.map((task) => task.key)).toEqual(['b', 'c']);
    expect(plan.files).toMatchObject({ count: 2, added: 0, removed: 2, sample: ['b.txt', 'c.txt'] });

    const rollback = await timeline.rollBack(goal, plan.fingerprint);
    expect(rollback).toMatchObject({ stage: 'done', number: 1 });
    expect(shop.log().slice(0, 3)).toEqual(['Revert b: Task b', 'Revert c: Task c', 'Merge c: Task c']);
    expect(shop.git('rev-parse', 'main^{tree}')).toBe(shop.git('rev-parse', `${plan.toCommit}^{tree}`));
    expect(shop.git('merge-base', '--is-ancestor', before, 'main')).toBe('');
    expect(existsSync(join(shop.repository, 'c.txt'))).toBe(false);
    expect(shop.taskStates()).toEqual(['a merged', 'b open', 'c open']);
    expect(shop.view()).toMatchObject({ autoMerge: false, rollingBack: false });

    expect((await timeline.undo(rollback.id)).stage).toBe('undone');
    expect(shop.git('rev-parse', 'main^{tree}')).toBe(shop.git('rev-parse', `${before}^{tree}`));
    expect(shop.log()[0]).toBe('Undo rollback R-1');
    expect(shop.taskStates()).toEqual(['a merged', 'b merged', 'c merged']);
    expect(shop.git('status', '--porcelain')).toBe('');
    expect(shop.view().autoMerge).toBe(true);
  });

  it('refuses a plan that is outdated, and one that would do nothing', async () => {
    const { shop, timeline, checkpointAfter } = await threeMerged();
    const goal = checkpointAfter('Task a');
    const plan = await timeline.plan(goal);
    shop.git('commit', '--quiet', '--allow-empty', '-m', 'From outside');
    const head = shop.git('rev-parse', 'main');
    expect(await refusalCode(timeline.rollBack(goal, plan.fingerprint))).toBe('outdated-plan');
    expect(shop.git('rev-parse', 'main')).toBe(head);

    const fresh = await timeline.plan(goal);
    expect(fresh.warnings[0]).toBe('One commit that no lane made is taken back too.');
    await timeline.rollBack(goal, fresh.fingerprint);
    expect(shop.log()[0]).toBe('Revert b: Task b');
    const again = await timeline.plan(goal);
    expect(again.commits).toEqual([]);
    expect(await refusalCode(timeline.rollBack(goal, again.fingerprint))).toBe('wrong-state');
  });

  it('goes past an earlier rollback, and its tasks can be done again', async () => {
    const { shop, timeline, checkpointAfter } = await threeMerged();
    const afterB = await timeline.plan(checkpointAfter('Task b'));
    await timeline.rollBack(checkpointAfter('Task b'), afterB.fingerprint);
    await shop.coordinator.projects.configure(shop.projectId, { autoMerge: true });
    await shop.spawn(1);
    await shop.untilAllMerged();
    expect(shop.log()[0]).toBe('Merge c: Task c');

    const opened = shop.coordinator.views.checkpoints(shop.projectId).find((entry) => entry.kind === 'opened');
    const all = await timeline.plan(opened?.id as never);
    expect(all.commits.map((each) => each.taskKey)).toEqual(['c', 'b', 'a']);
    await shop.coordinator.lanes.setFleet(shop.projectId, 'demo' as never, 0);
    const fresh = await timeline.plan(opened?.id as never);
    await timeline.rollBack(opened?.id as never, fresh.fingerprint);
    expect(shop.git('ls-tree', '--name-only', 'main')).toBe('README.md');
    expect(shop.taskStates()).toEqual(['a open', 'b open', 'c open']);
  });

  it('ends the lanes that were built on what it takes back, and saves their work', async () => {
    const script: AgentScript = (run) => {
      if (run.spec.env['GANTRY_TASK_ID'] !== 'd') return writesOwnFile(run);
      writeFileSync(join(run.spec.cwd, 'd.txt'), 'half\n');
      return new Promise((resolve) => run.signal.addEventListener('abort', () => resolve(ok())));
    };
    const { shop, timeline, checkpointAfter } = await threeMerged(script);
    await shop.addTasks({ key: 'd' });
    await shop.spawn(1);
    const lane = () => shop.coordinator.views.lanes(shop.projectId).find((each) => each.taskKey === 'd');
    await shop.until('the lane runs', () => lane()?.status === 'running');
    const goal = checkpointAfter('Task b');
    const plan = await timeline.plan(goal);
    expect(plan.lanes).toMatchObject([{ number: lane()?.number, title: 'Task d' }]);
    await shop.coordinator.lanes.setFleet(shop.projectId, 'demo' as never, 0);
    await timeline.rollBack(goal, plan.fingerprint);
    expect(lane()?.end).toMatchObject({ kind: 'stopped' });
    expect(shop.taskStates()).toEqual(['a merged', 'b merged', 'c open', 'd open']);
    await shop.until('its worktree is gone', () => shop.git('worktree', 'list').split('\n').length === 1);
    const [saved] = shop.git('for-each-ref', '--format=%(refname)', 'refs/gantry/saved').split('\n');
    expect(shop.git('show', `${saved}:d.txt`)).toBe('half');
  });

  it('is undone on top of what landed since, which stays', async () => {
    const { shop, timeline, checkpointAfter } = await threeMerged();
    const goal = checkpointAfter('Task a');
    const rollback = await timeline.rollBack(goal, (await timeline.plan(goal)).fingerprint);
    writeFileSync(join(shop.repository, 'later.txt'), 'later\n');
    shop.git('add', '--all');
    shop.git('commit', '--quiet', '-m', 'Later');
    await timeline.undo(rollback.id);
    expect(shop.git('ls-tree', '--name-only', 'main').split('\n')).toEqual([
      'README.md',
      'a.txt',
      'b.txt',
      'c.txt',
      'later.txt',
    ]);
  });

  it('notes commits from outside on the timeline, and manual checkpoints', async () => {
    const { shop, timeline } = await threeMerged();
    const manual = await timeline.checkpoint(shop.projectId, 'before lunch');
    expect(manual).toMatchObject({ kind: 'manual', label: 'before lunch', afterCommit: shop.git('rev-parse', 'main') });
    shop.git('commit', '--quiet', '--allow-empty', '-m', 'From outside');
    await shop.until('it is noted', () =>
      shop.coordinator.views.checkpoints(shop.projectId).some((entry) => entry.label === '1 commit from outside'),
    );
  });
});
