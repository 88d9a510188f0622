/**
 * The node's view of its log: what is durable (the host's `LogReader`) with what is not
 * yet (`Unstable`) laid over it, and how far it is committed and applied.
 *
 * first-1 ≤ applied ≤ committed ≤ last at all times.
 */
import { assert, assertDefined } from '#shared/base/assert.ts';
import { type Entry, entryBytes, type SnapshotMeta } from './message.ts';
import type { LogReader } from './raw-node-api.ts';
import { Unstable } from './unstable.ts';

/** See the file's comment. */
export class RaftLog {
  readonly #stored: LogReader;
  readonly unstable: Unstable;
  committed: number;
  applied: number;

  constructor(stored: LogReader, applied: number, committed: number) {
    this.#stored = stored;
    this.unstable = new Unstable(stored.lastIndex() + 1);
    const purged = stored.firstIndex() - 1;
    assert(applied >= purged, `entries up to ${purged} are compacted away, but applied only up to ${applied}`);
    this.applied = applied;
    // The commit index is written without a sync: the state may remember more of it than the log does.
    this.committed = Math.max(committed, applied);
    assert(
      this.committed <= stored.lastIndex(),
      `commit ${this.committed} is past the log's end ${stored.lastIndex()}`,
    );
  }

  firstIndex(): number {
    return this.unstable.snapshot === null ? this.#stored.firstIndex() : this.unstable.snapshot.index + 1;
  }

  lastIndex(): number {
    return this.unstable.lastIndex() ?? this.#stored.lastIndex();
  }

  lastTerm(): number {
    return assertDefined(this.term(this.lastIndex()), 'the last entry has a term');
  }

  /** The last index that is durable here. */
  stableIndex(): number {
    return this.unstable.offset - 1;
  }

  /** The term at `index`; null when it is compacted away or not there yet. */
  term(index: number): number | null {
    const recent = this.unstable.term(index);
    if (recent !== null) return recent;
    if (index < this.firstIndex() - 1 || index > this.lastIndex()) return null;
    return this.#stored.term(index);
  }

  matches(index: number, term: number): boolean {
    return this.term(index) === term;
  }

  /** Whether a log that ends with (`lastTerm`, `lastIndex`) holds all that this one can have committed (paper, §5.4.1). */
  isUpToDate(lastIndex: number, lastTerm: number): boolean {
    const ours = this.lastTerm();
    return lastTerm > ours || (lastTerm === ours && lastIndex >= this.lastIndex());
  }

  /** Entries `low ≤ index < high`, at least one if there is any, cut once `bytesMax` is passed; null when compacted away. */
  slice(low: number, high: number, bytesMax: number): readonly Entry[] | null {
    if (low >= high) return [];
    if (low < this.firstIndex()) return null;
    assert(high <= this.lastIndex() + 1, `entries up to ${high} are past the log's end`);
    const { offset, entries: recent } = this.unstable;
    const durable = low < offset ? this.#stored.entries(low, Math.min(high, offset), bytesMax) : [];
    if (durable === null) return null;
    const whole = durable.length === Math.max(0, Math.min(high, offset) - low);
    if (!whole || high <= offset) return durable;
    const taken = [...durable];
    let sizeBytes = durable.reduce((sum, entry) => sum + entryBytes(entry), 0);
    for (let index = Math.max(low, offset); index < high; index += 1) {
      const entry = assertDefined(recent[index - offset], 'an unstable entry is there');
      sizeBytes += entryBytes(entry);
      if (taken.length > 0 && sizeBytes > bytesMax) break;
      taken.push(entry);
    }
    return taken;
  }

  /** Appends a leader's or an accepted follower's entries. Committed entries are never replaced. */
  append(entries: readonly Entry[]): void {
    const first = entries[0];
    if (first === undefined) return;
    assert(first.index > this.committed, `entry ${first.index} would replace a committed one (${this.committed})`);
    assert(first.index <= this.lastIndex() + 1, 'the log has no gaps');
    this.unstable.replaceFrom(entries);
  }

  /**
   * The follower's half of an append (paper, figure 2): null when the logs do not meet at
   * `prevIndex`; else the last index that now agrees with the leader. Only from the first
   * entry that differs is anything replaced: an old message truncates nothing.
   */
  accept(prevIndex: number, prevTerm: number, commit: number, entries: readonly Entry[]): number | null {
    if (!this.matches(prevIndex, prevTerm)) return null;
    const agreed = prevIndex + entries.length;
    const firstNew = entries.findIndex((entry) => !this.matches(entry.index, entry.term));
    if (firstNew >= 0) this.append(entries.slice(firstNew));
    // Past `agreed` this log may differ from the leader's, whatever it has committed.
    this.commitTo(Math.min(commit, agreed));
    return agreed;
  }

  /**
   * The largest index ≤ `index` whose term is ≤ `term`: no entry after it can agree with a
   * log that has `term` at `index`. Lets both sides skip whole terms. The term there is
   * null when compacted away.
   */
  lastIndexAtOrBelowTerm(index: number, term: number): { index: number; term: number | null } {
    for (let at = index; at > 0; at -= 1) {
      const ours = this.term(at);
      if (ours === null || ours <= term) return { index: at, term: ours };
    }
    return { index: 0, term: 0 };
  }

  commitTo(index: number): void {
    if (index <= this.committed) return;
    assert(index <= this.lastIndex(), `commit ${index} is past the log's end ${this.lastIndex()}`);
    this.committed = index;
  }

  appliedTo(index: number): void {
    assert(
      index >= this.applied && index <= this.committed,
      `applied ${index} is outside of ${this.applied}…${this.committed}`,
    );
    this.applied = index;
  }

  /** Whether there is something to apply. Nothing is, until a snapshot on its way is installed. */
  hasCommitted(): boolean {
    return this.unstable.snapshot === null && this.committed > this.applied;
  }

  /** The next entries to apply, in order. */
  nextCommitted(bytesMax: number): readonly Entry[] {
    if (!this.hasCommitted()) return [];
    return assertDefined(
      this.slice(this.applied + 1, this.committed + 1, bytesMax),
      'what is not applied is not compacted',
    );
  }

  /** Starts over after a snapshot. */
  restore(meta: SnapshotMeta): void {
    this.committed = meta.index;
    this.unstable.restore(meta);
  }

  /** The newest snapshot that a follower can be given; null while there is none. */
  snapshotMeta(): SnapshotMeta | null {
    return this.unstable.snapshot ?? this.#stored.snapshotMeta();
  }
}
