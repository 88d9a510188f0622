import type { Disposable } from '#shared/base/disposable.ts';
import type { Clock } from '../ports/clock.ts';

/** What a loop is made of. */
export interface LoopOptions {
  readonly clock: Clock;
  /** Brings the world one pass nearer to what is stored. Must be harmless to repeat. */
  readonly pass: () => Promise<void>;
  /** A pass failed. The loop tries again after a growing wait. */
  readonly onFailure: (error: unknown, streak: FailureStreak) => void;
}

/** Failures in a row. */
export interface FailureStreak {
  readonly failures: number;
  /** Time since the first of them. Requests make a failing loop try more often than its own waits. */
  readonly lastsMs: number;
  /** Whether this one should be logged: a loop that fails for hours must not fill the log. */
  readonly isNews: boolean;
}

const firstRetryMs = 100;
const longestRetryMs = 5_000;

/**
 * Runs one pass at a time. Requests that arrive during a pass become one more pass after it,
 * so that nothing that changed meanwhile is missed and nothing is done twice at once.
 */
export class Loop implements Disposable {
  readonly #options: LoopOptions;
  #running: Promise<void> | null = null;
  #requested = false;
  #failures = 0;
  #failingSinceMs = 0;
  #retry: Disposable | null = null;
  #disposed = false;

  constructor(options: LoopOptions) {
    this.#options = options;
  }

  /** Asks for a pass as soon as possible. */
  request(): void {
    if (this.#disposed) return;
    this.#requested = true;
    this.#running ??= this.#run();
  }

  /** Resolves when no pass runs or is asked for. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running;
  }

  /** No further pass begins; the one that runs is not waited for. */
  dispose(): void {
    this.#disposed = true;
    this.#requested = false;
    this.#retry?.dispose();
  }

  async #run(): Promise<void> {
    // The pass begins after the current call stack: events only announce.
    await Promise.resolve();
    while (this.#requested && !this.#disposed) {
      this.#requested = false;
      this.#retry?.dispose();
      try {
        await this.#options.pass();
        this.#failures = 0;
      } catch (error) {
        if (this.#disposed) break;
        this.#failures += 1;
        const nowMs = this.#options.clock.monotonicMs();
        if (this.#failures === 1) this.#failingSinceMs = nowMs;
        this.#options.onFailure(error, {
          failures: this.#failures,
          lastsMs: nowMs - this.#failingSinceMs,
          isNews: isPowerOfTwo(this.#failures),
        });
        const delayMs = Math.min(longestRetryMs, firstRetryMs * 2 ** Math.min(this.#failures - 1, 10));
        this.#retry = this.#options.clock.after(delayMs, () => this.request());
      }
    }
    this.#running = null;
    // Asked for between the last check and now.
    if (this.#requested) this.request();
  }
}

function isPowerOfTwo(count: number): boolean {
  return Number.isInteger(Math.log2(count));
}
