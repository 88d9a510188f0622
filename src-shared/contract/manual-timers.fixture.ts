import type { Disposable } from '../base/disposable.ts';
import type { Timers } from './timers.ts';

/** Time that passes only when the test says so. */
export class ManualTimers implements Timers {
  #nowMs = 0;
  readonly #due = new Set<{ readonly atMs: number; readonly callback: () => void }>();

  monotonicMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, callback: () => void): Disposable {
    const entry = { atMs: this.#nowMs + delayMs, callback };
    this.#due.add(entry);
    return { dispose: () => void this.#due.delete(entry) };
  }

  get pending(): number {
    return this.#due.size;
  }

  advance(byMs: number): void {
    this.#nowMs += byMs;
    for (const entry of this.#due) {
      if (entry.atMs > this.#nowMs || !this.#due.delete(entry)) continue;
      entry.callback();
    }
  }
}
