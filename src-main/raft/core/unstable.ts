/**
 * The end of the log that is not durable yet: a snapshot to install, then entries from
 * `offset` on. A prefix may already be on its way to disk while new entries arrive or a
 * new leader replaces it; only `stableTo` with the term that was written takes it off.
 */
import { assert } from '#shared/base/assert.ts';
import type { Entry, SnapshotMeta } from './message.ts';

/** See the file's comment. */
export class Unstable {
  /** Index of the first entry here; everything before it is durable, or in `snapshot`. */
  offset: number;
  snapshot: SnapshotMeta | null = null;
  #entries: Entry[] = [];

  constructor(offset: number) {
    this.offset = offset;
  }

  get entries(): readonly Entry[] {
    return this.#entries;
  }

  /** The last index that is known here; null when all is durable. */
  lastIndex(): number | null {
    if (this.#entries.length > 0) return this.offset + this.#entries.length - 1;
    return this.snapshot?.index ?? null;
  }

  /** The term at `index`; null when this part of the log does not know. */
  term(index: number): number | null {
    if (index < this.offset) return this.snapshot?.index === index ? this.snapshot.term : null;
    return this.#entries[index - this.offset]?.term ?? null;
  }

  /** Appends `entries`, replacing whatever is at their indexes and after. The caller knows that none of that is committed. */
  replaceFrom(entries: readonly Entry[]): void {
    const first = entries[0];
    if (first === undefined) return;
    if (first.index === this.offset + this.#entries.length) {
      this.#entries.push(...entries);
      return;
    }
    if (first.index <= this.offset) {
      this.offset = first.index;
      this.#entries = [...entries];
      return;
    }
    const kept = first.index - this.offset;
    assert(kept <= this.#entries.length, 'the log has no gaps');
    this.#entries = [...this.#entries.slice(0, kept), ...entries];
  }

  /** Starts over after `snapshot`. */
  restore(snapshot: SnapshotMeta): void {
    this.offset = snapshot.index + 1;
    this.#entries = [];
    this.snapshot = snapshot;
  }

  /**
   * Everything up to `index` was written while its last term was `term`. Nothing happens
   * when another entry took that place meanwhile: what was written will be replaced.
   */
  stableTo(index: number, term: number): void {
    if (index < this.offset || this.term(index) !== term) return;
    this.#entries = this.#entries.slice(index + 1 - this.offset);
    this.offset = index + 1;
  }

  /** The snapshot at `index` is installed. */
  stableSnapshotTo(index: number): void {
    if (this.snapshot?.index === index) this.snapshot = null;
  }
}
