import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TaskKey } from '#shared/model/ids.ts';
import { criticalPath, type PathTask } from './critical-path.ts';

const task = (key: string, durationMs: number, dependsOn: string[] = [], finished = false): PathTask => ({
  key: key as TaskKey,
  dependsOn: dependsOn as TaskKey[],
  durationMs,
  finished,
});

describe('criticalPath', () => {
  it('follows the chain that takes longest, not the one with most tasks', () => {
    const path = criticalPath([
      task('a', 10),
      task('b', 10, ['a']),
      task('c', 10, ['b']),
      task('d', 100, ['a']),
      task('e', 1, ['c', 'd']),
    ]);
    expect(path.chain).toEqual(['a', 'd', 'e']);
    expect(path.totalMs).toBe(111);
    expect(path.weightMs.get('c' as TaskKey)).toBe(11);
  });

  it('leaves out what is finished, and has no chain once all is', () => {
    expect(criticalPath([task('a', 50, [], true), task('b', 5, ['a'])]).chain).toEqual(['b']);
    expect(criticalPath([task('a', 50, [], true)])).toEqual({ weightMs: new Map(), chain: [], totalMs: 0 });
  });

  it('weighs each task as the slow, obvious recursion does', () => {
    const plans = fc.array(fc.record({ durationMs: fc.nat(100), edges: fc.array(fc.nat(50), { maxLength: 3 }) }), {
      minLength: 1,
      maxLength: 25,
    });
    fc.assert(
      fc.property(plans, (plan) => {
        const tasks = plan.map(({ durationMs, edges }, index) =>
          task(`t${index}`, durationMs, index === 0 ? [] : edges.map((edge) => `t${edge % index}`)),
        );
        const { weightMs, chain, totalMs } = criticalPath(tasks);
        const slow = (key: TaskKey, durationMs: number): number =>
          durationMs +
          Math.max(
            0,
            ...tasks.filter((each) => each.dependsOn.includes(key)).map((each) => slow(each.key, each.durationMs)),
          );
        for (const each of tasks) expect(weightMs.get(each.key)).toBe(slow(each.key, each.durationMs));
        const durations = new Map(tasks.map((each) => [each.key, each.durationMs]));
        expect(chain.reduce((sum, key) => sum + (durations.get(key) ?? 0), 0)).toBe(totalMs);
      }),
    );
  });
});
