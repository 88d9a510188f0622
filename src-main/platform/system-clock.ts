/** The machine's clocks and timers. */
import { toDisposable } from '#shared/base/disposable.ts';
import type { Clock } from '../ports/clock.ts';

/** The `Clock` of a running program. Its timers keep the process alive until they are disposed. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return toDisposable(() => clearTimeout(timer));
  },
  every(intervalMs, callback) {
    const timer = setInterval(callback, intervalMs);
    return toDisposable(() => clearInterval(timer));
  },
};
