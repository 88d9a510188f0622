import { expect, test } from 'vitest';
import { systemRandom } from './random.ts';

test('ids are lower-case alphanumeric, as long as asked, and do not repeat', () => {
  const ids = new Set(Array.from({ length: 500 }, () => systemRandom.id(16)));
  expect(ids.size).toBe(500);
  for (const id of ids) expect(id).toMatch(/^[a-z0-9]{16}$/);
});

test('numbers stay below their bound and reach every value', () => {
  const seen = new Set(Array.from({ length: 500 }, () => systemRandom.below(4)));
  expect([...seen].sort()).toEqual([0, 1, 2, 3]);
});

test('impossible requests are mistakes of the caller', () => {
  expect(() => systemRandom.below(0)).toThrow('positive integer');
  expect(() => systemRandom.id(0)).toThrow('at least one');
});
