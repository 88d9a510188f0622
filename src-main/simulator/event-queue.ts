/** What is to happen in a simulated world, by time; equal times in the order they were planned. */

interface Planned {
  readonly atUs: number;
  readonly order: number;
  readonly run: () => void;
}

/** A binary heap with the world's clock, in microseconds. */
export class EventQueue {
  readonly #heap: Planned[] = [];
  #order = 0;
  #nowUs = 0;

  get nowUs(): number {
    return this.#nowUs;
  }

  /** Plans `run` for `delayUs` from now. */
  after(delayUs: number, run: () => void): void {
    const planned = { atUs: this.#nowUs + Math.max(0, Math.floor(delayUs)), order: this.#order, run };
    this.#order += 1;
    let at = this.#heap.length;
    this.#heap.push(planned);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = this.#heap[parent];
      if (above === undefined || !isBefore(planned, above)) break;
      this.#heap[at] = above;
      at = parent;
    }
    this.#heap[at] = planned;
  }

  /** Moves the clock to the next event and runs it; false when nothing is planned. */
  runNext(): boolean {
    const first = this.#heap[0];
    const last = this.#heap.pop();
    if (first === undefined || last === undefined) return false;
    if (this.#heap.length > 0) this.#sink(last);
    this.#nowUs = first.atUs;
    first.run();
    return true;
  }

  #sink(planned: Planned): void {
    let at = 0;
    for (;;) {
      const left = this.#heap[2 * at + 1];
      const right = this.#heap[2 * at + 2];
      if (left === undefined) break;
      const smaller = right !== undefined && isBefore(right, left) ? right : left;
      if (!isBefore(smaller, planned)) break;
      this.#heap[at] = smaller;
      at = 2 * at + (smaller === left ? 1 : 2);
    }
    this.#heap[at] = planned;
  }
}

function isBefore(left: Planned, right: Planned): boolean {
  return left.atUs < right.atUs || (left.atUs === right.atUs && left.order < right.order);
}
