import { describe, expect, it } from 'vitest';
import { keptSeeds } from '../kept-seeds.ts';
import { simulate } from './simulation.ts';

describe('a simulated cluster', () => {
  it('is the same every time for one seed', () => {
    expect(simulate(7)).toEqual(simulate(7));
  });

  it.each(keptSeeds.filter(({ simulation }) => simulation === 'raft'))(
    'holds for seed $seed, which showed $showed',
    ({ seed }) => {
      expect(simulate(seed).failure).toBeNull();
    },
  );

  it('holds for a few more', () => {
    const failed = Array.from({ length: 40 }, (_, at) => simulate(20_000 + at)).filter(
      ({ failure }) => failure !== null,
    );
    expect(failed).toEqual([]);
  });
});
