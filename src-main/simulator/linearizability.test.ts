import { describe, expect, it } from 'vitest';
import { isLinearizable, type Operation } from './linearizability.ts';

const blank = { key: 'k', value: 0, expected: 0 };
const write = (value: number, calledAt: number, answeredAt: number): Operation => {
  const answer = Number.isFinite(answeredAt) ? 0 : null;
  return { ...blank, kind: 'write', value, calledAt, answeredAt, answer };
};
const read = (answer: number, calledAt: number, answeredAt: number): Operation => {
  return { ...blank, kind: 'read', calledAt, answeredAt, answer };
};
const compareAndSet = (
  expected: number,
  value: number,
  answer: number | null,
  calledAt: number,
  answeredAt: number,
): Operation => {
  return { ...blank, kind: 'compare-and-set', value, expected, calledAt, answeredAt, answer };
};
const never = Number.POSITIVE_INFINITY;

describe('a history of one register', () => {
  it.each<[string, boolean, Operation[]]>([
    ['nothing happened', true, []],
    ['one after the other', true, [write(1, 0, 1), read(1, 2, 3)]],
    ['a stale read', false, [write(1, 0, 1), read(0, 2, 3)]],
    ['a read during a write sees either', true, [write(1, 0, 9), read(0, 1, 2), read(1, 3, 4)]],
    ['but not back again', false, [write(1, 0, 9), read(1, 1, 2), read(0, 3, 4)]],
    ['an open write may take effect late', true, [write(1, 0, never), read(0, 5, 6), read(1, 7, 8)]],
    ['or never', true, [write(1, 0, never), read(0, 5, 6)]],
    ['but not before it was called', false, [read(1, 0, 1), write(1, 2, never)]],
    ['two winners of one compare-and-set', false, [compareAndSet(0, 1, 0, 0, 5), compareAndSet(0, 2, 0, 1, 6)]],
    ['one winner', true, [compareAndSet(0, 1, 0, 0, 5), compareAndSet(0, 2, 1, 1, 6)]],
    [
      'an open write that only an open compare-and-set saw',
      true,
      [write(1, 0, never), compareAndSet(1, 2, null, 1, never), read(2, 5, 6)],
    ],
  ])('%s: %s', (_name, expected, history) => {
    expect(isLinearizable(history)).toBe(expected);
  });
});
