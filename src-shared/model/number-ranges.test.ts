import { describe, expect, it } from 'vitest';
import { countOfNumberRanges, toNumberRanges } from './number-ranges.ts';

describe('number ranges', () => {
  it.each([
    [[], ''],
    [[7], '7'],
    [[1, 2, 3], '1-3'],
    [[1, 2, 4, 6, 7], '1-2,4,6-7'],
    [[3, 5, 7], '3,5,7'],
  ])('%j is written as "%s"', (numbers, ranges) => {
    expect(toNumberRanges(numbers)).toBe(ranges);
    expect(countOfNumberRanges(ranges)).toBe(numbers.length);
  });

  it('a thousand tasks in a row take a few characters', () => {
    expect(toNumberRanges(Array.from({ length: 1_000 }, (_, at) => at + 1))).toBe('1-1000');
  });
});
