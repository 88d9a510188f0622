/** One after the other, in the order in which they were asked for. */
export class Serial {
  #last: Promise<unknown> = Promise.resolve();

  /** Runs `job` when all before it have ended, however they ended. */
  run<T>(job: () => Promise<T>): Promise<T> {
    const next = this.#last.then(job, job);
    // Whoever asked for it hears of its failure; the next one does not depend on it.
    this.#last = next.catch((error: unknown) => error);
    return next;
  }
}
