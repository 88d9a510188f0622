/** Time as the program sees it. Injected everywhere but in `platform`, so that tests own it. */
import type { Disposable } from '#shared/base/disposable.ts';

export interface Clock {
  /** Wall clock, milliseconds since 1970. */
  nowMs(): number;
  /** Never goes back; only differences mean anything. */
  monotonicMs(): number;
  /** Calls back once after `delayMs` unless disposed. */
  after(delayMs: number, callback: () => void): Disposable;
  /** Calls back every `intervalMs` until disposed. */
  every(intervalMs: number, callback: () => void): Disposable;
}
