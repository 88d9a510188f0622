import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CheckpointId, ProjectId, TaskId } from '#shared/model/ids.ts';
import {
  checkpointId,
  commit,
  main,
  projectId,
  rollbackId,
  StateFixture,
  taskId,
  type Walk,
} from '../state.fixture.ts';

let state: StateFixture;
let a: Walk;
let b: Walk;
beforeEach(() => {
  state = new StateFixture().begin('a', 'b', 'c');
  a = state.merged('a');
  b = state.merged('b');
});
afterEach(() => state.dispose());

/** Back to how things were after a: takes b away. */
const begin = (change: { undone?: CheckpointId[]; taskIds?: TaskId[] } = {}) => ({
  kind: 'rollback.begin' as const,
  rollbackId: rollbackId(1),
  projectId,
  checkpointId: checkpointId(a.number),
  entryId: checkpointId(91),
  branch: main,
  beforeCommit: commit(50),
  afterCommit: commit(51),
  undoneCheckpoints: change.undone ?? [checkpointId(b.number)],
  taskIds: change.taskIds ?? [taskId('b')],
  services: [],
});
const finish = { kind: 'rollback.finish', rollbackId: rollbackId(1) } as const;
const beginUndo = {
  kind: 'rollback.beginUndo',
  rollbackId: rollbackId(1),
  entryId: checkpointId(92),
  beforeCommit: commit(51),
  afterCommit: commit(52),
} as const;
const finishUndo = { kind: 'rollback.finishUndo', rollbackId: rollbackId(1) } as const;

describe('a rollback', () => {
  it('pauses auto-merge and writes down what it is about to do', () => {
    state.accept(begin());
    expect(state.read.project(projectId)).toMatchObject({
      autoMerge: false,
      autoMergePausedBecause: 'Paused by rollback R-1. Turn on when you are ready.',
    });
    expect(state.read.rollback(rollbackId(1))).toMatchObject({
      number: 1,
      stage: 'reverting',
      afterCommit: commit(51),
    });
    expect(state.read.checkpoints(projectId)[0]).toMatchObject({ kind: 'rollback', afterCommit: null });
    expect(state.task('b').status.state).toBe('merged');
  });

  it('reopens tasks and marks checkpoints when git has moved', () => {
    state.accept(begin());
    state.accept(finish);
    expect(state.task('a').status.state).toBe('merged');
    expect(state.task('b')).toMatchObject({ attempts: 0, status: { state: 'open' } });
    expect(state.read.checkpoint(checkpointId(b.number))?.undoneBy).toBe(rollbackId(1));
    expect(state.read.checkpoint(checkpointId(91))?.afterCommit).toBe(commit(51));
    expect(state.read.rollback(rollbackId(1))).toMatchObject({ stage: 'done', endedAtMs: state.nowMs });
    expect(state.read.project(projectId)?.autoMerge).toBe(false);
  });

  it('leaves no trace in the timeline when git refused, and goes on merging', () => {
    state.accept(begin());
    state.accept({ kind: 'rollback.refuse', rollbackId: rollbackId(1), detail: 'The target moved.' });
    expect(state.read.rollback(rollbackId(1))).toMatchObject({ stage: 'refused', detail: 'The target moved.' });
    expect(state.read.checkpoint(checkpointId(91))).toBeNull();
    expect(state.read.project(projectId)).toMatchObject({ autoMerge: true, autoMergePausedBecause: null });
    state.refuse(finish, 'wrong-state');
  });

  it('refuses while another is under way, while a merge lands, and plans that are out of date', () => {
    state.refuse({ ...begin(), projectId: 'x-1' as ProjectId }, 'not-found');
    state.refuse({ ...begin(), checkpointId: checkpointId(99) }, 'not-found');
    state.refuse({ ...begin(), entryId: checkpointId(a.number) }, 'wrong-state');
    state.refuse(begin({ undone: [checkpointId(99)] }), 'outdated-plan');
    state.refuse(begin({ taskIds: [taskId('x')] }), 'outdated-plan');
    const landing = state.landing('c');
    expect(state.refuse(begin(), 'wrong-state')).toContain('landing');
    state.accept({ kind: 'merge.requeue', mergeId: landing.mergeId, token: landing.token });
    state.accept(begin());
    const second = { ...begin(), rollbackId: rollbackId(2), entryId: checkpointId(93) };
    expect(state.refuse(second, 'wrong-state')).toContain('R-1 is under way');
    state.refuse(
      {
        kind: 'merge.begin',
        mergeId: landing.mergeId,
        token: landing.token,
        branch: main,
        targetCommit: commit(1),
        mergeCommit: commit(2),
      },
      'wrong-state',
    );
    state.refuse(beginUndo, 'wrong-state');
    state.accept(finish);
    state.refuse(begin(), 'wrong-state');
  });
});

