/** The configuration in force with what is known of each member: progress and votes. */
import { assertConfState, isVoter, membersOf } from './conf-change.ts';
import type { ConfState, PeerId } from './message.ts';
import { Progress, type ProgressLimits } from './progress.ts';
import { jointIndex, jointVote } from './quorum/joint.ts';
import type { VoteResult } from './quorum/majority.ts';

/** See the file's comment. */
export class Tracker {
  readonly #limits: ProgressLimits;
  readonly #progress = new Map<PeerId, Progress>();
  readonly #votes = new Map<PeerId, boolean>();
  #conf: ConfState;
  #members: readonly PeerId[];

  constructor(conf: ConfState, next: number, limits: ProgressLimits) {
    assertConfState(conf);
    this.#limits = limits;
    this.#conf = conf;
    this.#members = membersOf(conf);
    this.resetProgress(next);
  }

  get conf(): ConfState {
    return this.#conf;
  }

  /** Voters of both halves and learners, sorted: the order in which everything is sent. */
  get members(): readonly PeerId[] {
    return this.#members;
  }

  progress(peer: PeerId): Progress | undefined {
    return this.#progress.get(peer);
  }

  isVoter(peer: PeerId): boolean {
    return isVoter(this.#conf, peer);
  }

  isLearner(peer: PeerId): boolean {
    return this.#conf.learners.includes(peer);
  }

  /** Puts `conf` in force. A new peer starts as a probe at `next`, and counts as active until CheckQuorum first looks. */
  install(conf: ConfState, next: number): void {
    assertConfState(conf);
    this.#conf = conf;
    this.#members = membersOf(conf);
    for (const peer of this.#members) {
      if (!this.#progress.has(peer)) this.#progress.set(peer, new Progress(0, next, true, this.#limits));
    }
    for (const peer of this.#progress.keys()) if (!this.#members.includes(peer)) this.#progress.delete(peer);
  }

  /** A new term: nothing is known of anyone. */
  resetProgress(next: number): void {
    this.#progress.clear();
    for (const peer of this.#members) this.#progress.set(peer, new Progress(0, next, false, this.#limits));
  }

  /** The largest index that a quorum holds durably. Learners never count. */
  committedIndex(): number {
    return jointIndex(this.#conf, (peer) => this.#progress.get(peer)?.match ?? 0);
  }

  /** Whether a quorum was heard of since `forgetActivity`; the leader itself only counts while it votes. */
  quorumActive(self: PeerId): boolean {
    const active = (peer: PeerId) => peer === self || (this.#progress.get(peer)?.recentlyActive ?? false);
    return jointVote(this.#conf, active) === 'won';
  }

  forgetActivity(): void {
    for (const progress of this.#progress.values()) progress.recentlyActive = false;
  }

  resetVotes(): void {
    this.#votes.clear();
  }

  /** Notes a vote; the first answer of each peer stands. */
  recordVote(peer: PeerId, granted: boolean): void {
    if (!this.#votes.has(peer)) this.#votes.set(peer, granted);
  }

  voteResult(): VoteResult {
    return jointVote(this.#conf, (peer) => this.#votes.get(peer));
  }
}
