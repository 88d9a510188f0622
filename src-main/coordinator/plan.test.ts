import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { scriptedWorkshop, writesOwnFile } from './scripted-workshop.fixture.ts';
import { refusalCode } from './workshop.fixture.ts';

describe('a plan', () => {
  it('is worked off in the order of its dependencies, every task merged exactly once', async () => {
    const { shop, worker } = await scriptedWorkshop(writesOwnFile);
    await shop.addTasks(
      { key: 'c', dependsOn: ['a', 'b'] },
      { key: 'a' },
      { key: 'b', dependsOn: ['a'] },
      { key: 'd' },
    );
    await shop.spawn(2);
    await shop.untilAllMerged();
    const log = shop.log();
    expect(log.toSorted()).toEqual(
      ['Begin', ...['a', 'b', 'c', 'd'].map((key) => `Merge ${key}: Task ${key}`)].toSorted(),
    );
    expect(log.indexOf('Merge c: Task c')).toBeLessThan(log.indexOf('Merge b: Task b'));
    expect(log.indexOf('Merge b: Task b')).toBeLessThan(log.indexOf('Merge a: Task a'));
    // The person's checkout followed and is clean; no worktree is left.
    expect(shop.git('status', '--porcelain')).toBe('');
    expect(existsSync(join(shop.repository, 'c.txt'))).toBe(true);
    await shop.until('lanes are cleaned up', () => shop.git('worktree', 'list').split('\n').length === 1);
    await shop.until('their branches are gone', () => shop.git('branch', '--list', 'gantry/*') === '');
    expect(worker.started).toHaveLength(4);
    expect(shop.view().counts).toMatchObject({ tasks: 4, tasksMerged: 4, mergeQueue: 0, lanesLive: 0 });
    expect(shop.coordinator.views.checkpoints(shop.projectId)).toHaveLength(5);
  });

  it('gives each lane its own ports, identity and environment', async () => {
    const { shop, worker } = await scriptedWorkshop(writesOwnFile);
    await shop.addTasks({ key: 'a' }, { key: 'b' });
    await shop.spawn(2);
    await shop.untilAllMerged();
    const [first, second] = worker.started;
    expect(first?.env['PORT']).not.toBe(second?.env['PORT']);
    expect(first?.cwd).not.toBe(second?.cwd);
    expect(worker.started.find((spec) => spec.env['GANTRY_TASK_ID'] === 'a')?.prompt).toContain('Task a: Task a');
    expect(shop.git('log', '--format=%an', '--no-merges', '--author=lane')).toContain('Gantry lane 2');
  });

  it('numbers tasks that are added at the same time', async () => {
    const { shop } = await scriptedWorkshop(writesOwnFile);
    const task = {
      title: 'One',
      prompt: 'p',
      dependsOn: [],
      priority: 3,
      phase: '',
      paths: [],
      agent: null,
      gate: null,
    };
    const { tasks } = shop.coordinator;
    await Promise.all([1, 2, 3].map(() => tasks.add(shop.projectId, [task, task])));
    expect(shop.taskStates()).toEqual([1, 2, 3, 4, 5, 6].map((number) => `T-${number} open`));
  });

  it('is loaded once, however often it is loaded', async () => {
    const { shop } = await scriptedWorkshop(writesOwnFile);
    const plan = 'tasks: [{id: a, title: A, prompt: p}, {id: b, title: B, prompt: p, dependsOn: [a]}]';
    const { tasks } = shop.coordinator;
    expect((await tasks.loadPlan(shop.projectId, 'plan.yaml', plan)).added).toHaveLength(2);
    expect(await tasks.loadPlan(shop.projectId, 'plan.yaml', plan)).toMatchObject({ added: [], kept: [{}, {}] });
    const cycle = 'tasks: [{id: x, title: X, prompt: p, dependsOn: [x]}]';
    expect(await refusalCode(tasks.loadPlan(shop.projectId, 'plan.yaml', cycle))).toBe('dependency-cycle');
  });
});
