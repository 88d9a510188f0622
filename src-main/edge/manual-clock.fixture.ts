/** Time that a test moves. */
import { toDisposable } from '#shared/base/disposable.ts';
import type { Clock } from '../ports/clock.ts';

export class ManualClock implements Clock {
  #nowMs = 0;
  readonly #timers = new Set<{ atMs: number; readonly call: () => void }>();

  nowMs(): number {
    return this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  /** How many timers wait. */
  get waiting(): number {
    return this.#timers.size;
  }

  after(delayMs: number, callback: () => void): ReturnType<Clock['after']> {
    const timer = { atMs: this.#nowMs + delayMs, call: callback };
    this.#timers.add(timer);
    return toDisposable(() => this.#timers.delete(timer));
  }

  every(): never {
    throw new Error('no edge repeats anything blindly');
  }

  /** Lets time pass; what is due is called in order, and what it begins may begin more. */
  async pass(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    for (;;) {
      const [next] = [...this.#timers].filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs);
      if (next === undefined) break;
      this.#timers.delete(next);
      this.#nowMs = next.atMs;
      next.call();
      await settle();
    }
    this.#nowMs = untilMs;
    await settle();
  }
}

/** Lets everything go on that waits for nothing but its turn. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}
