import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { GateResult } from '#shared/model/gate.ts';
import type { ClaimToken } from '#shared/model/ids.ts';
import type { MergeRejection } from '#shared/model/merge.ts';
import { checkpointId, commit, main, mergeId, projectId, runId, StateFixture, type Walk } from '../state.fixture.ts';

let state: StateFixture;
beforeEach(() => {
  state = new StateFixture().begin('a', 'b');
});
afterEach(() => state.dispose());

const gate = (gateState: GateResult['state'], name = 'test'): GateResult => ({
  name,
  command: 'npm test',
  state: gateState,
  exitCode: gateState === 'passed' ? 0 : 1,
  durationMs: 12.5,
  startedAtMs: 1,
  outputTail: '',
});
const of = (walk: Walk) => ({ mergeId: walk.mergeId, token: walk.token });
const begin = { kind: 'merge.begin', branch: main, targetCommit: commit(1), mergeCommit: commit(2) } as const;
const conflict: MergeRejection = { kind: 'conflict', conflicts: [{ path: 'a.txt', hunk: '<<<<' }] };

describe('a merge’s way', () => {
  it('goes from queued over gating and landing to landed', () => {
    const walk = state.submitted('a');
    state.accept({ ...begin, ...of(walk) });
    state.accept({ kind: 'merge.gate', ...of(walk), result: gate('passed') });
    state.accept({ kind: 'merge.checkpoint', ...of(walk), checkpointId: checkpointId(1), label: 'Merged a' });
    expect(state.read.checkpoint(checkpointId(1))).toMatchObject({
      number: 1,
      kind: 'merge',
      beforeCommit: commit(1),
      afterCommit: null,
      changes: { files: 1, added: 2, removed: 0 },
      tasksByState: { submitted: '1', open: '2' },
    });
    state.accept({ kind: 'merge.land', ...of(walk) });
    expect(state.read.merge(walk.mergeId)).toMatchObject({ stage: 'landed', gates: [gate('passed')] });
    expect(state.task('a').status).toEqual({ state: 'merged', laneId: walk.laneId, atMs: state.nowMs });
    expect(state.read.lane(walk.laneId)).toMatchObject({ stage: 'ended', end: { kind: 'merged' } });
    expect(state.read.checkpoint(checkpointId(1))?.afterCommit).toBe(commit(2));
    expect(state.read.merges(projectId, { open: true })).toEqual([]);
  });

  it('has one merge of a project at a time', () => {
    state.gating('a');
    const second = state.submitted('b');
    expect(state.refuse({ ...begin, ...of(second) }, 'wrong-state')).toContain('one merge at a time');
  });

  it('refuses steps out of order', () => {
    const walk = state.submitted('a');
    const land = { kind: 'merge.land', ...of(walk) } as const;
    const check = { kind: 'merge.checkpoint', ...of(walk), checkpointId: checkpointId(1), label: '' } as const;
    state.refuse({ kind: 'merge.gate', ...of(walk), result: gate('passed') }, 'wrong-state');
    state.refuse(check, 'wrong-state');
    state.refuse(land, 'wrong-state');
    state.refuse({ kind: 'merge.requeue', ...of(walk) }, 'wrong-state');
    state.beginMerge(walk);
    state.refuse({ ...begin, ...of(walk) }, 'wrong-state');
    state.refuse(land, 'wrong-state');
    state.accept(check);
    state.refuse(check, 'wrong-state');
    state.accept(land);
    state.refuse(land, 'stale-token');
  });

  it('refuses every step under a stale token, and unknown merges', () => {
    const walk = state.gating('a');
    const stale = { mergeId: walk.mergeId, token: (walk.token + 1) as ClaimToken };
    const next = { kind: 'fail', reason: 'No.' } as const;
    state.refuse({ ...begin, ...stale }, 'stale-token');
    state.refuse({ kind: 'merge.gate', ...stale, result: gate('passed') }, 'stale-token');
    state.refuse({ kind: 'merge.checkpoint', ...stale, checkpointId: checkpointId(1), label: '' }, 'stale-token');
    state.refuse({ kind: 'merge.land', ...stale }, 'stale-token');
    state.refuse({ kind: 'merge.requeue', ...stale }, 'stale-token');
    state.refuse({ kind: 'merge.reject', ...stale, rejection: conflict, next }, 'stale-token');
    state.refuse({ kind: 'merge.land', mergeId: mergeId(99), token: walk.token }, 'not-found');
  });

  it('does not land past a failed gate, until that gate passes again', () => {
    const walk = state.gating('a');
    const check = { kind: 'merge.checkpoint', ...of(walk), checkpointId: checkpointId(1), label: '' } as const;
    state.accept({ kind: 'merge.gate', ...of(walk), result: gate('failed') });
    state.accept({ kind: 'merge.gate', ...of(walk), result: gate('passed', 'lint') });
    expect(state.refuse(check, 'wrong-state')).toContain('"test" failed');
    state.accept({ kind: 'merge.gate', ...of(walk), result: gate('passed') });
    state.accept(check);
  });
});

