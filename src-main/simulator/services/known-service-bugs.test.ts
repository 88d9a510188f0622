import { describe, expect, it } from 'vitest';
import { brokenOrchestrator } from './broken-orchestrator.fixture.ts';
import { knownServiceBugs } from './known-service-bugs.fixture.ts';
import { simulateServices } from './simulate-services.ts';

/** Seeds that are tried beside the one that is written down, which goes stale when worlds are drawn differently. */
const seedsMax = 150;

describe('the simulator catches', () => {
  it.each(knownServiceBugs)('$name', { timeout: 180_000 }, async ({ seed, edits }) => {
    await using broken = await brokenOrchestrator(edits);
    let caught = false;
    for (let candidate = 0; candidate <= seedsMax && !caught; candidate += 1) {
      caught = (await simulateServices(candidate === 0 ? seed : candidate, broken.open)).failure !== null;
    }
    expect(caught).toBe(true);
    expect((await simulateServices(seed)).failure).toBeNull();
  });
});
