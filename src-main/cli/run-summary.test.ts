import { describe, expect, it } from 'vitest';
import type { LaneView, TaskView } from '#shared/contract/views.ts';
import { RunProgress } from './run-progress.ts';
import { summarise, unfinishedTasks } from './run-summary.ts';

/** Only what these functions look at. */
function task(key: string, shown: TaskView['shown'], waitsFor: string[] = []): TaskView {
  return { id: `p:${key}`, key, shown, waitsFor, title: key, note: null } as unknown as TaskView;
}

function lane(number: number, status: LaneView['status'], extra: Partial<LaneView> = {}): LaneView {
  return {
    id: `lane-${number}`,
    number,
    status,
    taskKey: 'a',
    agentName: 'Demo agent',
    reworks: 0,
    usage: null,
    ask: null,
    step: '',
    ...extra,
  } as unknown as LaneView;
}

function keys(tasks: TaskView[]): string[] {
  return tasks.map((each) => each.key);
}

describe('unfinishedTasks', () => {
  it('leaves out what is merged, failed or cancelled', () => {
    expect(
      keys(unfinishedTasks([task('a', 'merged'), task('b', 'failed'), task('c', 'cancelled'), task('d', 'running')])),
    ).toEqual(['d']);
  });

  it('leaves out what waits, at any distance, for a task that did not merge', () => {
    const tasks = [
      task('a', 'failed'),
      task('b', 'blocked', ['a']),
      task('c', 'blocked', ['b']),
      task('d', 'blocked', ['e']),
      task('e', 'running'),
    ];
    expect(keys(unfinishedTasks(tasks))).toEqual(['d', 'e']);
  });

  it('ends although dependencies go in a circle', () => {
    expect(keys(unfinishedTasks([task('a', 'blocked', ['b']), task('b', 'blocked', ['a'])]))).toEqual(['a', 'b']);
  });
});

describe('summarise', () => {
  it('is ok only when every task is merged', () => {
    expect(summarise([task('a', 'merged')], [], 1).ok).toBe(true);
    expect(summarise([task('a', 'merged'), task('b', 'blocked', ['c'])], [], 1)).toMatchObject({
      ok: false,
      merged: 1,
      blocked: 1,
    });
  });

  it('adds up tokens, and cost only where an agent says it', () => {
    const usage = { inputTokens: 10, outputTokens: 2, cachedTokens: 0, costUsd: null };
    const lanes = [lane(1, 'merged', { usage }), lane(2, 'merged', { usage: { ...usage, costUsd: 0.5 }, reworks: 2 })];
    expect(summarise([], lanes, 1)).toMatchObject({
      inputTokens: 20,
      outputTokens: 4,
      costUsd: 0.5,
      conflicts: 2,
    });
    expect(summarise([], [lane(1, 'merged', { usage })], 1).costUsd).toBeNull();
  });
});

describe('RunProgress', () => {
  it('says each thing once', () => {
    const progress = new RunProgress();
    expect(progress.update([task('a', 'ready')], [])).toEqual([]);
    expect(progress.update([task('a', 'running')], [lane(1, 'running')])).toEqual(['started    lane 1  a  Demo agent']);
    expect(progress.update([task('a', 'running')], [lane(1, 'running')])).toEqual([]);
    expect(progress.update([task('a', 'merged')], [lane(1, 'merged')])).toEqual(['merged     a  a  (1 of 1)']);
  });

  it('does not report as news what was merged before', () => {
    expect(new RunProgress().update([task('a', 'merged')], [])).toEqual([]);
  });
});
