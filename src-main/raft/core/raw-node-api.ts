/**
 * The core's interface: what a host may ask of a Raft node. Synchronous and deterministic:
 * the same calls give the same answers for ever. `RawNode` (raw-node.ts) implements it.
 *
 * The host's loop is: call something below, then while `hasReady()`: take `ready()`, send
 * `messages`, write `entries`, `hardState` and `snapshot` durably in one step, send
 * `messagesAfterAppend`, apply `committed`, call `advance(ready)`.
 */
import type { ConfChange, ConfState, Entry, HardState, Message, PeerId, SnapshotMeta } from './message.ts';

/** What the core reads of the log. Everything handed out as `entries` and appended is visible here. */
export interface LogReader {
  initialState(): { hardState: HardState; confState: ConfState };
  /** Index of the first entry that is still there: snapshot index + 1. */
  firstIndex(): number;
  lastIndex(): number;
  /** Term of the entry at `index`, also at `firstIndex() - 1`; null when compacted away or not there yet. */
  term(index: number): number | null;
  /** Entries `low ≤ index < high`, at least one, cut once `bytesMax` is passed; null when compacted. */
  entries(low: number, high: number, bytesMax: number): readonly Entry[] | null;
  /** The newest snapshot's place; null while it is being made. */
  snapshotMeta(): SnapshotMeta | null;
}

/** Fixed for a node's life, but for the election timeout. All limits are bounds, never hints. */
export interface RaftConfig {
  readonly group: number;
  readonly id: PeerId;
  /** Ticks without a leader before an election; the node adds up to as many again at random. */
  readonly electionTicks: number;
  readonly heartbeatTicks: number;
  /** Index up to which the host has applied already. */
  readonly applied: number;
  readonly appendBytesMax: number;
  readonly inflightMessagesMax: number;
  /** Bytes of entries on their way to one peer at most, beside the limit on messages; absent means no such limit. */
  readonly inflightBytesMax?: number;
  readonly uncommittedBytesMax: number;
  readonly committedBytesMax: number;
  /** The next random integer in [0, below). The only source of chance. */
  readonly random: (below: number) => number;
  /** Whether a removed leader steps down. */
  readonly stepDownOnRemoval: boolean;
}

/** Confirms that everything up to `index` is safe to read (thesis §6.4). */
export interface ReadState {
  readonly context: string;
  readonly index: number;
}

/** What the host has to do now. At most one is outstanding. */
export interface Ready {
  /** Changed role or leader; null when neither did. */
  readonly softState: { readonly leader: PeerId; readonly role: Role } | null;
  /** To be written; null when unchanged. */
  readonly hardState: HardState | null;
  /** To be appended, replacing whatever is there from the first one's index on. */
  readonly entries: readonly Entry[];
  /** To be installed before anything else; its content is already with the host. */
  readonly snapshot: SnapshotMeta | null;
  /** To be applied, in order. May be appended and applied in the same round. */
  readonly committed: readonly Entry[];
  /** May leave before anything is written: a leader's appends among them (thesis §10.2.1). */
  readonly messages: readonly Message[];
  /** What promises durability: leaves only after `entries` and `hardState` are. */
  readonly messagesAfterAppend: readonly Message[];
  readonly readStates: readonly ReadState[];
  /** Whether the write must be synced: entries, term or vote changed. */
  readonly mustSync: boolean;
}

export type Role = 'follower' | 'pre-candidate' | 'candidate' | 'leader';

/** How the leader sees a peer. */
export interface PeerProgress {
  readonly match: number;
  readonly next: number;
  readonly state: 'probe' | 'replicate' | 'snapshot';
  readonly inflightMessages: number;
  readonly recentlyActive: boolean;
  readonly learner: boolean;
}

/** A picture of the node. */
export interface RaftStatus {
  readonly id: PeerId;
  readonly role: Role;
  readonly leader: PeerId;
  readonly hardState: HardState;
  readonly applied: number;
  readonly lastIndex: number;
  readonly transferee: PeerId;
  readonly confState: ConfState;
  /** Empty unless leader. */
  readonly progress: ReadonlyMap<PeerId, PeerProgress>;
}

/** Why a proposal was dropped: nothing was appended, the host may try again. */
export type ProposalDropped = 'no-leader' | 'transferring' | 'too-much-uncommitted' | 'removed';

/** See the file's comment. */
export interface RaftNode {
  /** One unit of time. */
  tick(): void;
  step(message: Message): void;
  /** Start an election now. */
  campaign(): void;
  propose(data: readonly Uint8Array[]): ProposalDropped | null;
  proposeConfChange(change: ConfChange): ProposalDropped | null;
  /** Answers in `Ready.readStates` under the same `context`, which must never be used twice. */
  readIndex(context: string): void;
  transferLeadership(to: PeerId): void;
  reportUnreachable(peer: PeerId): void;
  reportSnapshot(peer: PeerId, outcome: 'delivered' | 'failed'): void;
  hasReady(): boolean;
  ready(): Ready;
  /** The host has done all of `ready`. */
  advance(ready: Ready): void;
  /** The host applied a `conf-change` entry; answers the configuration now in force. */
  applyConfChange(change: ConfChange): ConfState;
  status(): RaftStatus;
  /** Ticks without a leader before an election, from outside: for tests and drills. */
  setElectionTimeout(ticks: number): void;
  /** Throws `AssertionError` unless every invariant of this node holds. */
  assertInvariants(): void;
}
