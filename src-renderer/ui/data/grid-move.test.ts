import { expect, test } from 'vitest';
import { gridMove } from './grid-move.ts';

test('moves by one, by a page, and to the ends, never past them', () => {
  expect(gridMove('ArrowDown', 3, 10, 4)).toBe(4);
  expect(gridMove('ArrowUp', 0, 10, 4)).toBe(0);
  expect(gridMove('PageDown', 8, 10, 4)).toBe(9);
  expect(gridMove('Home', 8, 10, 4)).toBe(0);
  expect(gridMove('End', 0, 10, 4)).toBe(9);
});

test('leaves other keys and an empty grid alone', () => {
  expect(gridMove('x', 3, 10, 4)).toBeNull();
  expect(gridMove('End', 0, 0, 4)).toBeNull();
});
