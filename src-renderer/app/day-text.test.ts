import { expect, test } from 'vitest';
import { dayTitle, dayWords } from './day-text.ts';

const noonMs = new Date(2025, 10, 21, 12).getTime();
const at = (...date: [year: number, month: number, day: number, hour?: number]): number => new Date(...date).getTime();

test('a day has its weekday, and its year where that is another', () => {
  expect(dayTitle(noonMs, noonMs)).toBe('Friday, 21 November');
  expect(dayTitle(noonMs, at(2026, 0, 1))).toBe('Friday, 21 November 2025');
});

test('days nearby have words of their own, by the calendar and not by hours', () => {
  expect(dayWords(at(2025, 10, 21, 0), noonMs)).toBe('today');
  expect(dayWords(at(2025, 10, 20, 23), noonMs)).toBe('yesterday');
  expect(dayWords(at(2025, 10, 19, 23), noonMs)).toBe('19 November');
  expect(dayWords(at(2024, 11, 31), noonMs)).toBe('31 December 2024');
});

test('a host whose clock is ahead opened it today', () => {
  expect(dayWords(noonMs + 86_400_000, noonMs)).toBe('today');
});
