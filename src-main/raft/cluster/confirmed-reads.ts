/** Asks the leader how far a linearizable read has to see, again and again until it answers. */
import type { Disposable } from '#shared/base/disposable.ts';
import type { GantryError } from '#shared/contract/error.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ClusterNode } from './cluster-node.ts';

const askAgainMs = 250;
const timeoutMs = 15_000;
const checkMs = 50;

interface Waiting {
  readonly resolve: (index: number) => void;
  readonly reject: (error: Error) => void;
  readonly deadlineMs: number;
}

/** One question that is under way; everybody who came before it was asked waits for it. */
interface Question {
  readonly id: number;
  readonly askedMs: number;
  readonly waiting: Waiting[];
}

export interface ConfirmedReadsOptions {
  readonly clock: Clock;
  readonly leader: () => ClusterNode | null;
  readonly explain: () => GantryError;
}

/** See the file's comment. Reads that come together share one question. */
export class ConfirmedReads implements Disposable {
  readonly #options: ConfirmedReadsOptions;
  readonly #timer: Disposable;
  #unasked: Waiting[] = [];
  #question: Question | null = null;
  #lastId = 0;
  #closed = false;

  constructor(options: ConfirmedReadsOptions) {
    this.#options = options;
    this.#timer = options.clock.every(checkMs, () => this.#check());
  }

  /** Resolves with the index that has to be read at least. */
  confirm(): Promise<number> {
    if (this.#closed) return Promise.reject(this.#options.explain());
    return new Promise((resolve, reject) => {
      const deadlineMs = this.#options.clock.monotonicMs() + timeoutMs;
      this.#unasked.push({ resolve, reject, deadlineMs });
      this.#ask();
    });
  }

  onAnswer(id: number, index: number | null): void {
    const question = this.#question;
    if (question?.id !== id) return;
    this.#question = null;
    if (index === null) this.#unasked = [...question.waiting, ...this.#unasked];
    else for (const waiting of question.waiting) waiting.resolve(index);
    // A refusal waits for the next check: the leader is about to change.
    if (index !== null) this.#ask();
  }

  onLeaderChanged(): void {
    this.#takeBack();
    this.#ask();
  }

  dispose(): void {
    this.#closed = true;
    this.#timer.dispose();
    this.#takeBack();
    for (const { reject } of this.#unasked) reject(this.#options.explain());
    this.#unasked = [];
  }

  #ask(): void {
    if (this.#question || this.#unasked.length === 0) return;
    const leader = this.#options.leader();
    if (!leader) return;
    this.#lastId += 1;
    this.#question = { id: this.#lastId, askedMs: this.#options.clock.monotonicMs(), waiting: this.#unasked };
    this.#unasked = [];
    leader.post({ type: 'read-index', id: this.#lastId });
  }

  #takeBack(): void {
    if (!this.#question) return;
    this.#unasked = [...this.#question.waiting, ...this.#unasked];
    this.#question = null;
  }

  #check(): void {
    const nowMs = this.#options.clock.monotonicMs();
    if (this.#question && nowMs - this.#question.askedMs > askAgainMs) this.#takeBack();
    const late = this.#unasked.filter(({ deadlineMs }) => deadlineMs <= nowMs);
    if (late.length > 0) {
      this.#unasked = this.#unasked.filter(({ deadlineMs }) => deadlineMs > nowMs);
      for (const { reject } of late) reject(this.#options.explain());
    }
    this.#ask();
  }
}
