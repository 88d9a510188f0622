import { expect, test } from 'vitest';
import { sparkPath } from './spark-path.ts';

test('draws one bar a number, never lower than a pixel nor higher than its box', () => {
  expect(sparkPath([0, 9, 40], 18, 18)).toBe('M0 18v-1M3 18v-9M6 18v-18');
});

test('an empty series draws nothing', () => {
  expect(sparkPath([], 18, 0)).toBe('');
});
