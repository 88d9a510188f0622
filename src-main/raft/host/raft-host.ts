/**
 * One Raft node at work: the loop around the pure core.
 *
 * A round takes everything that arrived since the last one (group commit), asks the core what
 * to do, and does it in this order:
 * 1. messages that promise nothing leave, a leader's appends among them, so that followers
 *    write while we write (thesis §10.2.1);
 * 2. hard state and entries are written in one transaction and synced;
 * 3. messages that promise what was written leave;
 * 4. what is committed is applied and answered.
 * Readers of the state see it once it is published: at once while little happens, and together
 * with what follows within a few milliseconds under load. That followers learn of a commit can
 * wait likewise: the next append tells it, too.
 * A failure in 2 or 4 ends the node: it stops answering, and nobody is told a success.
 */
import { assert } from '#shared/base/assert.ts';
import type { Disposable } from '#shared/base/disposable.ts';
import { decodeConfChange } from '../core/conf-change-codec.ts';
import type { ConfChange, ConfState, Entry, Message, PeerId } from '../core/message.ts';
import { RawNode } from '../core/raw-node.ts';
import type { ProposalDropped, RaftNode, Ready } from '../core/raw-node-api.ts';
import { CommitNotices } from './commit-notices.ts';
import { AppendTimes } from './append-times.ts';
import { ElectionPace } from './election-pace.ts';
import { MalformedFrameError } from '../transport/byte-writer.ts';
import { decodeFrame, encodeMessages, type Frame } from './frame.ts';
import { defaultThresholds, defaultTiming, type HostTiming, limits, type RaftHostOptions } from './host-options.ts';
import { NodeMetrics } from './node-metrics.ts';
import type { NodeStatus } from './node-status.ts';
import { Publication } from './publication.ts';
import { type ProposalOutcome, ProposalQueue } from './proposal-queue.ts';
import { raftConfig } from './raft-config.ts';
import { ReadQueue, type ReadSettle } from './read-queue.ts';
import { SnapshotKeeper } from './snapshot-keeper.ts';
import { StateHashes } from './state-hashes.ts';

/** See the file's comment. */
export class RaftHost implements Disposable {
  readonly #options: RaftHostOptions;
  readonly #timing: HostTiming;
  readonly #node: RaftNode;
  readonly #proposals = new ProposalQueue();
  readonly #reads: ReadQueue;
  readonly #metrics: NodeMetrics;
  readonly #pace: ElectionPace;
  readonly #appendTimes = new AppendTimes();
  readonly #snapshots: SnapshotKeeper;
  readonly #hashes: StateHashes;
  readonly #timer: Disposable;
  #inbox: { from: PeerId; frame: Uint8Array }[] = [];
  #roundScheduled = false;
  #stopped = false;
  #role: NodeStatus['role'] = 'follower';
  #leader: PeerId = 0;
  #appliedIndex: number;
  readonly #publication: Publication;
  #confState: ConfState;
  #leaderContactMs: number | null = null;
  #lastCommitAtMs: number | null = null;
  #lastTickMs: number;
  readonly #notices: CommitNotices;
  /** The cut-off drill: nothing leaves and nothing arrives. */
  #cutOff = false;

