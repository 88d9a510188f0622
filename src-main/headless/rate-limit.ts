/** Lets `burst` events through at once and `perSecond` in the long run. */
export class RateLimit {
  readonly #burst: number;
  readonly #perSecond: number;
  #left: number;
  #atMs: number;

  /** `nowMs` is of any clock that does not go back. */
  constructor(limit: { readonly burst: number; readonly perSecond: number }, nowMs: number) {
    this.#burst = limit.burst;
    this.#perSecond = limit.perSecond;
    this.#left = limit.burst;
    this.#atMs = nowMs;
  }

  /** Counts one more; false when it is one too many. */
  take(nowMs: number): boolean {
    const earned = ((nowMs - this.#atMs) / 1_000) * this.#perSecond;
    this.#atMs = nowMs;
    this.#left = Math.min(this.#burst, this.#left + earned);
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
