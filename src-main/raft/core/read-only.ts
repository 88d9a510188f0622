/**
 * Linearizable reads without writing to the log (thesis §6.4). Each read opens a round;
 * the round's number travels in heartbeats and comes back in their responses. Once a
 * quorum has answered a round, this node was still leader after the read arrived, so
 * that round and every earlier one are confirmed.
 *
 * Rounds are numbered by the leader and never reused within a term, so that a late answer
 * to an old heartbeat can never confirm a newer read, whatever the clients call theirs.
 */
import type { PeerId } from './message.ts';
import { type JointVoters, jointIndex } from './quorum/joint.ts';

/** A read that waits for its confirmation. */
export interface PendingRead {
  readonly requester: PeerId;
  readonly context: string;
  /** The commit index when the read arrived: what it has to see at least. */
  readonly index: number;
}

/** Reads that wait at most; one more is dropped, and its client asks again. */
const pendingReadsMax = 16_384;

/** See the file's comment. One lives for one term of one leader. */
export class ReadOnly {
  #round = 0;
  #pending: (PendingRead & { readonly round: number })[] = [];
  readonly #answered = new Map<PeerId, number>();

  /** Takes a read in and opens its round; false when too many wait. */
  add(read: PendingRead): boolean {
    if (this.#pending.length >= pendingReadsMax) return false;
    this.#round += 1;
    this.#pending.push({ ...read, round: this.#round });
    return true;
  }

  /** The context for heartbeats: the newest round; empty when no read waits. */
  heartbeatContext(): string {
    return this.#pending.length === 0 ? '' : String(this.#round);
  }

  /** `peer` answered the heartbeat with `context`. */
  acknowledge(peer: PeerId, context: string): void {
    const round = Number(context);
    if (!Number.isSafeInteger(round) || round > this.#round) return;
    this.#answered.set(peer, Math.max(round, this.#answered.get(peer) ?? 0));
  }

  /** Takes out what a quorum has confirmed by now, oldest first. */
  takeConfirmed(voters: JointVoters): readonly PendingRead[] {
    const confirmed = jointIndex(voters, (peer) => this.#answered.get(peer) ?? 0);
    const stillOpen = this.#pending.findIndex((read) => read.round > confirmed);
    const count = stillOpen < 0 ? this.#pending.length : stillOpen;
    return this.#pending.splice(0, count);
  }
}
