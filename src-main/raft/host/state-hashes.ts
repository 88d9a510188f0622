/** The hash of the state now and then, so that nodes can be compared without stopping them. */
import type { StateMachine } from './state-machine.ts';

/** At least so long between two hashes; more when hashing takes long, so that it costs under 1 %. */
const intervalMsMin = 2_000;
const costFactor = 100;

/** See the file's comment. */
export class StateHashes {
  readonly #stateMachine: StateMachine;
  #latest: { hash: string; index: number } | null = null;
  #dueMs = 0;

  constructor(stateMachine: StateMachine) {
    this.#stateMachine = stateMachine;
  }

  latest(): { hash: string; index: number } | null {
    return this.#latest;
  }

  /** Called while nothing waits. Times are monotonic milliseconds. */
  tick(nowMs: number, appliedIndex: number): void {
    if (nowMs < this.#dueMs || this.#latest?.index === appliedIndex) return;
    const startedMs = performance.now();
    this.#latest = { hash: this.#stateMachine.hash(), index: appliedIndex };
    this.#dueMs = nowMs + Math.max(intervalMsMin, (performance.now() - startedMs) * costFactor);
  }
}
