/**
 * What the leader knows of one peer's log, and how it feeds it (etcd's tracker).
 *
 * - `probe`: where the logs meet is not known; one append at a time.
 * - `replicate`: known; appends are pipelined within the window.
 * - `snapshot`: the entries it needs are compacted away; nothing is sent until the
 *   snapshot's outcome is known.
 */
import { assert } from '#shared/base/assert.ts';
import type { RaftConfig } from './raw-node-api.ts';
import { Inflights } from './inflights.ts';

/** The limits of one peer's window. */
export type ProgressLimits = Pick<RaftConfig, 'inflightMessagesMax' | 'inflightBytesMax'>;

/** See the file's comment. `match < next` always. */
export class Progress {
  /** The last entry that the peer is known to hold durably. Never moves back within a term. */
  match: number;
  /** The next entry to send. */
  next: number;
  state: 'probe' | 'replicate' | 'snapshot' = 'probe';
  /** Index of the snapshot on its way; 0 when there is none. */
  pendingSnapshot = 0;
  /** The largest commit index that was sent. */
  sentCommit = 0;
  /** Whether anything came from the peer since CheckQuorum last looked. */
  recentlyActive: boolean;
  /** Waiting for an answer: a probe is out, or the window is full. A heartbeat's answer lifts it. */
  paused = false;
  readonly inflights: Inflights;

  constructor(match: number, next: number, recentlyActive: boolean, limits: ProgressLimits) {
    assert(match < next, 'what is acknowledged is not sent again');
    this.match = match;
    this.next = next;
    this.recentlyActive = recentlyActive;
    this.inflights = new Inflights(limits.inflightMessagesMax, limits.inflightBytesMax ?? Number.MAX_SAFE_INTEGER);
  }

  /** Searches for the place where the logs meet, from after the snapshot when one was on its way. */
  becomeProbe(): void {
    const next = this.state === 'snapshot' ? Math.max(this.match, this.pendingSnapshot) + 1 : this.match + 1;
    this.#enter('probe', next);
    this.sentCommit = Math.min(this.sentCommit, next - 1);
  }

  /** Pipelines from the known match on. */
  becomeReplicate(): void {
    this.#enter('replicate', this.match + 1);
  }

  /** Waits for a snapshot at `index` to arrive. */
  becomeSnapshot(index: number): void {
    this.#enter('snapshot', index + 1);
    this.pendingSnapshot = index;
    this.sentCommit = index;
  }

  #enter(state: Progress['state'], next: number): void {
    this.state = state;
    this.next = next;
    this.paused = false;
    this.pendingSnapshot = 0;
    this.inflights.reset();
  }

  /** An acknowledgement up to `index`; false when it told nothing new. */
  acknowledge(index: number): boolean {
    if (index <= this.match) return false;
    this.match = index;
    this.next = Math.max(this.next, index + 1);
    this.paused = false;
    return true;
  }

  /**
   * A rejection of `rejected` with the follower's guess. False when it is stale: it answers
   * something older than what is known now. The guess only ever moves `next`, never `match`.
   */
  reject(rejected: number, guess: number): boolean {
    if (this.state === 'replicate') {
      if (rejected <= this.match) return false;
      this.next = this.match + 1;
      return true;
    }
    // While probing, only the answer to the one probe that is out counts.
    if (this.next - 1 !== rejected) return false;
    this.next = Math.max(Math.min(rejected, guess + 1), this.match + 1);
    this.sentCommit = Math.min(this.sentCommit, this.next - 1);
    this.paused = false;
    return true;
  }

  /** Whether appends have to wait. */
  get blocked(): boolean {
    return this.state === 'snapshot' || this.paused;
  }

  /** Notes an append that was sent from `next` on. */
  sent(entries: number, sizeBytes: number, commit: number): void {
    assert(this.state !== 'snapshot', 'nothing is appended while a snapshot is on its way');
    if (this.state === 'probe') {
      if (entries > 0) this.paused = true;
    } else {
      if (entries > 0) {
        this.next += entries;
        this.inflights.add(this.next - 1, sizeBytes);
      }
      this.paused = this.inflights.full;
    }
    this.sentCommit = Math.max(this.sentCommit, commit);
  }

  /** Whether sending `commit` would let the peer commit more than it can know of. */
  canLearnCommit(commit: number): boolean {
    return commit > this.sentCommit && this.sentCommit < this.next - 1;
  }
}