  constructor(options: RaftHostOptions) {
    this.#options = options;
    const { files, clock, random, transport, peer } = options;
    this.#timing = options.timing ?? defaultTiming;
    const nowMs = clock.monotonicMs();
    this.#lastTickMs = nowMs;
    this.#metrics = new NodeMetrics(nowMs);
    this.#pace = new ElectionPace(this.#timing, nowMs);
    this.#reads = new ReadQueue(`${peer}-${random.id(8)}`);
    this.#appliedIndex = files.stateMachine.applied().index;
    this.#publication = new Publication({
      clock,
      stateMachine: files.stateMachine,
      guard: (step) => this.#guard(step),
      published: (batch, index) => {
        this.#reads.applied(index);
        options.events.applied(batch);
      },
    });
    this.#notices = new CommitNotices(clock, (notices) => this.#guard(() => this.#send(notices)));
    this.#confState = files.log.initialState().confState;
    this.#hashes = new StateHashes(files.stateMachine);
    this.#node = new RawNode(raftConfig(options, this.#timing, this.#pace, this.#appliedIndex), files.log);
    this.#snapshots = new SnapshotKeeper({
      files,
      thresholds: options.thresholds ?? defaultThresholds,
      metrics: this.#metrics,
      send: (to, frame) => this.#sendFrame(to, frame),
      sent: (to, outcome) => {
        this.#node.reportSnapshot(to, outcome);
        this.#schedule();
      },
      received: (message) => this.#node.step(message),
    });
    transport.onFrame = (from, frame) => {
      if (this.#cutOff || this.#stopped) return;
      this.#inbox.push({ from, frame });
      this.#schedule();
    };
    transport.onDidLosePeer = (lost) =>
      this.#guard(() => {
        this.#node.reportUnreachable(lost);
        this.#schedule();
      });
    this.#timer = clock.every(this.#timing.tickMs, () => this.#guard(() => this.#tick()));
    this.#schedule();
  }

  /** Proposes opaque bytes; `settle` is called exactly once. */
  propose(data: Uint8Array, settle: (outcome: ProposalOutcome) => void): void {
    if (this.#stopped) return settle({ kind: 'not-leader', leader: 0 });
    this.#proposals.add({ data, arrivedMs: this.#options.clock.monotonicMs(), settle });
    this.#schedule();
  }

  /** Answers the index that a linearizable read has to include, once this node has applied it; null when unconfirmed. */
  readIndex(settle: ReadSettle): void {
    if (this.#stopped || this.#leader === 0) return settle(null);
    this.#node.readIndex(this.#reads.add(settle));
    this.#schedule();
  }

  proposeConfChange(change: ConfChange): ProposalDropped | null {
    if (this.#stopped || this.#role !== 'leader') return 'no-leader';
    const dropped = this.#node.proposeConfChange(change);
    this.#schedule();
    return dropped;
  }

  transferLeadership(to: PeerId): void {
    this.#node.transferLeadership(to);
    this.#schedule();
  }

  /** The cut-off drill: drops all traffic with peers while set. */
  setCutOff(cutOff: boolean): void {
    this.#cutOff = cutOff;
  }

  /** The slow-disk drill: called right before each sync. */
  setBeforeSync(beforeSync: () => void): void {
    this.#options.files.log.beforeSync = beforeSync;
  }

  status(): NodeStatus {
    const { clock, files } = this.#options;
    const status = this.#node.status();
    const nowMs = clock.monotonicMs();
    const wallOffsetMs = clock.nowMs() - nowMs;
    const { commit } = status.hardState;
    const metrics = this.#metrics.read();
    return {
      peer: status.id,
      role: status.role,
      leader: status.leader,
      term: status.hardState.term,
      lastIndex: status.lastIndex,
      commitIndex: commit,
      appliedIndex: this.#publication.index,
      snapshotIndex: files.log.latestSnapshot()?.index ?? 0,
      logBytes: files.log.dataBytes(),
      confState: this.#confState,
      stateHash: this.#hashes.latest(),
      leaderContactAtMs: this.#leaderContactMs === null ? null : this.#leaderContactMs + wallOffsetMs,
      lastCommitAtMs: this.#lastCommitAtMs,
      ...metrics,
      peers: [...status.progress]
        .filter(([peer]) => peer !== status.id)
        .map(([peer, { match, learner, recentlyActive, state }]) => {
          const lagEntries = Math.max(0, commit - match);
          const sinceMs = lagEntries === 0 ? nowMs : (this.#appendTimes.appendedAtMs(match + 1) ?? nowMs);
          return { peer, match, learner, recentlyActive, state, lagEntries, lagMs: nowMs - sinceMs };
        }),
      proposalsPending: this.#proposals.pendingCount,
      electionTimeoutMs: this.#pace.electionTicks * this.#timing.tickMs,
    };
  }

  /** Stops without warning the others, writing what may be written. Disposing twice is harmless. */
  dispose(): void {
    if (this.#stopped) return;
    this.#guard(() => this.#publication.now());
    if (this.#stopped) return;
    this.#stop();
    const { log, stateMachine } = this.#options.files;
    stateMachine.close();
    log.close();
  }

  #stop(): void {
    this.#stopped = true;
    this.#timer.dispose();
    this.#publication.dispose();
    this.#notices.dispose();
    this.#options.transport.dispose();
    this.#snapshots.dispose();
    this.#proposals.release(0);
    this.#reads.release();
  }

  /** Runs one step of the loop; an error ends the node. */
  #guard(step: () => void): void {
    if (this.#stopped) return;
    try {
      step();
    } catch (error) {
      this.#stop();
      const failure = error instanceof Error ? error : new Error(String(error));
      for (const part of [this.#options.files.stateMachine, this.#options.files.log]) {
        try {
          part.close();
        } catch (closing) {
          this.#options.log.warn('closing after a failure failed too', { error: String(closing) });
        }
      }
      this.#options.events.failed(failure);
    }
  }

  #schedule(): void {
    if (this.#roundScheduled || this.#stopped) return;
    this.#roundScheduled = true;
    setImmediate(() => {
      this.#roundScheduled = false;
      this.#guard(() => this.#round());
    });
  }

  #tick(): void {
    const nowMs = this.#options.clock.monotonicMs();
    // 1. A thread that was descheduled finds its timer and its messages due at once, the timer
    //    first: what the leader sent meanwhile must count before its silence does.
    this.#pace.sawSilence(nowMs - this.#lastTickMs - this.#timing.tickMs);
    this.#lastTickMs = nowMs;
    const ticks = this.#pace.tick(nowMs);
    // 2. The wait that runs already was drawn for a shorter timeout.
    if (ticks !== null) this.#node.setElectionTimeout(ticks + this.#options.random.below(ticks));
    this.#receive();
    this.#node.tick();
    this.#metrics.tick(nowMs);
    this.#snapshots.tick(nowMs);
    this.#round();
    if (this.#proposals.pendingCount === 0) {
      this.#hashes.tick(nowMs, this.#appliedIndex);
    }
    this.#options.files.log.maintain();
    this.#options.files.stateMachine.maintain();
  }

  #round(): void {
    this.#receive();
    this.#propose();
    while (this.#node.hasReady()) this.#handle(this.#node.ready());
    this.#publication.whenDue(this.#appliedIndex === this.#options.files.log.lastIndex());
    this.#snapshots.makeWhenDue(this.#appliedIndex, this.#confState);
  }

  #receive(): void {
    const inbox = this.#inbox;
    this.#inbox = [];
    for (const { from, frame } of inbox) {
      const decoded = this.#decode(from, frame);
      if (decoded?.kind === 'messages') for (const message of decoded.messages) this.#step(message);
      else if (decoded) this.#snapshots.onFrame(from, decoded, this.#options.clock.monotonicMs());
    }
  }

  /** Null for bytes that no node of this version sends: as good as lost. */
  #decode(from: PeerId, frame: Uint8Array): Frame | null {
    try {
      return decodeFrame(frame, from);
    } catch (error) {
      if (!(error instanceof MalformedFrameError)) throw error;
      this.#metrics.count('networkErrorsTotal');
      this.#options.log.warn('dropped a frame that makes no sense', { from, reason: error.message });
      return null;
    }
  }

  #step(message: Message): void {
    this.#metrics.count('messagesReceivedTotal');
    if (message.group !== this.#options.group || message.to !== this.#options.peer) return;
    if (message.type === 'append' || message.type === 'heartbeat' || message.type === 'snapshot') {
      const nowMs = this.#options.clock.monotonicMs();
      if (this.#leaderContactMs !== null && message.from === this.#leader) {
        this.#pace.sawSilence(nowMs - this.#leaderContactMs);
      }
      this.#leaderContactMs = nowMs;
    }
    this.#node.step(message);
  }

  #propose(): void {
    if (this.#proposals.waitingCount === 0) return;
    if (this.#role !== 'leader') {
      this.#metrics.count('proposalsFailedTotal', this.#proposals.release(this.#leader));
      return;
    }
    while (this.#proposals.waitingCount > 0) {
      const batch = this.#proposals.take(limits.proposeBytesMax);
      const before = this.#node.status();
      const dropped = this.#node.propose(batch.map((proposal) => proposal.data));
      if (dropped) {
        // Too much is under way or leadership moves: the next round finds out how that went.
        this.#proposals.putBack(batch);
        return;
      }
      this.#proposals.logged(batch, before.lastIndex + 1, before.hardState.term);
    }
  }

  #handle(ready: Ready): void {
    const { files, events } = this.#options;
    if (ready.softState) this.#becameSoft(ready.softState);
    // With nothing to write there is nobody to let write meanwhile: whoever waits for an answer first.
    const nothingToWrite = ready.entries.length === 0 && !ready.mustSync;
    if (!nothingToWrite) this.#send(ready.messages);
    if (ready.snapshot) {
      this.#publication.now();
      this.#snapshots.install(ready.snapshot, ready.hardState);
      this.#appliedIndex = ready.snapshot.index;
      this.#publication.restored(this.#appliedIndex);
      this.#confState = ready.snapshot.confState;
      events.restored(this.#appliedIndex);
    }
    this.#write(ready);
    this.#send(ready.messagesAfterAppend);
    if (ready.committed.length > 0) this.#apply(ready.committed);
    if (nothingToWrite) this.#send(this.#notices.hold(ready.messages));
    this.#node.advance(ready);
    if (ready.readStates.length > 0) {
      this.#publication.now();
      this.#reads.confirmed(ready.readStates, this.#publication.index);
    }
    if (ready.softState) events.changed();
    assert(this.#appliedIndex <= files.log.lastIndex(), 'nothing is applied that is not in the log');
  }

  #becameSoft({ role, leader }: { role: NodeStatus['role']; leader: PeerId }): void {
    if (leader !== this.#leader) this.#metrics.count('leaderChangesTotal');
    if (role === 'pre-candidate' && this.#role === 'follower') this.#metrics.count('electionsStartedTotal');
    const wasLeader = this.#role === 'leader';
    this.#role = role;
    if (leader !== this.#leader || role === 'leader') this.#leaderContactMs = null;
    this.#leader = leader;
    this.#reads.release();
    if (wasLeader === (role === 'leader')) return;
    this.#appendTimes.clear();
    this.#notices.clear();
    this.#snapshots.abandonSending();
    if (wasLeader) this.#metrics.count('proposalsFailedTotal', this.#proposals.release(leader));
  }

  #write(ready: Ready): void {
    const { entries, hardState, mustSync } = ready;
    if (entries.length === 0 && hardState === null) return;
    const startedMs = this.#options.clock.monotonicMs();
    this.#options.files.log.write(entries, hardState, mustSync);
    if (!mustSync) return;
    this.#metrics.fsyncTook(this.#options.clock.monotonicMs() - startedMs);
    this.#metrics.count('logAppendsTotal', entries.length);
    const last = entries.at(-1);
    if (last && this.#role === 'leader') this.#appendTimes.mark(last.index, startedMs);
  }

  #apply(committed: readonly Entry[]): void {
    const { clock, files } = this.#options;
    let confChanged = false;
    for (const entry of committed) {
      if (entry.kind !== 'conf-change') continue;
      this.#confState = this.#node.applyConfChange(decodeConfChange(entry.data));
      confChanged = true;
    }
    const applied = files.stateMachine.stage(committed, this.#confState);
    const last = committed.at(-1);
    assert(last !== undefined && applied.length === committed.length, 'every entry gives an answer');
    this.#appliedIndex = last.index;
    this.#lastCommitAtMs = clock.nowMs();
    this.#metrics.count('proposalsAppliedTotal', committed.length);
    const nowMs = clock.monotonicMs();
    applied.forEach((result, at) => {
      const proposal = this.#proposals.applied(result, committed[at]?.term ?? 0);
      if (!proposal) return;
      this.#metrics.count('proposalsCommittedTotal');
      this.#metrics.commitTook(nowMs - proposal.arrivedMs);
    });
    this.#publication.add(applied);
    if (!confChanged) return;
    this.#publication.now();
    this.#options.events.changed();
  }

  #send(messages: readonly Message[]): void {
    if (messages.length === 0) return;
    const byPeer = new Map<PeerId, Message[]>();
    for (const message of messages) {
      this.#notices.sent(message);
      if (message.type === 'snapshot') this.#snapshots.send(message, this.#options.clock.monotonicMs());
      else if (byPeer.has(message.to)) byPeer.get(message.to)?.push(message);
      else byPeer.set(message.to, [message]);
    }
    for (const [to, batch] of byPeer) {
      this.#metrics.count('messagesSentTotal', batch.length);
      if (!this.#sendFrame(to, encodeMessages(batch))) this.#node.reportUnreachable(to);
    }
  }

  #sendFrame(to: PeerId, frame: Uint8Array): boolean {
    // A cut cable does not say that it is cut.
    if (this.#cutOff) return true;
    const sent = this.#options.transport.send(to, frame);
    if (!sent) this.#metrics.count('networkErrorsTotal');
    return sent;
  }
}
