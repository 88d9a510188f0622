import { expect, it } from 'vitest';
import { systemClock } from '../platform/clock.ts';
import { type FailureStreak, Loop } from './loop.ts';

it('runs one pass at a time, and one more for what was asked for meanwhile', async () => {
  let running = 0;
  let passes = 0;
  const loop = new Loop({
    clock: systemClock,
    pass: async () => {
      running += 1;
      expect(running).toBe(1);
      passes += 1;
      if (passes === 1) for (let count = 0; count < 5; count += 1) loop.request();
      await Promise.resolve();
      running -= 1;
    },
    onFailure: (error) => expect.fail(String(error)),
  });
  loop.request();
  loop.request();
  await loop.idle();
  expect(passes).toBe(2);
  loop.dispose();
});

it('says of a streak of failures how long it lasts, and which of them are news', async () => {
  const streaks: FailureStreak[] = [];
  let nowMs = 5_000;
  const loop = new Loop({
    clock: { ...systemClock, monotonicMs: () => nowMs },
    pass: () => (streaks.length === 9 ? Promise.resolve() : Promise.reject(new Error('no'))),
    onFailure: (_, streak) => streaks.push(streak),
  });
  for (let count = 0; count < 10; count += 1) {
    loop.request();
    await loop.idle();
    nowMs += 100;
  }
  expect(streaks.map((streak) => streak.failures)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(streaks.map((streak) => streak.lastsMs)).toEqual([0, 100, 200, 300, 400, 500, 600, 700, 800]);
  expect(streaks.filter((streak) => streak.isNews).map((streak) => streak.failures)).toEqual([1, 2, 4, 8]);
  loop.dispose();
});
