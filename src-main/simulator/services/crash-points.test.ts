import { describe, expect, it } from 'vitest';
import { interrupt, interruptions } from './crash-points.fixture.ts';
import { openProduct } from './simulate-services.ts';

describe('the app may be killed at every step of', () => {
  it.each(interruptions)('$name', { timeout: 120_000 }, async (interrupted) => {
    const calm = await interrupt(interrupted, openProduct, null);
    expect(calm.failure).toBeNull();
    expect(calm.rolloutSteps).toBeGreaterThan(3);
    for (let step = 1; step <= calm.rolloutSteps; step += 1) {
      for (const when of ['before', 'after'] as const) {
        const { failure } = await interrupt(interrupted, openProduct, { step, when });
        expect({ step, when, failure }).toEqual({ step, when, failure: null });
      }
    }
  });
});
