import { describe, expect, it } from 'vitest';
import { claimableTasks } from './queue.ts';
import { sampleTask } from './sample.fixture.ts';

describe('claimableTasks', () => {
  it('orders by priority, then by what hangs on a task, then by arrival', () => {
    const tasks = [
      sampleTask('late', { order: 4 }),
      sampleTask('urgent', { order: 3, priority: 1 }),
      sampleTask('heavy', { order: 5 }),
      sampleTask('early', { order: 1 }),
      sampleTask('blocked', { order: 2, dependsOn: ['early'], priority: 1 }),
    ];
    const weightMs = new Map([[sampleTask('heavy').key, 500]]);
    const keys = claimableTasks({ tasks, weightMs, notBeforeMs: new Map(), nowMs: 0 }).map((task) => task.key);
    expect(keys).toEqual(['urgent', 'heavy', 'early', 'late']);
  });

  it('holds back what failed just now', () => {
    const tasks = [sampleTask('a'), sampleTask('b', { order: 2 })];
    const notBeforeMs = new Map([[sampleTask('a').id, 10]]);
    const keysAt = (nowMs: number) =>
      claimableTasks({ tasks, weightMs: new Map(), notBeforeMs, nowMs }).map((task) => task.key);
    expect(keysAt(9)).toEqual(['b']);
    expect(keysAt(10)).toEqual(['a', 'b']);
  });
});
