import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ClaimToken, ProjectId } from '#shared/model/ids.ts';
import { commit, demo, laneId, mergeId, projectId, runId, StateFixture, taskId } from '../state.fixture.ts';

let state: StateFixture;
beforeEach(() => {
  state = new StateFixture().begin('a', 'b');
});
afterEach(() => state.dispose());

const stopped = { kind: 'stopped', reason: 'Stopped by you.' } as const;
const workspace = {
  worktree: '/srv/lanes/1',
  branch: 'gantry/lane-1' as never,
  baseCommit: commit(1),
  portFirst: 1,
  portLast: 2,
};

describe('lane.open', () => {
  it('counts within the project', () => {
    expect(state.accept({ kind: 'lane.open', laneId: laneId(71), projectId, agent: demo })).toEqual({ number: 1 });
    expect(state.accept({ kind: 'lane.open', laneId: laneId(72), projectId, agent: demo })).toEqual({ number: 2 });
    state.refuse({ kind: 'lane.open', laneId: laneId(72), projectId, agent: demo }, 'wrong-state');
    state.refuse({ kind: 'lane.open', laneId: laneId(73), projectId: 'x-1' as ProjectId, agent: demo }, 'not-found');
  });
});

describe('a lane’s way', () => {
  it('goes from claimed over working to submitted', () => {
    const walk = state.claimed('a');
    const { token } = walk;
    const run = { kind: 'lane.run', laneId: walk.laneId, token, runId: runId(1) } as const;
    expect(state.refuse(run, 'wrong-state')).toContain('no workspace');
    state.accept({ kind: 'lane.prepare', laneId: walk.laneId, token, workspace });
    state.accept(run);
    expect(state.read.lane(walk.laneId)).toMatchObject({ stage: 'working', workspace, startedAtMs: state.nowMs });
    state.refuse({ kind: 'lane.prepare', laneId: walk.laneId, token, workspace }, 'wrong-state');

    state.submit(walk, walk.mergeId);
    expect(state.read.lane(walk.laneId)?.stage).toBe('submitted');
    expect(state.task('a').status).toEqual({ state: 'submitted', laneId: walk.laneId, token });
    expect(state.read.merges(projectId, { open: true })).toMatchObject([{ id: walk.mergeId, stage: 'queued' }]);
    state.refuse(run, 'wrong-state');
  });

  it('refuses to submit twice, before working, or under a taken merge id', () => {
    const submit = {
      kind: 'lane.submit',
      headCommit: commit(9),
      changes: { files: 0, added: 0, removed: 0 },
      summary: '',
      usage: null,
    } as const;
    const first = state.submitted('a');
    state.refuse({ ...submit, laneId: first.laneId, token: first.token, mergeId: mergeId(9) }, 'wrong-state');
    const second = state.working('b');
    state.refuse({ ...submit, laneId: second.laneId, token: second.token, mergeId: first.mergeId }, 'wrong-state');
  });

  it('refuses every fenced command under a stale token', () => {
    const walk = state.working('a');
    const stale = { laneId: walk.laneId, token: (walk.token + 1) as ClaimToken };
    state.refuse({ kind: 'lane.prepare', ...stale, workspace }, 'stale-token');
    state.refuse({ kind: 'lane.run', ...stale, runId: runId(2) }, 'stale-token');
    state.refuse(
      {
        kind: 'lane.submit',
        ...stale,
        mergeId: mergeId(9),
        headCommit: commit(9),
        changes: { files: 0, added: 0, removed: 0 },
        summary: '',
        usage: null,
      },
      'stale-token',
    );
    state.refuse({ kind: 'lane.end', ...stale, end: stopped, task: 'reopen' }, 'stale-token');
    state.refuse({ kind: 'lane.end', ...stale, token: null, end: stopped, task: 'reopen' }, 'stale-token');
    state.refuse({ kind: 'lane.run', ...stale, laneId: laneId(99), runId: runId(2) }, 'not-found');
  });
});

describe('lane.end', () => {
  it.each([
    ['reopen', { attempts: 1, status: { state: 'open' } }],
    ['reopen-free', { attempts: 0, status: { state: 'open' } }],
    ['fail', { attempts: 0, status: { state: 'failed', reason: stopped.reason } }],
  ] as const)('%s', (fate, expected) => {
    const walk = state.working('a');
    const end = { kind: 'lane.end', laneId: walk.laneId, token: walk.token, end: stopped, task: fate } as const;
    expect(state.accept(end)).toEqual({ taskState: expected.status.state });
    expect(state.task('a')).toMatchObject(expected);
    expect(state.read.lane(walk.laneId)).toMatchObject({ stage: 'ended', end: stopped, endedAtMs: state.nowMs });
    state.refuse(end, 'stale-token');
  });

  it('fails the task when its attempts are used up', () => {
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      const walk = state.working('a');
      const { taskState } = state.accept({
        kind: 'lane.end',
        laneId: walk.laneId,
        token: walk.token,
        end: { kind: 'failed', reason: 'It crashed.', run: null },
        task: 'reopen',
      });
      expect(taskState).toBe(attempt < 3 ? 'open' : 'failed');
    }
    expect(state.task('a')).toMatchObject({ attempts: 3, status: { reason: 'It crashed.' } });
    state.accept({ kind: 'task.reopen', taskId: taskId('a') });
    expect(state.task('a').attempts).toBe(0);
  });

  it('ends a queued lane without a token, once', () => {
    const lane = state.queued();
    const end = { kind: 'lane.end', laneId: lane, token: null, end: stopped, task: 'keep' } as const;
    expect(state.accept(end)).toEqual({ taskState: null });
    state.refuse(end, 'wrong-state');
    state.refuse({ ...end, laneId: laneId(99) }, 'not-found');
  });

  it('withdraws its merge, but not one that is landing', () => {
    const queued = state.submitted('a');
    state.accept({ kind: 'lane.end', laneId: queued.laneId, token: queued.token, end: stopped, task: 'reopen-free' });
    expect(state.read.merge(queued.mergeId)).toMatchObject({ stage: 'rejected', rejection: { kind: 'withdrawn' } });
    const landing = state.landing('b');
    state.refuse(
      { kind: 'lane.end', laneId: landing.laneId, token: landing.token, end: stopped, task: 'reopen' },
      'wrong-state',
    );
  });

  it('refuses to keep a task that is held, and to call itself merged', () => {
    const walk = state.working('a');
    const end = { kind: 'lane.end', laneId: walk.laneId, token: walk.token } as const;
    state.refuse({ ...end, end: stopped, task: 'keep' }, 'wrong-state');
    state.refuse({ ...end, end: { kind: 'merged' }, task: 'keep' }, 'invalid-input');
  });
});
