/**
 * How long a node waits for its leader. A short timeout gives a quick failover on a machine that
 * has time; on one whose cores are busy with builds, threads are descheduled for longer than
 * that, and leaders would change without need. So the wait follows what was measured.
 */

/** Waits at least this many times the longest silence seen lately. */
const safetyFactor = 3;
/** How much of a long silence is still remembered after a second. */
const memoryPerSecond = 0.9;

export interface PaceLimits {
  readonly tickMs: number;
  readonly electionTicksMin: number;
  readonly electionTicksMax: number;
}

/** Keeps the longest recent silence and the election timeout for it. All times are monotonic milliseconds. */
export class ElectionPace {
  readonly #limits: PaceLimits;
  #longestMs = 0;
  #lastMs: number;
  #electionTicks: number;

  constructor(limits: PaceLimits, nowMs: number) {
    this.#limits = limits;
    this.#lastMs = nowMs;
    this.#electionTicks = limits.electionTicksMin;
  }

  /** Ticks to wait for a leader, before chance adds to it. */
  get electionTicks(): number {
    return this.#electionTicks;
  }

  /** The leader, or this thread itself, was silent for `durationMs` and then went on. */
  sawSilence(durationMs: number): void {
    this.#longestMs = Math.max(this.#longestMs, durationMs);
  }

  /** Forgets a little. Answers the timeout when it has grown. */
  tick(nowMs: number): number | null {
    this.#longestMs *= memoryPerSecond ** ((nowMs - this.#lastMs) / 1_000);
    this.#lastMs = nowMs;
    const { tickMs, electionTicksMin, electionTicksMax } = this.#limits;
    const wanted = Math.ceil((this.#longestMs * safetyFactor) / tickMs);
    const before = this.#electionTicks;
    this.#electionTicks = Math.min(electionTicksMax, Math.max(electionTicksMin, wanted));
    return this.#electionTicks > before ? this.#electionTicks : null;
  }
}
