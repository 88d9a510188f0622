import { expect, it } from 'vitest';
import { RateLimit } from './rate-limit.ts';

it('lets a burst through, then as many as it earns', () => {
  const limit = new RateLimit({ burst: 2, perSecond: 1 }, 0);
  expect([limit.take(0), limit.take(0), limit.take(0)]).toEqual([true, true, false]);
  expect([limit.take(900), limit.take(1_000), limit.take(1_000)]).toEqual([false, true, false]);
  expect([limit.take(60_000), limit.take(60_000), limit.take(60_000)]).toEqual([true, true, false]);
});
