/** The term of every index of the log in a few numbers: terms only grow, so they form runs. */
import { assert } from '#shared/base/assert.ts';

interface Run {
  readonly firstIndex: number;
  readonly term: number;
}

/** Answers the term of any index between its base and the last one without reading the log. */
export class TermRuns {
  #runs: Run[];
  #lastIndex: number;

  /** Starts with `index`, whose entry may be gone already: the place of a snapshot. */
  constructor(index: number, term: number) {
    this.#runs = [{ firstIndex: index, term }];
    this.#lastIndex = index;
  }

  get lastIndex(): number {
    return this.#lastIndex;
  }

  /** Null when `index` lies before the base or after the last. */
  termAt(index: number): number | null {
    if (index > this.#lastIndex) return null;
    for (let at = this.#runs.length - 1; at >= 0; at -= 1) {
      const run = this.#runs[at];
      if (run && run.firstIndex <= index) return run.term;
    }
    return null;
  }

  /** Appends one entry, dropping whatever was at its index or after. */
  append(index: number, term: number): void {
    assert(index <= this.#lastIndex + 1, `a gap in the log: ${index} after ${this.#lastIndex}`);
    if (index <= this.#lastIndex) this.#runs = this.#runs.filter((run) => run.firstIndex < index);
    const last = this.#runs.at(-1);
    assert(last !== undefined, 'the base of the log is never replaced');
    assert(term >= last.term, `the term goes back at ${index}: ${term} after ${last.term}`);
    if (term !== last.term) this.#runs.push({ firstIndex: index, term });
    this.#lastIndex = index;
  }

  /** Makes `index` the new base. */
  compact(index: number): void {
    const term = this.termAt(index);
    assert(term !== null, `cannot compact to ${index}, which is not in the log`);
    this.#runs = [{ firstIndex: index, term }, ...this.#runs.filter((run) => run.firstIndex > index)];
  }
}
