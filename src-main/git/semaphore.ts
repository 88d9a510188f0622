import { assert } from '#shared/base/assert.ts';

/** Lets at most `capacity` jobs run at once; the others wait in order. A capacity of one is a queue. */
export class Semaphore {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(capacity: number) {
    assert(capacity > 0, 'a semaphore lets at least one through');
    this.#free = capacity;
  }

  /** Runs `job` once there is room, and answers or throws what it does. */
  async run<T>(job: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await job();
    } finally {
      // Handed on rather than freed, so that a newcomer cannot overtake.
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free += 1;
    }
  }
}
