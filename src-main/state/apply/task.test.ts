import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ProjectId, TaskKey } from '#shared/model/ids.ts';
import { projectId, StateFixture, taskId, taskSpec } from '../state.fixture.ts';

let state: StateFixture;
beforeEach(() => {
  state = new StateFixture().begin('a', 'b');
});
afterEach(() => state.dispose());

const keys = (...names: string[]) => names as TaskKey[];

describe('task.add', () => {
  it('adds in order, with dependencies on old and new tasks in any order', () => {
    const { taskIds } = state.accept({
      kind: 'task.add',
      projectId,
      tasks: [taskSpec('d', { dependsOn: ['c', 'a', 'a'] }), taskSpec('c')],
    });
    expect(taskIds).toEqual([taskId('d'), taskId('c')]);
    expect(state.read.tasks(projectId).map((task) => [task.key, task.order])).toEqual([
      ['a', 1],
      ['b', 2],
      ['d', 3],
      ['c', 4],
    ]);
    expect(state.task('d')).toMatchObject({ dependsOn: ['c', 'a'], attempts: 0, status: { state: 'open' } });
  });

  it.each([
    ['a key that exists', [taskSpec('c'), taskSpec('a')], 'duplicate-task', 'a task a'],
    ['a key given twice', [taskSpec('c'), taskSpec('c')], 'duplicate-task', 'a task c'],
    [
      'an unknown dependency',
      [taskSpec('c'), taskSpec('d', { dependsOn: ['x'] })],
      'unknown-dependency',
      'd depends on x',
    ],
    ['itself', [taskSpec('c', { dependsOn: ['c'] })], 'dependency-cycle', 'c → c'],
    [
      'a cycle',
      [taskSpec('c', { dependsOn: ['d'] }), taskSpec('d', { dependsOn: ['e'] }), taskSpec('e', { dependsOn: ['c'] })],
      'dependency-cycle',
      'c → d → e → c',
    ],
    ['a wrong shape', [taskSpec('c', { priority: 9 })], 'invalid-input', 'tasks.0.priority'],
  ] as const)('refuses all for %s', (_name, tasks, code, words) => {
    expect(state.refuse({ kind: 'task.add', projectId, tasks: [...tasks] }, code)).toContain(words);
  });

  it('refuses an unknown project', () => {
    state.refuse({ kind: 'task.add', projectId: 'x-1' as ProjectId, tasks: [taskSpec('c')] }, 'not-found');
  });
});

describe('task.edit', () => {
  it('changes only what is named', () => {
    const before = state.task('a');
    state.accept({ kind: 'task.edit', taskId: taskId('a'), change: { title: 'New', dependsOn: keys('b') } });
    expect(state.task('a')).toEqual({ ...before, title: 'New', dependsOn: ['b'] });
  });

  it('refuses cycles through other tasks and unknown dependencies', () => {
    state.accept({ kind: 'task.edit', taskId: taskId('a'), change: { dependsOn: keys('b') } });
    expect(
      state.refuse({ kind: 'task.edit', taskId: taskId('b'), change: { dependsOn: keys('a') } }, 'dependency-cycle'),
    ).toContain('b → a → b');
    state.refuse({ kind: 'task.edit', taskId: taskId('b'), change: { dependsOn: keys('x') } }, 'unknown-dependency');
    state.refuse({ kind: 'task.edit', taskId: taskId('x'), change: {} }, 'not-found');
  });

  it('is refused while a lane has the task, and once it is merged', () => {
    state.claimed('a');
    state.refuse({ kind: 'task.edit', taskId: taskId('a'), change: { title: 'New' } }, 'wrong-state');
    state.merged('b');
    state.refuse({ kind: 'task.edit', taskId: taskId('b'), change: { title: 'New' } }, 'wrong-state');
  });
});

describe('task.cancel and task.reopen', () => {
  it('cancels an open task and opens it again', () => {
    state.accept({ kind: 'task.cancel', taskId: taskId('a') });
    expect(state.task('a').status).toEqual({ state: 'cancelled', atMs: state.nowMs });
    state.refuse({ kind: 'task.cancel', taskId: taskId('a') }, 'wrong-state');
    state.accept({ kind: 'task.reopen', taskId: taskId('a') });
    expect(state.task('a').status).toEqual({ state: 'open' });
    state.refuse({ kind: 'task.reopen', taskId: taskId('a') }, 'wrong-state');
  });

  it('fences the lane out and withdraws a queued merge', () => {
    const walk = state.submitted('a');
    state.accept({ kind: 'task.cancel', taskId: taskId('a') });
    expect(state.read.merge(walk.mergeId)).toMatchObject({ stage: 'rejected', rejection: { kind: 'withdrawn' } });
    state.refuse({ kind: 'merge.requeue', mergeId: walk.mergeId, token: walk.token }, 'stale-token');
    const end = { kind: 'stopped', reason: 'Cancelled.' } as const;
    expect(
      state.accept({ kind: 'lane.end', laneId: walk.laneId, token: walk.token, end, task: 'keep' }).taskState,
    ).toBe('cancelled');
  });

  it('is refused while the work lands and once it has', () => {
    const walk = state.landing('a');
    expect(state.refuse({ kind: 'task.cancel', taskId: taskId('a') }, 'wrong-state')).toContain('landing');
    state.accept({ kind: 'merge.land', mergeId: walk.mergeId, token: walk.token });
    expect(state.refuse({ kind: 'task.cancel', taskId: taskId('a') }, 'wrong-state')).toContain('Roll back');
    state.refuse({ kind: 'task.cancel', taskId: taskId('x') }, 'not-found');
    state.refuse({ kind: 'task.reopen', taskId: taskId('x') }, 'not-found');
  });
});
