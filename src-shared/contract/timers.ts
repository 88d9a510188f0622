/** Time for connections: a subset of the host's clock, which may stand in for it. */
import { type Disposable, toDisposable } from '../base/disposable.ts';

export interface Timers {
  /** Never goes back; only differences mean anything. */
  monotonicMs(): number;
  /** Calls back once after `delayMs` unless disposed. */
  after(delayMs: number, callback: () => void): Disposable;
}

/** The timers of the process or page. */
export const systemTimers: Timers = {
  monotonicMs: () => performance.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return toDisposable(() => clearTimeout(timer));
  },
};
