/** When the leader appended which index, sparsely: tells how old an entry is that a peer lacks. */

interface Mark {
  readonly index: number;
  readonly atMs: number;
}

const marksMax = 4_096;

/** Bounded; past the bound every other mark goes, so that old lags become coarse instead of unknown. */
export class AppendTimes {
  #marks: Mark[] = [];

  /** The log ended at `index` at `atMs`. */
  mark(index: number, atMs: number): void {
    const last = this.#marks.at(-1);
    if (last && last.index >= index) return;
    this.#marks.push({ index, atMs });
    if (this.#marks.length > marksMax) this.#marks = this.#marks.filter((_, at) => at % 2 === 0);
  }

  /** Everything up to `index` is everywhere. */
  forgetThrough(index: number): void {
    const keepFrom = this.#marks.findIndex((mark) => mark.index > index);
    this.#marks = keepFrom === -1 ? [] : this.#marks.slice(keepFrom);
  }

  /** When the entry at `index` was appended, at the latest; null when unknown. */
  appendedAtMs(index: number): number | null {
    let low = 0;
    let high = this.#marks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#marks[middle]?.index ?? 0) < index) low = middle + 1;
      else high = middle;
    }
    return this.#marks[low]?.atMs ?? null;
  }

  clear(): void {
    this.#marks = [];
  }
}
