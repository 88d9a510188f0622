/**
 * Notices what changes at an edge by itself: checks that pass or fail, requests that end where a
 * server drains. HAProxy tells nothing unasked; it is asked often while something is about to
 * change, and seldom otherwise. One reading costs a millisecond or two.
 */
import type { Disposable } from '#shared/base/disposable.ts';
import type { Clock } from '../ports/clock.ts';
import type { EdgeFacts, EdgeServerFacts } from '../ports/edge.ts';
import type { EngineResult } from '../ports/engine.ts';

/** While a server is about to get its first result, or ends its last requests: a rollout waits for it. */
const eagerMs = 50;
/** How long a server is expected to come up; one that takes longer is looked at as if it drained. */
const eagerUntilMs = 60_000;
/** While requests of a server take long to end, or a check has just changed its mind. */
const attentiveMs = 250;
const attentiveUntilMs = 10_000;
const idleMs = 2_000;

export class EdgeWatch implements Disposable {
  readonly #read: () => Promise<EngineResult<EdgeFacts>>;
  readonly #clock: Clock;
  readonly #onChange: () => void;
  #timer: Disposable | null = null;
  #seen: string | null = null;
  #changedAtMs: number;
  #disposed = false;

  constructor(read: () => Promise<EngineResult<EdgeFacts>>, clock: Clock, onChange: () => void) {
    this.#read = read;
    this.#clock = clock;
    this.#onChange = onChange;
    this.#changedAtMs = clock.monotonicMs();
    this.#wait(eagerMs);
  }

  /** Something was changed on purpose: looks soon, and often for a while. */
  attend(): void {
    this.#changedAtMs = this.#clock.monotonicMs();
    if (this.#timer !== null) this.#wait(eagerMs);
  }

  dispose(): void {
    this.#disposed = true;
    this.#timer?.dispose();
  }

  #wait(ms: number): void {
    this.#timer?.dispose();
    this.#timer = this.#disposed ? null : this.#clock.after(ms, () => void this.#look());
  }

  async #look(): Promise<void> {
    this.#timer = null;
    const facts = await this.#read();
    if (this.#disposed) return;
    const seen = facts.ok ? essenceOf(facts.value) : facts.error.reason;
    if (this.#seen !== null && seen !== this.#seen) {
      this.#changedAtMs = this.#clock.monotonicMs();
      this.#onChange();
    }
    this.#seen = seen;
    this.#wait(facts.ok ? this.#nextMs(facts.value.servers) : idleMs);
  }

  #nextMs(servers: readonly EdgeServerFacts[]): number {
    const sinceMs = this.#clock.monotonicMs() - this.#changedAtMs;
    if (servers.some(({ check }) => !check.passes)) return sinceMs < eagerUntilMs ? eagerMs : attentiveMs;
    if (servers.some(({ state, active }) => state === 'drain' && active > 0)) {
      return sinceMs < attentiveUntilMs ? eagerMs : attentiveMs;
    }
    return sinceMs < attentiveUntilMs ? attentiveMs : idleMs;
  }
}

/** What a change is told for: not the counters, which always change. */
function essenceOf({ containerId, servers }: EdgeFacts): string {
  const each = servers.map(({ pool, server, state, weight, check, active }) => {
    const isDone = state === 'drain' && active === 0;
    return [pool, server, state, weight, check.passes, check.hasResult, check.passes ? '' : check.detail, isDone].join(
      ' ',
    );
  });
  return [containerId, ...each].join('\n');
}
