/**
 * What every transport must show: the contract's promises, driven through real ports. Test
 * files call it with a way to make a connected pair.
 */
import { afterEach, beforeEach, describe } from 'vitest';
import { assertDefined } from '../base/assert.ts';
import { Bench, type TransportFixture } from './conformance-bench.ts';
import { describeBrokenProtocol, describeCalls } from './conformance-calls.ts';
import { describeStreams } from './conformance-streams.ts';

export type { TransportFixture } from './conformance-bench.ts';

/** Runs the suite over one transport. */
export function describeContractOver(name: string, makeFixture: () => Promise<TransportFixture>): void {
  describe(`the contract over ${name}`, () => {
    let bench: Bench | null = null;
    const current = (): Bench => assertDefined(bench, 'made before each test');

    beforeEach(async () => {
      bench = new Bench(await makeFixture());
    });
    afterEach(() => current().close());

    describeCalls(current);
    describeStreams(current);
    describeBrokenProtocol(current);
  });
}
