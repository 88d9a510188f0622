import { describe, expect, it } from 'vitest';
import { findCycle } from './find-cycle.ts';

const among = (graph: Record<string, string[]>) => findCycle(Object.keys(graph), (key) => graph[key] ?? []);

describe('findCycle', () => {
  it.each<[string, Record<string, string[]>, string[] | null]>([
    ['nothing', {}, null],
    ['a diamond', { a: ['b', 'c'], b: ['d'], c: ['d'], d: [] }, null],
    ['a key that waits for itself', { a: ['a'] }, ['a', 'a']],
    ['two that wait for each other', { a: ['b'], b: ['a'] }, ['a', 'b', 'a']],
    ['a cycle behind a tail', { a: ['b'], b: ['c'], c: ['d'], d: ['b'] }, ['b', 'c', 'd', 'b']],
  ])('%s', (_name, graph, cycle) => {
    expect(among(graph)).toEqual(cycle);
  });

  it('follows a chain of 100,000 without running out of stack', () => {
    expect(findCycle([0], (key) => (key < 100_000 ? [key + 1] : []))).toBeNull();
  });
});
