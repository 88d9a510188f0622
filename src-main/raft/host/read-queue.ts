/** Linearizable reads that wait for the leader's confirmation and then for this node to apply that far. */
import type { ReadState } from '../core/raw-node-api.ts';

/** Answers the index that a read has to include, or null when it could not be confirmed. */
export type ReadSettle = (index: number | null) => void;

/** Settles each read exactly once. Contexts are never used twice (etcd#20418). */
export class ReadQueue {
  readonly #prefix: string;
  #counter = 0;
  readonly #asked = new Map<string, ReadSettle>();
  #confirmed: { index: number; settle: ReadSettle }[] = [];

  /** `prefix` is unique to this life of this node. */
  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** Registers a read and answers its context. */
  add(settle: ReadSettle): string {
    this.#counter += 1;
    const context = `${this.#prefix}-${this.#counter}`;
    this.#asked.set(context, settle);
    return context;
  }

  confirmed(states: readonly ReadState[], appliedIndex: number): void {
    for (const { context, index } of states) {
      const settle = this.#asked.get(context);
      this.#asked.delete(context);
      if (settle) this.#confirmed.push({ index, settle });
    }
    this.applied(appliedIndex);
  }

  applied(appliedIndex: number): void {
    if (this.#confirmed.length === 0) return;
    const waiting = this.#confirmed;
    this.#confirmed = [];
    for (const read of waiting) {
      if (read.index <= appliedIndex) read.settle(read.index);
      else this.#confirmed.push(read);
    }
  }

  /** Leadership changed or the node stops: nobody will confirm these. */
  release(): void {
    const settles = [...this.#asked.values(), ...this.#confirmed.map((read) => read.settle)];
    this.#asked.clear();
    this.#confirmed = [];
    for (const settle of settles) settle(null);
  }
}
