import { describe, expect, it } from 'vitest';
import type { LaneStatus } from '#shared/contract/views.ts';
import type { Task } from '#shared/model/task.ts';
import { agentRef, laneId, sampleLane, sampleTask } from './sample.fixture.ts';
import { taskViews, type TaskViewFacts } from './task-view.ts';

const merged = (key: string, lane: number) =>
  sampleTask(key, { status: { state: 'merged', laneId: laneId(lane), atMs: 1 } });
const claimed = (key: string, lane: number) =>
  sampleTask(key, { status: { state: 'claimed', laneId: laneId(lane), token: 7 as never, leaseUntilMs: 9 } });

function views(tasks: Task[], change: Partial<TaskViewFacts> = {}) {
  const facts = {
    tasks,
    lanes: [],
    laneStatus: new Map(),
    fleetAgents: [],
    notBeforeMs: new Map(),
    nowMs: 0,
    ...change,
  };
  return new Map(taskViews(facts).map((view) => [view.key as string, view]));
}

describe('taskViews', () => {
  it('derives what is shown from state, dependencies and lane', () => {
    const statuses: [ReturnType<typeof laneId>, LaneStatus][] = [
      [laneId(1), 'running'],
      [laneId(2), 'waiting'],
    ];
    const shown = views(
      [
        merged('m', 9),
        claimed('r', 1),
        claimed('w', 2),
        sampleTask('ready', { dependsOn: ['m'] }),
        sampleTask('blocked', { dependsOn: ['m', 'r'] }),
        sampleTask('gone', { status: { state: 'cancelled', atMs: 1 } }),
        sampleTask('s', { status: { state: 'submitted', laneId: laneId(1), token: 7 as never } }),
      ],
      { laneStatus: new Map(statuses) },
    );
    expect([...shown].map(([key, view]) => `${key} ${view.shown}`)).toEqual([
      'm merged',
      'r running',
      'w waiting',
      'ready ready',
      'blocked blocked',
      'gone cancelled',
      's gating',
    ]);
    expect(shown.get('blocked')?.waitsFor).toEqual(['r']);
  });

  it('estimates from what ended before, and marks the critical path', () => {
    const lane = sampleLane(9, { taskId: merged('m', 9).id, end: { kind: 'merged' }, startedAtMs: 10, endedAtMs: 110 });
    const shown = views([merged('m', 9), sampleTask('a'), sampleTask('b', { dependsOn: ['a'] }), sampleTask('c')], {
      lanes: [lane],
    });
    expect(shown.get('b')?.durationMs).toBe(100);
    expect([...shown.values()].filter((view) => view.critical).map((view) => view.key)).toEqual(['a', 'b']);
    expect(views([sampleTask('a')]).get('a')).toMatchObject({ durationMs: null, critical: false });
  });

  it('says what an open task waits for', () => {
    const codex = agentRef('codex');
    expect(views([sampleTask('a', { agent: codex })]).get('a')?.note).toBe(
      'Waits for Codex, of which no agent is spawned.',
    );
    const again = sampleTask('b', { attempts: 2 });
    expect(views([again], { notBeforeMs: new Map([[again.id, 5]]) }).get('b')?.note).toBe(
      'Failed twice, is tried again soon.',
    );
  });
});
