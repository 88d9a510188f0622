import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TaskKey } from '#shared/model/ids.ts';
import { findCycle, readinessOf } from './task-graph.ts';
import { sampleTask } from './sample.fixture.ts';

describe('findCycle', () => {
  it('finds none where every task depends only on earlier ones, and one where an edge points back', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.nat(30), { maxLength: 4 }), { minLength: 2, maxLength: 30 }), (edges) => {
        const key = (index: number): TaskKey => `t${index}` as TaskKey;
        const tasks = edges.map((targets, index) => ({
          key: key(index),
          dependsOn: index === 0 ? [] : targets.map((target) => key(target % index)),
        }));
        expect(findCycle(tasks)).toBeNull();
        const chain = edges.map((_, index) => ({ key: key(index), dependsOn: [key((index + 1) % edges.length)] }));
        const cycle = findCycle(chain);
        expect(cycle?.[0]).toBe(cycle?.at(-1));
        expect(cycle).toHaveLength(edges.length + 1);
      }),
    );
  });
});

describe('readinessOf', () => {
  it('calls a task ready when it is open and all it depends on is merged', () => {
    const merged = sampleTask('a', { status: { state: 'merged', laneId: 'lane-00000001' as never, atMs: 1 } });
    const cancelled = sampleTask('b', { status: { state: 'cancelled', atMs: 1 } });
    const ready = sampleTask('c', { dependsOn: ['a'] });
    const blocked = sampleTask('d', { dependsOn: ['a', 'b', 'c'] });
    const readiness = readinessOf([merged, cancelled, ready, blocked]);
    expect(readiness.get('a' as TaskKey)?.ready).toBe(false);
    expect(readiness.get('c' as TaskKey)).toEqual({ ready: true, waitsFor: [] });
    expect(readiness.get('d' as TaskKey)).toEqual({ ready: false, waitsFor: ['b', 'c'] });
  });
});
