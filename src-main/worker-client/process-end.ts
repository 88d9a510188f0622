/** Waits for the end of a process that is not our child. */
import type { Clock } from '../ports/clock.ts';
import { lookUpProcess } from '../platform/process-identity.ts';

const lookEveryMs = 25;

/** One process, told from a later one that got the same number. */
export class OtherProcess {
  readonly pid: number;
  readonly #identity: string | null;
  readonly #clock: Clock;

  /** The process that has `pid` now; one that is gone already counts as ended. */
  constructor(pid: number, clock: Clock) {
    const found = lookUpProcess(pid);
    this.pid = pid;
    this.#identity = found.kind === 'running' ? found.identity : null;
    this.#clock = clock;
  }

  get isGone(): boolean {
    const found = lookUpProcess(this.pid);
    return found.kind === 'gone' || (this.#identity !== null && found.identity !== this.#identity);
  }

  /** Resolves true as soon as it is gone, false when it still runs after `waitMs`. */
  async goneWithin(waitMs: number): Promise<boolean> {
    const deadlineMs = this.#clock.monotonicMs() + waitMs;
    while (!this.isGone) {
      if (this.#clock.monotonicMs() >= deadlineMs) return false;
      await new Promise<void>((resolve) => this.#clock.after(lookEveryMs, resolve));
    }
    return true;
  }
}
