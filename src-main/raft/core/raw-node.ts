/**
 * One Raft node as a pure state machine. It has no clock, no disk, no network and no
 * chance of its own: a host calls it, and does what it answers.
 *
 * ## The loop
 * ```
 * node.tick() | node.step(message) | node.propose([…]) | …
 * while (node.hasReady()) {
 *   const ready = node.ready();
 *   send(ready.messages);                         // 1 may leave at once
 *   writeDurably(ready.hardState, ready.entries, ready.snapshot);   // 2 one atomic step
 *   send(ready.messagesAfterAppend);              // 3 promises that 2 was kept
 *   apply(ready.committed);                       // 4 calling applyConfChange on the way
 *   node.advance(ready);                          // 5
 * }
 * ```
 * Between `ready()` and `advance()` the host may go on calling the node (2 can take its
 * time on another thread); `hasReady()` is false meanwhile, so that at most one `Ready` is
 * outstanding. Everything that happens is in the next one.
 *
 * ## How an entry gets through
 * 1. `propose` appends it to the leader's unstable log and queues appends to all peers;
 *    both are in the next `Ready`. Appends leave before the leader's own write is done.
 * 2. A follower takes the entry in (`follower-append.ts`); its acknowledgement is in
 *    `messagesAfterAppend`, so that it promises what is on disk.
 * 3. The leader acknowledges its own entry the same way: a message to itself, which
 *    `advance` steps. That is why a lone node never commits before its disk has the entry.
 * 4. Once a quorum acknowledges an entry of the current term (`maybeCommit`), it and all
 *    before it are committed, handed out in `committed`, and told to the followers.
 *
 * ## How a leader comes about
 * follower → (no leader heard for a random time) pre-candidate → (a quorum would vote)
 * candidate, term + 1 → (a quorum voted) leader, which appends an empty entry. A leader that
 * does not hear from a quorum for an election timeout steps down; while it does hear, its
 * followers refuse to vote for anyone else, except when it hands over by `timeout-now`.
 *
 * ## Duties of the host
 * - All nodes of a group start from the same bootstrap configuration (`initialState` of an
 *   empty log), also those that are not in it: they learn of later changes from the log.
 * - A failed write stops the node: its outcome is unknown.
 * - `readIndex` and forwarded proposals can be lost; the host repeats them after a while,
 *   a read under a new context, a proposal so that it applies only once.
 * - The outcome of each snapshot that it sent is reported.
 * - A node that lost its disk comes back under a new id: it no longer knows its vote.
 *
 * Names and behaviour follow the Raft paper, Ongaro's thesis and etcd's core.
 */
import { assert } from '#shared/base/assert.ts';
import { encodeConfChange } from './conf-change-codec.ts';
import { assertRaftInvariants } from './invariants.ts';
import { applyConfChange, maybeLeaveJoint } from './membership.ts';
import type { ConfChange, ConfState, Entry, HardState, Message, MessageType, PeerId } from './message.ts';
import { Raft } from './raft.ts';
import type {
  LogReader,
  PeerProgress,
  ProposalDropped,
  RaftConfig,
  RaftNode,
  RaftStatus,
  Ready,
} from './raw-node-api.ts';

const responses: ReadonlySet<MessageType> = new Set<MessageType>([
  'append-response',
  'heartbeat-response',
  'vote-response',
  'pre-vote-response',
]);

/** See the file's comment. */
export class RawNode implements RaftNode {
  readonly #raft: Raft;
  #softState: NonNullable<Ready['softState']>;
  #hardState: HardState;
  #outstanding: Ready | null = null;
  /** The node's promises to itself; kept by `advance`. */
  #toSelf: readonly Message[] = [];

  constructor(config: RaftConfig, log: LogReader) {
    this.#raft = new Raft(config, log);
    this.#softState = this.#currentSoftState();
    this.#hardState = this.#raft.hardState();
  }

  tick(): void {
    this.#raft.tick();
  }

