import { describe, expect, it } from 'vitest';
import { knownBugs, scriptedBugs } from './known-bugs.fixture.ts';
import { mutant } from './mutant.fixture.ts';
import { simulate } from './simulation.ts';

/** Seeds that are tried beside the one that is written down, which goes stale when worlds are drawn differently. */
const seedsMax = 400;

describe('the simulator catches', () => {
  it.each(knownBugs.map(({ seed, bug }) => ({ seed, ...bug })))(
    '$name',
    { timeout: 120_000 },
    async ({ seed, edits }) => {
      await using broken = await mutant(edits);
      const seeds = [seed, ...Array.from({ length: seedsMax }, (_, at) => at + 1)];
      expect(seeds.find((candidate) => simulate(candidate, broken.createNode).failure !== null)).toBeDefined();
      expect(simulate(seed).failure).toBeNull();
    },
  );
});

describe('a scenario catches', () => {
  it.each(scriptedBugs.map(({ bug, scenario }) => ({ scenario, ...bug })))('$name', async ({ edits, scenario }) => {
    await using broken = await mutant(edits);
    expect(() => scenario.play(broken.createNode)).toThrow();
  });
});
