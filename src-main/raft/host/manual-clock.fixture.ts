/** Time that passes only when a test says so. */
import { type Disposable, toDisposable } from '#shared/base/disposable.ts';
import type { Clock } from '../../ports/clock.ts';

interface Timer {
  dueMs: number;
  readonly everyMs: number | null;
  readonly callback: () => void;
}

/** Begins at 0. Timers fire within `advance`, in the order in which they are due. */
export class ManualClock implements Clock {
  #nowMs = 0;
  readonly #timers = new Set<Timer>();

  /** Timers that are armed. */
  get timerCount(): number {
    return this.#timers.size;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, callback: () => void): Disposable {
    return this.#arm({ dueMs: this.#nowMs + delayMs, everyMs: null, callback });
  }

  every(intervalMs: number, callback: () => void): Disposable {
    return this.#arm({ dueMs: this.#nowMs + intervalMs, everyMs: intervalMs, callback });
  }

  advance(durationMs: number): void {
    const untilMs = this.#nowMs + durationMs;
    for (let next = this.#nextDue(untilMs); next; next = this.#nextDue(untilMs)) {
      this.#nowMs = next.dueMs;
      if (next.everyMs === null) this.#timers.delete(next);
      else next.dueMs += next.everyMs;
      next.callback();
    }
    this.#nowMs = untilMs;
  }

  #arm(timer: Timer): Disposable {
    this.#timers.add(timer);
    return toDisposable(() => this.#timers.delete(timer));
  }

  #nextDue(untilMs: number): Timer | undefined {
    return [...this.#timers].filter(({ dueMs }) => dueMs <= untilMs).toSorted((a, b) => a.dueMs - b.dueMs)[0];
  }
}