  step(message: Message): void {
    assert(message.group === this.#raft.config.group, `a message of group ${message.group} went astray`);
    assert(message.to === this.#raft.id, `a message to ${message.to} went astray`);
    // A peer that was removed may still answer; it counts for nothing any more.
    if (responses.has(message.type) && this.#raft.tracker.progress(message.from) === undefined) return;
    this.#raft.step(message);
  }

  campaign(): void {
    this.#raft.campaign();
  }

  propose(data: readonly Uint8Array[]): ProposalDropped | null {
    return this.#propose(data.map((bytes) => ({ kind: 'normal', data: bytes })));
  }

  proposeConfChange(change: ConfChange): ProposalDropped | null {
    return this.#propose([{ kind: 'conf-change', data: encodeConfChange(change) }]);
  }

  #propose(entries: readonly Pick<Entry, 'kind' | 'data'>[]): ProposalDropped | null {
    if (entries.length === 0) return null;
    return this.#raft.step({ ...this.#envelope(), type: 'propose', entries });
  }

  readIndex(context: string): void {
    this.#raft.step({ ...this.#envelope(), type: 'read-index', context });
  }

  transferLeadership(to: PeerId): void {
    this.#raft.step({ ...this.#envelope(), type: 'transfer-leader', transferee: to });
  }

  reportUnreachable(peer: PeerId): void {
    this.#raft.step({ ...this.#envelope(peer), type: 'unreachable' });
  }

  reportSnapshot(peer: PeerId, outcome: 'delivered' | 'failed'): void {
    this.#raft.step({ ...this.#envelope(peer), type: 'snapshot-status', reject: outcome === 'failed' });
  }

  #envelope(from: PeerId = this.#raft.id) {
    return { group: this.#raft.config.group, from, to: this.#raft.id, term: this.#raft.term };
  }

  hasReady(): boolean {
    const raft = this.#raft;
    if (this.#outstanding !== null) return false;
    return (
      raft.messages.length > 0 ||
      raft.messagesAfterAppend.length > 0 ||
      raft.readStates.length > 0 ||
      raft.log.unstable.entries.length > 0 ||
      raft.log.unstable.snapshot !== null ||
      raft.log.hasCommitted() ||
      this.#changedHardState() !== null ||
      this.#changedSoftState() !== null
    );
  }

  ready(): Ready {
    assert(this.#outstanding === null, 'the last ready has not been advanced');
    const raft = this.#raft;
    const hardState = this.#changedHardState();
    const softState = this.#changedSoftState();
    const { snapshot } = raft.log.unstable;
    const entries = [...raft.log.unstable.entries];
    const promised =
      hardState !== null && (hardState.term !== this.#hardState.term || hardState.vote !== this.#hardState.vote);
    const ready: Ready = {
      softState,
      hardState,
      entries,
      snapshot,
      committed: raft.log.nextCommitted(raft.config.committedBytesMax),
      messages: raft.messages,
      messagesAfterAppend: raft.messagesAfterAppend.filter(({ to }) => to !== raft.id),
      readStates: raft.readStates,
      mustSync: entries.length > 0 || snapshot !== null || promised,
    };
    this.#toSelf = raft.messagesAfterAppend.filter(({ to }) => to === raft.id);
    raft.messages = [];
    raft.messagesAfterAppend = [];
    raft.readStates = [];
    if (hardState !== null) this.#hardState = hardState;
    if (softState !== null) this.#softState = softState;
    this.#outstanding = ready;
    return ready;
  }

  advance(ready: Ready): void {
    assert(ready === this.#outstanding, 'only the outstanding ready is advanced');
    this.#outstanding = null;
    const raft = this.#raft;
    const lastWritten = ready.entries.at(-1);
    if (lastWritten !== undefined) raft.log.unstable.stableTo(lastWritten.index, lastWritten.term);
    if (ready.snapshot !== null) {
      raft.log.unstable.stableSnapshotTo(ready.snapshot.index);
      raft.tracker.install(ready.snapshot.confState, ready.snapshot.index + 1);
      if (ready.snapshot.index > raft.log.applied) raft.log.appliedTo(ready.snapshot.index);
    }
    const lastApplied = ready.committed.at(-1);
    if (lastApplied !== undefined) this.#applied(ready.committed, lastApplied.index);
    const toSelf = this.#toSelf;
    this.#toSelf = [];
    for (const message of toSelf) this.step(message);
  }

  #applied(entries: readonly Entry[], index: number): void {
    const raft = this.#raft;
    raft.log.appliedTo(index);
    const sizeBytes = entries.reduce((sum, { data }) => sum + data.length, 0);
    // Entries of earlier leaders were never counted here.
    raft.uncommittedBytes = Math.max(0, raft.uncommittedBytes - sizeBytes);
    maybeLeaveJoint(raft);
  }

  applyConfChange(change: ConfChange): ConfState {
    return applyConfChange(this.#raft, change);
  }

  status(): RaftStatus {
    const raft = this.#raft;
    const progress = new Map<PeerId, PeerProgress>();
    if (raft.role === 'leader') for (const peer of raft.tracker.members) progress.set(peer, this.#progressOf(peer));
    return {
      id: raft.id,
      role: raft.role,
      leader: raft.leader,
      hardState: raft.hardState(),
      applied: raft.log.applied,
      lastIndex: raft.log.lastIndex(),
      transferee: raft.transferee,
      confState: raft.tracker.conf,
      progress,
    };
  }

  #progressOf(peer: PeerId): PeerProgress {
    const progress = this.#raft.tracker.progress(peer);
    assert(progress !== undefined, `member ${peer} has a progress`);
    return {
      match: progress.match,
      next: progress.next,
      state: progress.state,
      inflightMessages: progress.inflights.count,
      recentlyActive: progress.recentlyActive,
      learner: this.#raft.tracker.isLearner(peer),
    };
  }

  setElectionTimeout(ticks: number): void {
    assert(Number.isSafeInteger(ticks) && ticks > 0, 'an election timeout is a number of ticks');
    this.#raft.randomElectionTicks = ticks;
  }

  assertInvariants(): void {
    assertRaftInvariants(this.#raft);
  }

  #currentSoftState(): NonNullable<Ready['softState']> {
    return { leader: this.#raft.leader, role: this.#raft.role };
  }

  #changedSoftState(): Ready['softState'] {
    const { leader, role } = this.#raft;
    return leader === this.#softState.leader && role === this.#softState.role ? null : this.#currentSoftState();
  }

  #changedHardState(): HardState | null {
    const { term, vote, log } = this.#raft;
    const before = this.#hardState;
    const same = term === before.term && vote === before.vote && log.committed === before.commit;
    return same ? null : this.#raft.hardState();
  }
}
