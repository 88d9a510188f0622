import { describe, expect, it } from 'vitest';
import { keptSeeds } from '../kept-seeds.ts';
import { simulateServices } from './simulate-services.ts';

describe('a simulated world of services', () => {
  it('is the same every time for one seed', async () => {
    const first = await simulateServices(7);
    expect(await simulateServices(7)).toEqual(first);
    expect((await simulateServices(8)).trace).not.toBe(first.trace);
  });

  it.each(keptSeeds.filter(({ simulation }) => simulation === 'services'))(
    'holds for seed $seed, which showed $showed',
    async ({ seed }) => {
      expect((await simulateServices(seed)).failure).toBeNull();
    },
  );

  it('holds for a few more', { timeout: 120_000 }, async () => {
    for (let seed = 20_000; seed < 20_020; seed += 1) {
      expect((await simulateServices(seed)).failure).toBeNull();
    }
  });
});