describe('merge.requeue', () => {
  it('goes back to its place, without evidence and without its checkpoint', () => {
    const first = state.landing('a');
    state.submitted('b');
    state.accept({ kind: 'merge.requeue', ...of(first) });
    expect(state.read.checkpoints(projectId)).toEqual([]);
    expect(state.read.merges(projectId, { open: true })).toMatchObject([
      { id: first.mergeId, stage: 'queued', targetCommit: null, checkpointId: null, gates: [] },
      { stage: 'queued' },
    ]);
    state.beginMerge(first);
  });
});

describe('merge.reject', () => {
  it('gives the work back to its lane, which may submit again', () => {
    const walk = state.submitted('a');
    const next = { kind: 'rework', reason: 'It conflicts in a.txt.', leaseMs: 5_000 } as const;
    state.accept({ kind: 'merge.reject', ...of(walk), rejection: conflict, next });
    expect(state.read.merge(walk.mergeId)).toMatchObject({ stage: 'rejected', rejection: conflict });
    expect(state.read.lane(walk.laneId)).toMatchObject({
      stage: 'working',
      runId: null,
      reworks: 1,
      reworkReason: next.reason,
    });
    expect(state.task('a').status).toMatchObject({ state: 'claimed', leaseUntilMs: state.nowMs + 5_000 });
    state.accept({ kind: 'lane.run', laneId: walk.laneId, token: walk.token, runId: runId(77) });
    state.submit(walk, mergeId(77));
    expect(state.read.merges(projectId, { laneId: walk.laneId }).map((merge) => merge.stage)).toEqual([
      'rejected',
      'queued',
    ]);
    state.refuse({ kind: 'merge.reject', ...of(walk), rejection: conflict, next }, 'wrong-state');
  });

  it('fails lane and task, and withdraws the checkpoint', () => {
    const walk = state.landing('a');
    const next = { kind: 'fail', reason: 'It never passes.' } as const;
    state.accept({ kind: 'merge.reject', ...of(walk), rejection: conflict, next });
    expect(state.task('a').status).toMatchObject({ state: 'failed', reason: next.reason, laneId: walk.laneId });
    expect(state.read.lane(walk.laneId)).toMatchObject({ stage: 'ended', end: { kind: 'failed' } });
    expect(state.read.checkpoints(projectId)).toEqual([]);
  });
});

describe('merge.approve', () => {
  it('approves what has not begun to land', () => {
    const walk = state.submitted('a');
    const approve = { kind: 'merge.approve', mergeId: walk.mergeId } as const;
    state.accept(approve);
    state.accept(approve);
    expect(state.read.merge(walk.mergeId)?.approved).toBe(true);
    state.refuse({ kind: 'merge.approve', mergeId: mergeId(99) }, 'not-found');
    state.refuse({ kind: 'merge.approve', mergeId: state.merged('b').mergeId }, 'wrong-state');
  });
});
