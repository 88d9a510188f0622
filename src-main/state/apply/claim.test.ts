import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AgentRef } from '#shared/model/agent.ts';
import type { ClaimToken, ProjectId, TaskKey } from '#shared/model/ids.ts';
import { demo, laneId, projectId, runId, StateFixture, taskId, taskSpec } from '../state.fixture.ts';

let state: StateFixture;
beforeEach(() => {
  state = new StateFixture().begin('a', 'b');
});
afterEach(() => state.dispose());

const leaseMs = 30_000;

describe('task.claim', () => {
  it('gives the token, the lease, and the task to the lane', () => {
    const lane = state.queued();
    const granted = state.accept({ kind: 'task.claim', taskId: taskId('a'), laneId: lane, leaseMs });
    expect(granted).toEqual({ token: state.read.appliedIndex(), leaseUntilMs: state.nowMs + leaseMs });
    expect(state.task('a').status).toEqual({ state: 'claimed', laneId: lane, ...granted });
    expect(state.read.lane(lane)).toMatchObject({ stage: 'claimed', taskId: taskId('a'), token: granted.token });
  });

  it('gives one task to one of ten claimants', () => {
    const lanes = Array.from({ length: 10 }, () => state.queued());
    const outcomes = lanes.map((lane) =>
      state.apply({ kind: 'task.claim', taskId: taskId('a'), laneId: lane, leaseMs }),
    );
    expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(1);
    for (const outcome of outcomes) if (!outcome.ok) expect(outcome.error.code).toBe('already-claimed');
    expect(state.read.lanes(projectId).filter((lane) => lane.stage === 'claimed')).toHaveLength(1);
  });

  it('waits for dependencies to be merged', () => {
    state.accept({ kind: 'task.edit', taskId: taskId('b'), change: { dependsOn: ['a'] as TaskKey[] } });
    const lane = state.queued();
    const claim = { kind: 'task.claim', taskId: taskId('b'), laneId: lane, leaseMs } as const;
    expect(state.refuse(claim, 'wrong-state')).toContain('waits for a');
    state.merged('a');
    state.accept(claim);
  });

  it('refuses what does not fit', () => {
    const lane = state.queued();
    const claim = { kind: 'task.claim', taskId: taskId('a'), laneId: lane, leaseMs } as const;
    state.refuse({ ...claim, taskId: taskId('x') }, 'not-found');
    state.refuse({ ...claim, laneId: laneId(99) }, 'not-found');
    state.refuse({ ...claim, leaseMs: 0 }, 'invalid-input');
    state.refuse({ ...claim, atMs: 1.5 }, 'invalid-input');

    state.accept({ kind: 'task.edit', taskId: taskId('a'), change: { agent: 'codex' as AgentRef } });
    expect(state.refuse(claim, 'wrong-state')).toContain('meant for codex');

    state.accept({ kind: 'task.cancel', taskId: taskId('a') });
    expect(state.refuse(claim, 'wrong-state')).toContain('cancelled');

    state.accept({ ...claim, taskId: taskId('b') });
    state.accept({ kind: 'task.add', projectId, tasks: [taskSpec('c')] });
    expect(state.refuse({ ...claim, taskId: taskId('c') }, 'wrong-state')).toContain('is claimed');
  });

  it('refuses a lane of another project', () => {
    const other = 'other-000000' as ProjectId;
    state.accept({
      kind: 'project.open',
      projectId: other,
      path: '/srv/other',
      name: 'other',
      targetBranch: 'main' as never,
      gates: [],
      isDemo: false,
    });
    state.accept({ kind: 'lane.open', laneId: laneId(50), projectId: other, agent: demo });
    state.refuse({ kind: 'task.claim', taskId: taskId('a'), laneId: laneId(50), leaseMs }, 'wrong-state');
  });
});

describe('claim.renew', () => {
  it('prolongs what is held and names what is not', () => {
    const held = state.claimed('a');
    const submitted = state.submitted('b');
    state.nowMs += 10_000;
    const { lost } = state.accept({
      kind: 'claim.renew',
      leaseMs,
      claims: [
        { taskId: held.taskId, token: held.token },
        { taskId: submitted.taskId, token: submitted.token },
        { taskId: held.taskId, token: ((held.token - 1) as ClaimToken) || (1 as ClaimToken) },
        { taskId: taskId('x'), token: held.token },
      ],
    });
    expect(lost).toEqual([held.taskId, taskId('x')]);
    expect(state.task('a').status).toMatchObject({ leaseUntilMs: state.nowMs + leaseMs });
  });

  it('takes nothing away when the proposer’s clock is behind', () => {
    const held = state.claimed('a');
    const before = state.task('a');
    state.accept({
      kind: 'claim.renew',
      leaseMs: 1,
      atMs: 5,
      claims: [{ taskId: held.taskId, token: held.token }],
    });
    expect(state.task('a')).toEqual(before);
  });
});

describe('claim.expire', () => {
  it('ends what is over, counts an attempt and refuses the late result', () => {
    const late = state.working('a');
    state.nowMs += leaseMs - 1;
    expect(state.accept({ kind: 'claim.expire', projectId }).expired).toEqual([]);
    state.nowMs += 1;
    expect(state.accept({ kind: 'claim.expire', projectId }).expired).toEqual([taskId('a')]);
    expect(state.task('a')).toMatchObject({ attempts: 1, status: { state: 'open' } });
    expect(state.read.lane(late.laneId)).toMatchObject({ stage: 'ended', end: { kind: 'failed' } });

    const next = state.claimed('a');
    expect(next.token).toBeGreaterThan(late.token);
    state.refuse({ kind: 'lane.run', laneId: late.laneId, token: late.token, runId: runId(2) }, 'stale-token');
    state.refuse(
      {
        kind: 'lane.end',
        laneId: late.laneId,
        token: late.token,
        end: { kind: 'stopped', reason: 'Late.' },
        task: 'reopen',
      },
      'stale-token',
    );
  });

  it('leaves a submitted task alone, and fails a task after its last attempt', () => {
    state.submitted('b');
    state.accept({ kind: 'project.configure', projectId, change: { attemptsMax: 1 } });
    state.claimed('a');
    state.nowMs += leaseMs;
    expect(state.accept({ kind: 'claim.expire', projectId }).expired).toEqual([taskId('a')]);
    expect(state.task('a').status.state).toBe('failed');
    state.refuse({ kind: 'claim.expire', projectId: 'x-1' as ProjectId }, 'not-found');
  });
});
