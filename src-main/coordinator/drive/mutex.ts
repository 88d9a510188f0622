/** Lets one job at a time in, in the order in which they came. A job that fails lets the next one in. */
export class Mutex {
  #last: Promise<unknown> = Promise.resolve();

  /** Runs `job` after all that came before it, and answers what it answers. */
  run<T>(job: () => Promise<T>): Promise<T> {
    const result = this.#last.then(job, job);
    this.#last = result.then(
      () => undefined,
      () => undefined,
    );
    return result;
  }
}
