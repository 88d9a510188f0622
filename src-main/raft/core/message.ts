/**
 * What Raft nodes say to each other, and what they write down. Names follow the Raft paper,
 * Ongaro's thesis and etcd, so that behaviour can be compared.
 */

/** A node's number within its group; stable, never reused, larger than 0. */
export type PeerId = number;

/** 0 stands for "no node" wherever a peer may be absent. */
export const noPeer: PeerId = 0;

/** One slot of the replicated log. */
export interface Entry {
  readonly term: number;
  readonly index: number;
  /** `empty` is what a new leader appends (thesis §6.4) and what a refused change becomes. */
  readonly kind: 'normal' | 'empty' | 'conf-change';
  /** The command; for `conf-change` an encoded `ConfChange`; zero bytes for `empty`. */
  readonly data: Uint8Array;
}

/** What must be durable before a promise leaves the node (paper, figure 2). */
export interface HardState {
  readonly term: number;
  readonly vote: PeerId;
  readonly commit: number;
}

/** Who votes and who only listens. Joint while `votersOutgoing` is not empty (thesis §4.3). All sorted. */
export interface ConfState {
  readonly voters: readonly PeerId[];
  readonly votersOutgoing: readonly PeerId[];
  readonly learners: readonly PeerId[];
  /** Voters of the old configuration that become learners when the joint one is left. */
  readonly learnersNext: readonly PeerId[];
  /** Whether the leader leaves the joint configuration by itself. */
  readonly autoLeave: boolean;
}

/** Where a snapshot stands in the log. Its content is the host's business. */
export interface SnapshotMeta {
  readonly index: number;
  readonly term: number;
  readonly confState: ConfState;
}

/** A membership change (thesis §4.3). An empty list of steps leaves a joint configuration. */
export interface ConfChange {
  readonly steps: readonly { readonly action: 'add-voter' | 'add-learner' | 'remove'; readonly peer: PeerId }[];
  /** `auto` uses joint consensus when there is more than one step, and leaves it by itself. */
  readonly transition: 'auto' | 'joint-implicit' | 'joint-explicit';
}

interface Envelope {
  /** The Raft group; one process may host several. */
  readonly group: number;
  readonly from: PeerId;
  readonly to: PeerId;
  readonly term: number;
}

/**
 * How far whoever refuses a vote knows the log to be committed. A candidate that holds that
 * entry learns that it is committed, and with it perhaps that the refusing node is a voter
 * no more: else a leader that removed itself, and fell silent before it could say that this
 * is committed, would block every election for ever (as in raft-rs).
 */
export interface CommittedPlace {
  readonly index: number;
  readonly term: number;
}

/** Messages between nodes. */
export type Message = Envelope &
  (
    | {
        readonly type: 'append';
        readonly prevIndex: number;
        readonly prevTerm: number;
        readonly commit: number;
        readonly entries: readonly Entry[];
      }
    | {
        readonly type: 'append-response';
        /** Acknowledged up to here; when rejected, the `prevIndex` that did not match. */
        readonly index: number;
        readonly reject: boolean;
        /** On rejection: the follower's guess of where the logs meet, with its term there. */
        readonly hintIndex: number;
        readonly hintTerm: number;
      }
    | { readonly type: 'vote'; readonly lastIndex: number; readonly lastTerm: number; readonly transfer: boolean }
    | { readonly type: 'vote-response'; readonly reject: boolean; readonly committed?: CommittedPlace }
    | { readonly type: 'pre-vote'; readonly lastIndex: number; readonly lastTerm: number }
    | { readonly type: 'pre-vote-response'; readonly reject: boolean; readonly committed?: CommittedPlace }
    | { readonly type: 'heartbeat'; readonly commit: number; readonly context: string }
    | { readonly type: 'heartbeat-response'; readonly context: string }
    /** The host adds the content and sends it in chunks; the receiver steps this once it has all of it. */
    | { readonly type: 'snapshot'; readonly meta: SnapshotMeta }
    /** Stepped by the leader's host: whether a snapshot reached its peer. */
    | { readonly type: 'snapshot-status'; readonly reject: boolean }
    /** Stepped by the leader's host: the peer could not be reached. */
    | { readonly type: 'unreachable' }
    | { readonly type: 'timeout-now' }
    | { readonly type: 'transfer-leader'; readonly transferee: PeerId }
    /** A follower's proposals on their way to the leader. */
    | { readonly type: 'propose'; readonly entries: readonly Pick<Entry, 'kind' | 'data'>[] }
    | { readonly type: 'read-index'; readonly context: string }
    | { readonly type: 'read-index-response'; readonly context: string; readonly index: number }
  );

export type MessageType = Message['type'];
export type MessageOf<Type extends MessageType> = Extract<Message, { type: Type }>;

type WithoutEnvelope<Any> = Any extends Message ? Omit<Any, keyof Envelope> : never;
/** What a message says, without whom it is from and to. */
export type MessageBody = WithoutEnvelope<Message>;

/** Bytes that one entry is counted with in messages, beside its data: term, index, kind, length. */
const entryOverheadBytes = 24;

/** What an entry counts for in limits on messages and batches, in bytes. */
export function entryBytes(entry: Entry): number {
  return entry.data.length + entryOverheadBytes;
}
