/** Joint majorities: both the incoming and the outgoing voters have to agree (thesis §4.3). */
import type { ConfState, PeerId } from '../message.ts';
import { majorityIndex, majorityVote, type VoteResult } from './majority.ts';

/** The voters of a configuration; not joint while `votersOutgoing` is empty. */
export type JointVoters = Pick<ConfState, 'voters' | 'votersOutgoing'>;

/** The largest index that both majorities acknowledge. */
export function jointIndex(joint: JointVoters, acknowledged: (peer: PeerId) => number): number {
  return Math.min(majorityIndex(joint.voters, acknowledged), majorityIndex(joint.votersOutgoing, acknowledged));
}

/** Won only when both majorities grant, lost as soon as one of them cannot any more. */
export function jointVote(joint: JointVoters, answer: (peer: PeerId) => boolean | undefined): VoteResult {
  const incoming = majorityVote(joint.voters, answer);
  const outgoing = majorityVote(joint.votersOutgoing, answer);
  if (incoming === outgoing) return incoming;
  return incoming === 'lost' || outgoing === 'lost' ? 'lost' : 'pending';
}
