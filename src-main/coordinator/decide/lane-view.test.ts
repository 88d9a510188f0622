import { describe, expect, it } from 'vitest';
import type { LaneStatus } from '#shared/contract/views.ts';
import { beginRun, reduceEntries, silentActivity } from './lane-activity.ts';
import { laneStatus, laneView, type LaneViewFacts } from './lane-view.ts';
import { runIdOf } from './run-id.ts';
import {
  agentRef,
  laneId,
  sampleLane,
  sampleMerge,
  sampleProject,
  sampleReport,
  sampleTask,
  workingLane,
} from './sample.fixture.ts';

const runId = runIdOf(laneId(1), { round: 0, attempt: 1 });
const nowMs = 50_000;
const { lane, task } = workingLane(1, sampleTask('a'), { runId });
const asking = reduceEntries(beginRun(silentActivity, runId), [
  {
    seq: 1,
    atMs: nowMs,
    event: { type: 'permission', requestId: 'q', title: 'Wants npm', command: 'npm i', options: [] },
  },
]);

function facts(change: Partial<LaneViewFacts> = {}): LaneViewFacts {
  return {
    project: sampleProject,
    lane,
    task,
    merge: null,
    activity: silentActivity,
    report: sampleReport(lane, { lastEventAtMs: nowMs }),
    worker: { connection: 'connected', startingSinceMs: null, heardAtMs: nowMs, unreachableBecause: null },
    collisions: [],
    liveChanges: null,
    savedRef: null,
    runningGate: null,
    takesMessages: true,
    nowMs,
    ...change,
  };
}

const startingWorker = {
  connection: 'starting',
  startingSinceMs: nowMs - 1_000,
  heardAtMs: 0,
  unreachableBecause: null,
} as const;
const submitted = { ...lane, stage: 'submitted' as const };
const failedEnd = { kind: 'failed', reason: 'It broke.', run: null } as const;
const ended = (change: object) => ({ ...lane, stage: 'ended' as const, ...change });
const failedTask = sampleTask('a', { status: { state: 'failed', reason: 'It broke.', laneId: lane.id, atMs: 1 } });

describe('laneStatus', () => {
  it.each<[string, Partial<LaneViewFacts>, LaneStatus]>([
    ['has no task yet', { lane: sampleLane(1), task: null }, 'queued'],
    ['is being prepared', { lane: { ...lane, stage: 'claimed' } }, 'preparing'],
    ['runs', {}, 'running'],
    ['was not started yet', { report: undefined }, 'preparing'],
    ['is brought up to date', { lane: { ...lane, reworks: 1 } }, 'preparing'],
    ['asks', { activity: asking }, 'waiting'],
    ['is paused', { report: sampleReport(lane, { state: 'paused', lastEventAtMs: nowMs }) }, 'paused'],
    [
      'is on a worker that is away',
      { worker: { connection: 'unreachable', startingSinceMs: null, heardAtMs: 0, unreachableBecause: 'gone' } },
      'stale',
    ],
    ['was adopted a moment ago', { worker: startingWorker, report: undefined }, 'preparing'],
    ['waits in the queue', { lane: submitted, merge: sampleMerge('a') }, 'ready-to-merge'],
    ['is gated', { lane: submitted, merge: sampleMerge('a', { stage: 'gating' }) }, 'gating'],
    ['lands', { lane: submitted, merge: sampleMerge('a', { stage: 'landing' }) }, 'landing'],
    ['has landed', { lane: ended({ end: { kind: 'merged' } }) }, 'merged'],
    ['failed for good', { lane: ended({ end: failedEnd }), task: failedTask }, 'failed'],
    ['failed and is tried again', { lane: ended({ end: failedEnd }) }, 'stopped'],
    ['was stopped', { lane: ended({ end: { kind: 'stopped', reason: 'By you.' } }) }, 'stopped'],
  ])('of a lane that %s', (_, change, status) => {
    expect(laneStatus(facts(change))).toBe(status);
  });
});

