/** What a node tells about itself, several times a second. Plain data: it crosses threads. */
import type { ConfState, PeerId } from '../core/message.ts';
import type { Role } from '../core/raw-node-api.ts';

/** How the leader sees one peer, at one moment. */
export interface PeerStatus {
  readonly peer: PeerId;
  readonly match: number;
  /** Committed entries that the peer is not known to have. */
  readonly lagEntries: number;
  /** Age of the oldest of them, milliseconds; 0 when there are none. */
  readonly lagMs: number;
  readonly learner: boolean;
  readonly recentlyActive: boolean;
  readonly state: 'probe' | 'replicate' | 'snapshot';
}

/** Percentiles of one window; null where nothing happened. */
export interface Percentiles {
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
}

/** Counters since the node was opened. Names are those of docs and metrics without their prefix. */
export interface NodeCounters {
  readonly proposalsCommittedTotal: number;
  readonly proposalsAppliedTotal: number;
  readonly proposalsFailedTotal: number;
  readonly electionsStartedTotal: number;
  readonly leaderChangesTotal: number;
  readonly logAppendsTotal: number;
  readonly messagesSentTotal: number;
  readonly messagesReceivedTotal: number;
  readonly snapshotsMadeTotal: number;
  readonly snapshotsSentTotal: number;
  readonly snapshotsInstalledTotal: number;
  readonly networkErrorsTotal: number;
}

export interface NodeStatus {
  readonly peer: PeerId;
  readonly role: Role;
  readonly leader: PeerId;
  readonly term: number;
  readonly lastIndex: number;
  readonly commitIndex: number;
  readonly appliedIndex: number;
  readonly snapshotIndex: number;
  readonly logBytes: number;
  readonly confState: ConfState;
  readonly stateHash: { readonly hash: string; readonly index: number } | null;
  /** Wall clock; null for a leader and before the first contact. */
  readonly leaderContactAtMs: number | null;
  readonly lastCommitAtMs: number | null;
  /** Entries applied per second in the last window. */
  readonly appliedPerSecond: number;
  readonly commit: Percentiles;
  readonly fsync: Percentiles;
  /** Empty unless leader. */
  readonly peers: readonly PeerStatus[];
  readonly proposalsPending: number;
  readonly electionTimeoutMs: number;
  readonly counters: NodeCounters;
}
