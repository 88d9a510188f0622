import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jointIndex, jointVote } from './joint.ts';
import { everything, majorityIndex, majorityVote } from './majority.ts';

const voters = fc.uniqueArray(fc.integer({ min: 1, max: 9 }), { maxLength: 7 }).map((ids) => ids.sort((a, b) => a - b));
const matches = fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 10, maxLength: 10 });
const answers = fc.array(fc.constantFrom(true, false, undefined), { minLength: 10, maxLength: 10 });

/** The definition, tried out: an index holds when more than half of the voters have it. */
function naiveIndex(peers: readonly number[], at: (peer: number) => number): number {
  if (peers.length === 0) return everything;
  let best = 0;
  for (let index = 1; index <= 12; index += 1) {
    if (peers.filter((peer) => at(peer) >= index).length * 2 > peers.length) best = index;
  }
  return best;
}

/** The definition, tried out: what comes of it if all silent voters say no, and if all say yes. */
function naiveVote(peers: readonly number[], answer: (peer: number) => boolean | undefined): string {
  const winsIf = (silent: boolean) =>
    peers.length === 0 || peers.filter((peer) => answer(peer) ?? silent).length * 2 > peers.length;
  if (winsIf(false)) return 'won';
  return winsIf(true) ? 'pending' : 'lost';
}

describe('majorities', () => {
  it('acknowledge what the definition says', () => {
    fc.assert(
      fc.property(voters, matches, (peers, match) => {
        const at = (peer: number) => match[peer] ?? 0;
        expect(majorityIndex(peers, at)).toBe(naiveIndex(peers, at));
      }),
    );
  });

  it('vote as the definition says', () => {
    fc.assert(
      fc.property(voters, answers, (peers, given) => {
        expect(majorityVote(peers, (peer) => given[peer])).toBe(naiveVote(peers, (peer) => given[peer]));
      }),
    );
  });
});

describe('joint majorities', () => {
  it('acknowledge only what both do', () => {
    fc.assert(
      fc.property(voters, voters, matches, (incoming, outgoing, match) => {
        const at = (peer: number) => match[peer] ?? 0;
        const expected = Math.min(naiveIndex(incoming, at), naiveIndex(outgoing, at));
        expect(jointIndex({ voters: incoming, votersOutgoing: outgoing }, at)).toBe(expected);
      }),
    );
  });

  it('win only when both do, and lose when either does', () => {
    fc.assert(
      fc.property(voters, voters, answers, (incoming, outgoing, given) => {
        const answer = (peer: number) => given[peer];
        const both = [naiveVote(incoming, answer), naiveVote(outgoing, answer)];
        const expected = both.includes('lost') ? 'lost' : both.includes('pending') ? 'pending' : 'won';
        expect(jointVote({ voters: incoming, votersOutgoing: outgoing }, answer)).toBe(expected);
      }),
    );
  });
});