describe('laneView', () => {
  it('says what may be done with a lane', () => {
    const canOf = (change: Partial<LaneViewFacts>) =>
      Object.entries(laneView(facts(change)).can)
        .filter(([, may]) => may)
        .map(([action]) => action);
    expect(canOf({})).toEqual(['pause', 'interrupt', 'stop', 'message', 'handOver']);
    expect(canOf({ report: sampleReport(lane, { state: 'paused', lastEventAtMs: nowMs }) })).toEqual([
      'resume',
      'stop',
      'message',
      'handOver',
    ]);
    expect(canOf({ takesMessages: false })).not.toContain('message');
    expect(canOf({ lane: submitted, merge: sampleMerge('a', { stage: 'landing' }) })).toEqual([]);
    const manual = { project: { ...sampleProject, autoMerge: false }, lane: submitted, merge: sampleMerge('a') };
    expect(canOf(manual)).toEqual(['stop', 'handOver', 'merge']);
    expect(canOf({ lane: ended({ end: failedEnd }), task: failedTask })).toEqual(['retry', 'handOver']);
    expect(canOf({ lane: ended({ end: { kind: 'merged' } }) })).toEqual([]);
    expect(canOf({ lane: sampleLane(1), task: null })).toEqual(['stop']);
  });

  it('shows the request, the agent and the step', () => {
    const view = laneView(facts({ activity: asking, lane: { ...lane, agent: agentRef('command:./fix.sh --all') } }));
    expect(view).toMatchObject({ step: 'Wants npm', agentName: 'fix.sh', agentShort: 'sh', title: 'Task a' });
    expect(view.ask?.requestId).toBe('q');
    expect(view.activity).toHaveLength(24);
  });

  it('says what a lane that is not running yet waits for', () => {
    expect(laneView(facts({ lane: { ...lane, stage: 'claimed' } })).step).toBe('Making its worktree');
    expect(laneView(facts({ report: undefined })).step).toBe('Starting its agent');
    expect(laneView(facts({ report: undefined, worker: startingWorker })).step).toBe('Starting the worker');
  });

  it('says where the work of a lane is that ended without a merge', () => {
    const savedRef = 'refs/gantry/saved/lane-1/2';
    const stepOf = (change: Partial<LaneViewFacts>) => laneView(facts(change)).step;
    expect(stepOf({ lane: ended({ end: failedEnd }), task: failedTask, savedRef })).toBe(
      `It broke. Its work is in \`${savedRef}\`.`,
    );
    const stopped = ended({ end: { kind: 'stopped', reason: 'By you.' } });
    const unfinished = ended({ end: { kind: 'stopped', reason: 'exit code 3: no such model' } });
    expect(stepOf({ lane: unfinished, savedRef })).toBe(`exit code 3: no such model. Its work is in \`${savedRef}\`.`);
    expect(stepOf({ lane: stopped, savedRef })).toBe(`By you. Its work is in \`${savedRef}\`.`);
    expect(stepOf({ lane: stopped })).toBe('By you.');
    expect(stepOf({ lane: ended({ end: { kind: 'merged' } }), savedRef })).toBe('Merged');
  });

  it('foresees no collision with the target once its merge was computed on top of it', () => {
    const withTarget = { laneId: null, laneNumber: null, path: 'a' };
    const withLane = { laneId: laneId(2), laneNumber: 2, path: 'b' };
    const collisions = [withTarget, withLane];
    const shown = (merge: LaneViewFacts['merge']) => laneView(facts({ collisions, lane: submitted, merge })).collisions;
    expect(shown(sampleMerge('a'))).toEqual(collisions);
    expect(shown(sampleMerge('a', { stage: 'gating' }))).toEqual([withLane]);
    expect(shown(sampleMerge('a', { stage: 'landing' }))).toEqual([withLane]);
    const reworked = sampleMerge('a', { stage: 'rejected' });
    expect(laneView(facts({ collisions, merge: reworked })).collisions).toEqual(collisions);
  });

  it('counts the gates of the newest merge', () => {
    const gate = {
      name: 'x',
      command: 'x',
      exitCode: 0,
      durationMs: 1,
      startedAtMs: 0,
      outputTail: '',
      state: 'passed',
    } as const;
    const merge = sampleMerge('a', { stage: 'gating', gates: [gate] });
    const project = { ...sampleProject, gates: [{ name: 'x', command: 'x', timeoutMs: 1 }] };
    const view = laneView(
      facts({ project, lane: submitted, merge, task: { ...task, gate: 'y' }, runningGate: 'task' }),
    );
    expect(view).toMatchObject({ gatesPassed: 1, gatesTotal: 2, step: 'Gate: task' });
  });
});
