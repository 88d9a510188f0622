/** The machine's own clock. Everything above `platform` is handed a `Clock` instead. */
import { performance } from 'node:perf_hooks';
import { toDisposable } from '#shared/base/disposable.ts';
import type { Clock } from '../ports/clock.ts';

/**
 * Real time. Its timers keep the process alive until they are disposed, so that whoever
 * starts one owns it.
 */
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
