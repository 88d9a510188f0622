/** The newest entries of the log in memory, bounded in bytes; the rest is read from the disk. */
import { assert } from '#shared/base/assert.ts';
import type { Entry } from '../core/message.ts';

/** Keeps a contiguous tail of the log. */
export class EntryCache {
  readonly #bytesMax: number;
  /** May begin with entries that were dropped already, up to `#head`: shifting one at a time would cost O(n). */
  #entries: Entry[] = [];
  #head = 0;
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Index of the oldest entry kept; null when empty. */
  firstIndex(): number | null {
    return this.#entries[this.#head]?.index ?? null;
  }

  get(index: number): Entry | undefined {
    const first = this.firstIndex();
    return first === null || index < first ? undefined : this.#entries[this.#head + index - first];
  }

  /** Appends `entry`, dropping whatever is at its index or after, and the oldest beyond the bound. */
  append(entry: Entry): void {
    const first = this.firstIndex();
    if (first !== null && entry.index < first) this.clear();
    else if (first !== null) this.#truncateTo(this.#head + entry.index - first);
    const last = this.#entries.at(-1);
    assert(last === undefined || this.firstIndex() === null || last.index + 1 === entry.index, 'the cache has no gaps');
    this.#entries.push(entry);
    this.#bytes += entry.data.byteLength;
    while (this.#bytes > this.#bytesMax && this.#head < this.#entries.length - 1) this.#dropOldest();
  }

  /** Forgets entries up to `index`. */
  compact(index: number): void {
    for (let first = this.firstIndex(); first !== null && first <= index; first = this.firstIndex()) this.#dropOldest();
  }

  clear(): void {
    this.#entries = [];
    this.#head = 0;
    this.#bytes = 0;
  }

  #truncateTo(length: number): void {
    for (let at = this.#entries.length - 1; at >= length; at -= 1) {
      this.#bytes -= this.#entries[at]?.data.byteLength ?? 0;
    }
    this.#entries.length = Math.max(length, this.#head);
  }

  #dropOldest(): void {
    this.#bytes -= this.#entries[this.#head]?.data.byteLength ?? 0;
    this.#head += 1;
    if (this.#head > 32 && this.#head * 2 > this.#entries.length) {
      this.#entries = this.#entries.slice(this.#head);
      this.#head = 0;
    }
  }
}
