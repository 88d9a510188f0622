/** Majorities over a sorted list of voters (paper, §5.2 and §5.3). */
import type { PeerId } from '../message.ts';

/** How a vote stands: `pending` while the voters that are still silent could decide it. */
export type VoteResult = 'pending' | 'lost' | 'won';

/** What an empty configuration acknowledges: it never holds the other half of a joint one back. */
export const everything = Number.MAX_SAFE_INTEGER;

/** Voters needed to decide anything. */
export function majoritySize(voters: readonly PeerId[]): number {
  return Math.floor(voters.length / 2) + 1;
}

/** The largest index that a majority of `voters` acknowledges; `everything` without voters. */
export function majorityIndex(voters: readonly PeerId[], acknowledged: (peer: PeerId) => number): number {
  if (voters.length === 0) return everything;
  const ascending = voters.map(acknowledged).sort((left, right) => left - right);
  return ascending[voters.length - majoritySize(voters)] ?? 0;
}

/** Counts the answers of `voters`; `undefined` is no answer yet. Won without voters. */
export function majorityVote(voters: readonly PeerId[], answer: (peer: PeerId) => boolean | undefined): VoteResult {
  if (voters.length === 0) return 'won';
  let granted = 0;
  let silent = 0;
  for (const voter of voters) {
    const given = answer(voter);
    if (given === undefined) silent += 1;
    else if (given) granted += 1;
  }
  const needed = majoritySize(voters);
  if (granted >= needed) return 'won';
  return granted + silent >= needed ? 'pending' : 'lost';
}
