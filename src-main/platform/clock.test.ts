import { expect, test } from 'vitest';
import { systemClock } from './clock.ts';

test('the wall clock is this year or later and the monotonic clock never goes back', () => {
  expect(systemClock.nowMs()).toBeGreaterThan(Date.UTC(2024, 0));
  const before = systemClock.monotonicMs();
  expect(systemClock.monotonicMs()).toBeGreaterThanOrEqual(before);
});

test('a delay calls back once, an interval until it is disposed', async () => {
  let delays = 0;
  const ticks = await new Promise<number>((resolve) => {
    let count = 0;
    systemClock.after(1, () => (delays += 1));
    const interval = systemClock.every(2, () => {
      count += 1;
      if (count < 3) return;
      interval.dispose();
      resolve(count);
    });
  });
  expect(ticks).toBe(3);
  expect(delays).toBe(1);
});

test('a disposed delay never calls back', async () => {
  let called = false;
  systemClock.after(1, () => (called = true)).dispose();
  await new Promise<void>((resolve) => systemClock.after(5, resolve));
  expect(called).toBe(false);
});
