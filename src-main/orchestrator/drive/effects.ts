import type { Clock } from '../../ports/clock.ts';

/**
 * Work that takes longer than a pass: stops, pulls, builds. What is under way under a key is not
 * begun again; whoever asked is told when it has ended, so that the next pass sees what it did.
 */
export class Effects {
  readonly #underWay = new Map<string, { promise: Promise<void>; startedAtMs: number }>();
  readonly #clock: Clock;
  readonly #onEnd: () => void;
  readonly #onFailure: (key: string, error: unknown) => void;

  constructor(options: { clock: Clock; onEnd: () => void; onFailure: (key: string, error: unknown) => void }) {
    this.#clock = options.clock;
    this.#onEnd = options.onEnd;
    this.#onFailure = options.onFailure;
  }

  /** Begins it unless it is under way. Answers whether it was begun. */
  begin(key: string, work: () => Promise<void>): boolean {
    if (this.#underWay.has(key)) return false;
    const promise = work()
      .catch((error: unknown) => this.#onFailure(key, error))
      .finally(() => {
        this.#underWay.delete(key);
        this.#onEnd();
      });
    this.#underWay.set(key, { promise, startedAtMs: this.#clock.nowMs() });
    return true;
  }

  isUnderWay(key: string): boolean {
    return this.#underWay.has(key);
  }

  /** What is under way now. */
  keys(): ReadonlySet<string> {
    return new Set(this.#underWay.keys());
  }

  /** How many are under way whose key begins so. */
  count(prefix: string): number {
    return [...this.#underWay.keys()].filter((key) => key.startsWith(prefix)).length;
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all([...this.#underWay.values()].map(({ promise }) => promise));
  }
}
