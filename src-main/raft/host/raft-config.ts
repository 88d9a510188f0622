/** What the core is told of a host's options. */
import type { RaftConfig } from '../core/raw-node-api.ts';
import type { ElectionPace } from './election-pace.ts';
import { type HostTiming, limits, type RaftHostOptions } from './host-options.ts';

/** `applied` is the index up to which the state machine has applied. */
export function raftConfig(
  { group, peer, random }: RaftHostOptions,
  timing: HostTiming,
  pace: ElectionPace,
  applied: number,
): RaftConfig {
  return {
    group,
    id: peer,
    // Asked anew for each election, lease and quorum check.
    get electionTicks() {
      return pace.electionTicks;
    },
    heartbeatTicks: timing.heartbeatTicks,
    applied,
    appendBytesMax: limits.appendBytesMax,
    inflightMessagesMax: limits.inflightMessagesMax,
    inflightBytesMax: limits.inflightBytesMax,
    uncommittedBytesMax: limits.uncommittedBytesMax,
    committedBytesMax: limits.committedBytesMax,
    random: (below) => random.below(below),
    stepDownOnRemoval: true,
  };
}
