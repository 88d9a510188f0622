import { describe, expect, it } from 'vitest';
import type { Lane } from '#shared/model/lane.ts';
import { decideLaneStep, nextRunId } from './lane-step.ts';
import { parseRunId, runIdOf } from './run-id.ts';
import { laneId, sampleLane, sampleReport, sampleTask, sampleWorkspace, workingLane } from './sample.fixture.ts';

const firstRun = runIdOf(laneId(1), { round: 0, attempt: 1 });

function stepOf(change: Partial<Lane>, report?: Parameters<typeof sampleReport>[1], workerConnected = true) {
  const { lane, task } = workingLane(1, sampleTask('a'), change);
  return decideLaneStep({ lane, task, workerConnected, report: report && sampleReport(lane, report) });
}

describe('decideLaneStep', () => {
  it.each([
    ['a queued lane waits', { stage: 'queued' }, 'none'],
    ['a submitted lane waits for its merge', { stage: 'submitted' }, 'none'],
    ['a claimed lane gets its worktree', { stage: 'claimed', workspace: null }, 'prepare'],
    ['an ended lane is cleaned up', { stage: 'ended' }, 'clean-up'],
    ['an ended lane without a worktree is done', { stage: 'ended', workspace: null }, 'none'],
  ] as const)('%s', (_, change, kind) => {
    expect(stepOf(change).kind).toBe(kind);
  });

  it('records a run before it is started', () => {
    expect(stepOf({ stage: 'claimed' })).toEqual({ kind: 'begin-run', runId: firstRun, rework: false });
  });

  it('starts a recorded run that the worker does not know, but only a worker that answers', () => {
    expect(stepOf({ runId: firstRun })).toEqual({ kind: 'start-run', runId: firstRun });
    expect(stepOf({ runId: firstRun }, undefined, false).kind).toBe('none');
  });

  it('lets a run run, and finishes one that has ended', () => {
    expect(stepOf({ runId: firstRun }, {}).kind).toBe('none');
    expect(stepOf({ runId: firstRun }, { state: 'ended' }).kind).toBe('finish-run');
  });

  it('begins another round when the work came back, whatever the old run says', () => {
    const secondRound = runIdOf(laneId(1), { round: 1, attempt: 1 });
    const expected = { kind: 'begin-run', runId: secondRound, rework: true };
    expect(stepOf({ runId: firstRun, reworks: 1 }, { state: 'ended' })).toEqual(expected);
    expect(stepOf({ runId: null, reworks: 1 })).toEqual(expected);
    expect(stepOf({ runId: secondRound, reworks: 1 }, {}).kind).toBe('none');
  });

  it('lets go of a lane whose task is not its own any more', () => {
    const { lane } = workingLane(1, sampleTask('a'), { runId: firstRun });
    const cancelled = sampleTask('a', { status: { state: 'cancelled', atMs: 1 } });
    const step = decideLaneStep({ lane, task: cancelled, workerConnected: true, report: undefined });
    expect(step).toEqual({ kind: 'let-go', because: 'Its task was cancelled.' });
  });

  it('looks at nothing but the lane once it has ended', () => {
    const lane = sampleLane(1, { stage: 'ended', workspace: sampleWorkspace });
    expect(decideLaneStep({ lane, task: null, workerConnected: false, report: undefined }).kind).toBe('clean-up');
  });
});

describe('run ids', () => {
  it('tell round and try, whatever the lane is called', () => {
    const tricky = 'lane-ar1n2r3' as never;
    const runId = runIdOf(tricky, { round: 2, attempt: 3 });
    expect(parseRunId(runId)).toEqual({ round: 2, attempt: 3 });
    expect(parseRunId('run-somethingelse' as never)).toBeNull();
    expect(nextRunId(sampleLane(1, { reworks: 2 }), runIdOf(laneId(1), { round: 2, attempt: 3 }))).toBe(
      runIdOf(laneId(1), { round: 2, attempt: 4 }),
    );
  });
});
