import { expect, test } from 'vitest';
import { readSpan, spanText } from './time-span.ts';

test.each([
  ['10 min', 600_000],
  ['10', 600_000],
  [' 1.5min ', 90_000],
  ['90 S', 90_000],
  ['2 h', 7_200_000],
  ['0', 0],
])('%j is %d ms', (text, ms) => {
  expect(readSpan(text)).toBe(ms);
});

test.each(['', 'ten', '10 days', '-1', '1,5 min', 'min', '1 2'])('%j is no length of time', (text) => {
  expect(readSpan(text)).toBeNull();
});

test.each([600_000, 90_000, 1_000, 86_400_000, 1_500])('%d ms is read back as written', (ms) => {
  expect(readSpan(spanText(ms))).toBe(ms);
});
