/** Counts and times what a node does. Windows last one second, counters a life. */
import type { NodeCounters, Percentiles } from './node-status.ts';

type Counter = keyof NodeCounters;

/** Samples kept per window; beyond it they are thinned, which percentiles bear. */
const samplesMax = 4_096;

/** One second's durations. */
class Window {
  #samples: number[] = [];
  #seen = 0;

  add(durationMs: number): void {
    this.#seen += 1;
    if (this.#samples.length < samplesMax) this.#samples.push(durationMs);
    else this.#samples[this.#seen % samplesMax] = durationMs;
  }

  /** Percentiles of the window, which ends with it. */
  close(): Percentiles {
    const sorted = this.#samples.sort((a, b) => a - b);
    this.#samples = [];
    this.#seen = 0;
    const at = (share: number): number | null =>
      sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? null;
    return { p50Ms: at(0.5), p99Ms: at(0.99) };
  }
}

const nothing: Percentiles = { p50Ms: null, p99Ms: null };

/** See the file's comment. */
export class NodeMetrics {
  readonly #counters: Record<Counter, number> = {
    proposalsCommittedTotal: 0,
    proposalsAppliedTotal: 0,
    proposalsFailedTotal: 0,
    electionsStartedTotal: 0,
    leaderChangesTotal: 0,
    logAppendsTotal: 0,
    messagesSentTotal: 0,
    messagesReceivedTotal: 0,
    snapshotsMadeTotal: 0,
    snapshotsSentTotal: 0,
    snapshotsInstalledTotal: 0,
    networkErrorsTotal: 0,
  };
  readonly #commit = new Window();
  readonly #fsync = new Window();
  #windowStartedMs: number;
  #appliedAtWindowStart = 0;
  #last = { commit: nothing, fsync: nothing, appliedPerSecond: 0 };

  constructor(nowMs: number) {
    this.#windowStartedMs = nowMs;
  }

  count(counter: Counter, by = 1): void {
    this.#counters[counter] += by;
  }

  /** From the arrival of a proposal at the leader until it was applied. */
  commitTook(durationMs: number): void {
    this.#commit.add(durationMs);
  }

  fsyncTook(durationMs: number): void {
    this.#fsync.add(durationMs);
  }

  /** Ends the window when its second is over. `nowMs` is monotonic. */
  tick(nowMs: number): void {
    const elapsedMs = nowMs - this.#windowStartedMs;
    if (elapsedMs < 1_000) return;
    const applied = this.#counters.proposalsAppliedTotal;
    this.#last = {
      commit: this.#commit.close(),
      fsync: this.#fsync.close(),
      appliedPerSecond: ((applied - this.#appliedAtWindowStart) * 1_000) / elapsedMs,
    };
    this.#appliedAtWindowStart = applied;
    this.#windowStartedMs = nowMs;
  }

  /** The last full window and all counters. */
  read(): { commit: Percentiles; fsync: Percentiles; appliedPerSecond: number; counters: NodeCounters } {
    return { ...this.#last, counters: { ...this.#counters } };
  }
}