describe('a merge whose gates run when a rollback begins', () => {
  it('does not land before the rollback has ended', () => {
    const { mergeId, token } = state.gating('c');
    state.accept(begin());
    const land = {
      kind: 'merge.checkpoint',
      mergeId,
      token,
      checkpointId: checkpointId(70),
      label: 'Merged c',
    } as const;
    expect(state.refuse(land, 'wrong-state')).toContain('R-1 is under way');
    state.accept(finish);
    state.accept(land);
  });
});

describe('an undo', () => {
  beforeEach(() => {
    state.accept(begin());
    state.accept(finish);
  });

  it('gives everything back', () => {
    const before = state.task('a');
    state.accept(beginUndo);
    expect(state.read.rollback(rollbackId(1))).toMatchObject({
      stage: 'undoing',
      undo: { entryId: checkpointId(92), beforeCommit: commit(51), afterCommit: commit(52) },
    });
    state.accept(finishUndo);
    expect(state.read.rollback(rollbackId(1))?.stage).toBe('undone');
    expect(state.task('b').status).toMatchObject({ state: 'merged', laneId: b.laneId });
    expect(state.task('a')).toEqual(before);
    expect(state.read.checkpoint(checkpointId(b.number))?.undoneBy).toBeNull();
    expect(state.read.checkpoint(checkpointId(92))).toMatchObject({ kind: 'undo', afterCommit: commit(52) });
    expect(state.read.project(projectId)?.autoMerge).toBe(true);
    state.refuse(beginUndo, 'wrong-state');
    state.refuse(finishUndo, 'wrong-state');
  });

  it('fences out a lane that had begun the task again', () => {
    const again = state.submitted('b');
    state.accept(beginUndo);
    state.accept(finishUndo);
    expect(state.read.merge(again.mergeId)?.stage).toBe('rejected');
    state.refuse({ kind: 'merge.requeue', mergeId: again.mergeId, token: again.token }, 'stale-token');
    const end = { kind: 'stopped', reason: 'Undone.' } as const;
    expect(
      state.accept({ kind: 'lane.end', laneId: again.laneId, token: again.token, end, task: 'keep' }).taskState,
    ).toBe('merged');
  });

  it('keeps a person’s decision about auto-merge', () => {
    state.accept({ kind: 'project.configure', projectId, change: { autoMerge: false } });
    state.accept(beginUndo);
    state.accept(finishUndo);
    expect(state.read.project(projectId)?.autoMerge).toBe(false);
  });

  it('leaves the rollback standing when git refused, and may be tried again', () => {
    state.accept(beginUndo);
    state.accept({ kind: 'rollback.refuseUndo', rollbackId: rollbackId(1), detail: 'The target moved.' });
    expect(state.read.rollback(rollbackId(1))).toMatchObject({
      stage: 'done',
      detail: 'The target moved.',
      undo: null,
    });
    expect(state.read.checkpoint(checkpointId(92))).toBeNull();
    state.accept(beginUndo);
  });

  it.each(['rollback.finish', 'rollback.finishUndo'] as const)('%s refuses what is not there', (kind) => {
    state.refuse({ kind, rollbackId: rollbackId(9) }, 'not-found');
  });
});

describe('checkpoint.add', () => {
  const add = {
    kind: 'checkpoint.add',
    checkpointId: checkpointId(80),
    projectId,
    checkpointKind: 'manual',
    label: 'Before lunch',
    branch: main,
    beforeCommit: commit(3),
    afterCommit: commit(3),
  } as const;

  it('takes the next number and the states of the tasks', () => {
    state.accept(add);
    expect(state.read.checkpoint(checkpointId(80))).toMatchObject({
      number: 3,
      kind: 'manual',
      tasksByState: { merged: '1-2', open: '3' },
    });
    state.refuse(add, 'wrong-state');
    state.refuse({ ...add, checkpointId: checkpointId(81), projectId: 'x-1' as ProjectId }, 'not-found');
  });
});
