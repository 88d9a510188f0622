import type { Disposable } from '#shared/base/disposable.ts';
import type { Clock } from '../../ports/clock.ts';

/** After a failure, and twice as long after each further one of the same. */
const firstRetryMs = 250;
const longestRetryMs = 10_000;

/** Failures of one key in a row. */
interface Failing {
  readonly failures: number;
  /** Ends the wait, and forgets the failures some time after it. */
  readonly timer: Disposable;
  readonly isWaiting: boolean;
}

/**
 * Work that takes longer than a pass: stops, pulls, builds. What is under way under a key is not
 * begun again, nor for a while what has just failed; whoever asked is told when it has ended and
 * when it may be tried again, so that the next pass sees what it did.
 */
export class Effects implements Disposable {
  readonly #underWay = new Map<string, { promise: Promise<void>; startedAtMs: number }>();
  readonly #failing = new Map<string, Failing>();
  readonly #clock: Clock;
  #disposed = false;
  readonly #onEnd: () => void;
  readonly #onFailure: (key: string, error: unknown) => void;

  constructor(options: { clock: Clock; onEnd: () => void; onFailure: (key: string, error: unknown) => void }) {
    this.#clock = options.clock;
    this.#onEnd = options.onEnd;
    this.#onFailure = options.onFailure;
  }

  /** Begins it unless it is under way, or failed a moment ago. Answers whether it was begun. */
  begin(key: string, work: () => Promise<void>): boolean {
    if (this.#underWay.has(key) || this.#failing.get(key)?.isWaiting === true) return false;
    const promise = work()
      .then(
        () => this.#forget(key),
        (error: unknown) => {
          this.#holdBack(key);
          this.#onFailure(key, error);
        },
      )
      .finally(() => {
        this.#underWay.delete(key);
        this.#onEnd();
      });
    this.#underWay.set(key, { promise, startedAtMs: this.#clock.nowMs() });
    return true;
  }

  isUnderWay(key: string): boolean {
    return this.#underWay.has(key);
  }

  /** What is under way now. */
  keys(): ReadonlySet<string> {
    return new Set(this.#underWay.keys());
  }

  /** How many are under way whose key begins so. */
  count(prefix: string): number {
    return [...this.#underWay.keys()].filter((key) => key.startsWith(prefix)).length;
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all([...this.#underWay.values()].map(({ promise }) => promise));
  }

  /** Nothing is tried again; what is under way ends by itself. */
  dispose(): void {
    this.#disposed = true;
    for (const key of this.#failing.keys()) this.#forget(key);
  }

  #holdBack(key: string): void {
    if (this.#disposed) return;
    const failures = (this.#failing.get(key)?.failures ?? 0) + 1;
    const waitMs = Math.min(longestRetryMs, firstRetryMs * 2 ** Math.min(failures - 1, 10));
    this.#forget(key);
    const retry = (): void => {
      // Nobody may ever want it again.
      const timer = this.#clock.after(2 * longestRetryMs, () => this.#forget(key));
      this.#failing.set(key, { failures, timer, isWaiting: false });
      this.#onEnd();
    };
    this.#failing.set(key, { failures, timer: this.#clock.after(waitMs, retry), isWaiting: true });
  }

  #forget(key: string): void {
    this.#failing.get(key)?.timer.dispose();
    this.#failing.delete(key);
  }
}
