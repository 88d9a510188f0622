/** Proposals of this node: those that wait for a round, and those in the log that wait to be applied. */
import type { Applied } from './state-machine.ts';
import type { PeerId } from '../core/message.ts';

/** What became of a proposal. */
export type ProposalOutcome =
  | { readonly kind: 'applied'; readonly index: number; readonly answer: Uint8Array }
  /** Nothing was appended. `leader` is 0 when unknown. */
  | { readonly kind: 'not-leader'; readonly leader: PeerId }
  /** Nothing was appended: too much waits already. */
  | { readonly kind: 'busy' }
  /** It was in the log of a leader that lost its office, or of a node that stopped: it may be applied yet. */
  | { readonly kind: 'unknown' };

export interface Proposal {
  readonly data: Uint8Array;
  readonly arrivedMs: number;
  readonly settle: (outcome: ProposalOutcome) => void;
}

interface Logged {
  readonly term: number;
  readonly proposal: Proposal;
}

/** Bounds what waits: beyond it a proposer is told to come back. */
const waitingMax = 20_000;

/** See the file's comment. Settles each proposal exactly once. */
export class ProposalQueue {
  #waiting: Proposal[] = [];
  readonly #logged = new Map<number, Logged>();

  get waitingCount(): number {
    return this.#waiting.length;
  }

  get pendingCount(): number {
    return this.#waiting.length + this.#logged.size;
  }

  add(proposal: Proposal): void {
    if (this.#waiting.length >= waitingMax) proposal.settle({ kind: 'busy' });
    else this.#waiting.push(proposal);
  }

  /** Takes the next ones to propose together: at least one, at most about `bytesMax`. */
  take(bytesMax: number): Proposal[] {
    let bytes = 0;
    let count = 0;
    for (const proposal of this.#waiting) {
      bytes += proposal.data.byteLength;
      if (count > 0 && bytes > bytesMax) break;
      count += 1;
    }
    if (count === this.#waiting.length) {
      const all = this.#waiting;
      this.#waiting = [];
      return all;
    }
    return this.#waiting.splice(0, count);
  }

  /** Puts back what could not be proposed now. */
  putBack(proposals: readonly Proposal[]): void {
    this.#waiting = [...proposals, ...this.#waiting];
  }

  /** `proposals` are in the log from `firstIndex` on. */
  logged(proposals: readonly Proposal[], firstIndex: number, term: number): void {
    proposals.forEach((proposal, at) => this.#logged.set(firstIndex + at, { term, proposal }));
  }

  /** Settles the one at an applied index. Answers it when it was ours. */
  applied({ index, answer }: Applied, term: number): Proposal | null {
    const logged = this.#logged.get(index);
    if (!logged) return null;
    this.#logged.delete(index);
    // Another leader's entry took its place: ours was cut off and can never be applied.
    if (logged.term !== term) logged.proposal.settle({ kind: 'unknown' });
    else logged.proposal.settle({ kind: 'applied', index, answer });
    return logged.proposal;
  }

  /** No longer the leader: what waits goes elsewhere, what is in the log is uncertain. */
  release(leader: PeerId): number {
    const waiting = this.#waiting;
    const logged = [...this.#logged.values()];
    this.#waiting = [];
    this.#logged.clear();
    for (const proposal of waiting) proposal.settle({ kind: 'not-leader', leader });
    for (const { proposal } of logged) proposal.settle({ kind: 'unknown' });
    return waiting.length + logged.length;
  }
}
