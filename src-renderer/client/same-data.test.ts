import { expect, test } from 'vitest';
import { sameData } from './same-data.ts';

test('new objects with the same content are the same data', () => {
  const lane = () => ({ id: 'lane-1', ask: null, can: { pause: true }, activity: [0, 3] });
  expect(sameData(lane(), lane())).toBe(true);
  expect(sameData(Number.NaN, Number.NaN)).toBe(true);
  expect(sameData(undefined, undefined)).toBe(true);
});

test.each([
  [{ a: 1 }, { a: 2 }],
  [{ a: 1 }, { a: 1, b: undefined }],
  [{ a: undefined }, { b: undefined }],
  [[1, 2], [1]],
  [[1], { 0: 1 }],
  [{ 0: 1 }, [1]],
  [null, {}],
  [{}, undefined],
  ['1', 1],
])('%j is not %j', (a, b) => {
  expect(sameData(a, b)).toBe(false);
});
