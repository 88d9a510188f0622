import { describe, expect, it } from 'vitest';
import { isSameValue } from './same-value.ts';

describe('values of JSON', () => {
  it.each([
    [1, 1],
    [null, null],
    [
      { a: 1, b: [{ c: null, d: 'x' }] },
      { b: [{ d: 'x', c: null }], a: 1 },
    ],
    [[], []],
  ])('are the same: %j and %j', (left, right) => {
    expect(isSameValue(left, right)).toBe(true);
    expect(isSameValue(right, left)).toBe(true);
  });

  it.each([
    [1, '1'],
    [null, {}],
    [[], {}],
    [{ a: 1 }, { a: 2 }],
    [{ a: 1 }, { a: 1, b: 2 }],
    [{ a: 1 }, { b: 1 }],
    [{ constructor: 1 }, { toString: 1 }],
    [
      [1, 2],
      [2, 1],
    ],
  ])('differ: %j and %j', (left, right) => {
    expect(isSameValue(left, right)).toBe(false);
    expect(isSameValue(right, left)).toBe(false);
  });
});
