import { expect, test } from 'vitest';
import { added, age, compactCount, count, counted, duration, elapsed, money, removed, seconds, size } from './text.ts';

test('numbers', () => {
  expect([0, 1_204, 81_460, 1_000_000, -12].map(count)).toEqual(['0', '1,204', '81,460', '1,000,000', '−12']);
  expect([730, 1_540, 212_400, 4_823_000].map(compactCount)).toEqual(['730', '1.5 k', '212 k', '4.82 M']);
  expect(money(31.4)).toBe('$31.40');
  expect([512, 412_000_000, 9_800_000_000, 41_000_000_000].map(size)).toEqual(['512 B', '412 MB', '9.8 GB', '41 GB']);
  expect([added(182), removed(12), removed(0)]).toEqual(['+182', '−12', '']);
  expect([counted(1, 'lane'), counted(2, 'lane'), counted(0, 'lane')]).toEqual(['1 lane', '2 lanes', '0 lanes']);
});

test('times', () => {
  expect([0, 48_000, 1_122_000, 7_500_000].map(elapsed)).toEqual(['0:00', '0:48', '18:42', '2:05:00']);
  expect([184, 4_190, 38_000, 2_160_000, 7_300_000, 260_000_000].map(duration)).toEqual([
    '184 ms',
    '4.1 s',
    '38 s',
    '36 min',
    '2 h',
    '3 days',
  ]);
  expect([100, 900, 21_400, 180_000].map(seconds)).toEqual(['0.1 s', '0.9 s', '21.4 s', '3 min']);
  expect([400, 3_400, 48_900].map(age)).toEqual(['0 s', '3 s', '48 s']);
});
