import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BranchName, ProjectId } from '#shared/model/ids.ts';
import { demo, main, projectId, rollbackId, StateFixture, checkpointId, commit } from '../state.fixture.ts';

let state: StateFixture;
beforeEach(() => {
  state = new StateFixture();
});
afterEach(() => state.dispose());

const open = {
  kind: 'project.open' as const,
  projectId,
  path: '/srv/parcel',
  targetBranch: main,
  gates: [],
  isDemo: false,
};
const nobody = 'nobody-000000' as ProjectId;

describe('project.open', () => {
  it('starts a project with its defaults', () => {
    state.accept({ ...open, name: 'parcel' });
    expect(state.read.project(projectId)).toMatchObject({ autoMerge: true, attemptsMax: 3, leaseMs: 30_000 });
  });

  it('keeps how a known project was configured', () => {
    state.accept({ ...open, name: 'parcel' });
    state.accept({ kind: 'project.configure', projectId, change: { attemptsMax: 7, autoMerge: false } });
    state.accept({ ...open, name: 'renamed', targetBranch: 'other' as BranchName });
    expect(state.read.project(projectId)).toMatchObject({
      name: 'renamed',
      targetBranch: 'main',
      attemptsMax: 7,
      autoMerge: false,
    });
  });

  it('refuses the same id for another folder', () => {
    state.accept({ ...open, name: 'parcel' });
    expect(state.refuse({ ...open, name: 'parcel', path: '/srv/other' }, 'wrong-state')).toContain('/srv/parcel');
  });
});

describe('project.configure', () => {
  beforeEach(() => state.begin());

  it('changes only what is named', () => {
    const before = state.read.project(projectId);
    state.accept({ kind: 'project.configure', projectId, change: { stallMs: 5_000 } });
    expect(state.read.project(projectId)).toEqual({ ...before, stallMs: 5_000 });
  });

  it('drops the reason of a pause once a person decides', () => {
    const because = 'Paused by a test.';
    state.accept({
      kind: 'project.configure',
      projectId,
      change: { autoMerge: false, autoMergePausedBecause: because },
    });
    expect(state.read.project(projectId)?.autoMergePausedBecause).toBe(because);
    state.accept({ kind: 'project.configure', projectId, change: { autoMerge: true } });
    expect(state.read.project(projectId)).toMatchObject({ autoMerge: true, autoMergePausedBecause: null });
  });

  it('refuses a reason while auto-merge is on, unknown projects and values out of range', () => {
    state.refuse({ kind: 'project.configure', projectId, change: { autoMergePausedBecause: 'Why.' } }, 'invalid-input');
    state.refuse({ kind: 'project.configure', projectId, change: { attemptsMax: 0 } }, 'invalid-input');
    state.refuse({ kind: 'project.configure', projectId: nobody, change: {} }, 'not-found');
  });
});

describe('project.forget', () => {
  it('removes all that belongs to the project', () => {
    state.begin('a', 'b').merged('a');
    state.accept({ kind: 'fleet.set', projectId, agent: demo, count: 2 });
    state.accept({ kind: 'project.forget', projectId });
    expect(state.read.projects()).toEqual([]);
    expect(state.read.tasks(projectId)).toEqual([]);
    expect(state.read.checkpoints(projectId)).toEqual([]);
  });

  it('refuses while lanes are live, while a rollback is under way, and for what is not there', () => {
    const lane = state.begin('a').queued();
    expect(state.refuse({ kind: 'project.forget', projectId }, 'wrong-state')).toContain('live lanes (1)');
    state.accept({
      kind: 'lane.end',
      laneId: lane,
      token: null,
      end: { kind: 'stopped', reason: 'Stopped.' },
      task: 'keep',
    });
    state.merged('a');
    state.accept({
      kind: 'rollback.begin',
      rollbackId: rollbackId(1),
      projectId,
      checkpointId: checkpointId(2),
      entryId: checkpointId(90),
      branch: main,
      beforeCommit: commit(2),
      afterCommit: commit(3),
      undoneCheckpoints: [],
      taskIds: [],
      services: [],
    });
    state.refuse({ kind: 'project.forget', projectId }, 'wrong-state');
    state.refuse({ kind: 'project.forget', projectId: nobody }, 'not-found');
  });
});

describe('fleet.set', () => {
  it('sets, changes and removes', () => {
    state.begin();
    state.accept({ kind: 'fleet.set', projectId, agent: demo, count: 2 });
    state.accept({ kind: 'fleet.set', projectId, agent: demo, count: 3 });
    expect(state.read.fleet(projectId)).toEqual([{ agent: demo, count: 3 }]);
    state.accept({ kind: 'fleet.set', projectId, agent: demo, count: 0 });
    state.accept({ kind: 'fleet.set', projectId, agent: demo, count: 0 });
    expect(state.read.fleet(projectId)).toEqual([]);
  });

  it('refuses unknown projects and counts that are none', () => {
    state.begin();
    state.refuse({ kind: 'fleet.set', projectId: nobody, agent: demo, count: 1 }, 'not-found');
    state.refuse({ kind: 'fleet.set', projectId, agent: demo, count: 0.5 }, 'invalid-input');
  });
});
