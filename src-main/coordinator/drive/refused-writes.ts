import { Emitter } from '#shared/base/emitter.ts';
import { type ErrorCode, GantryError } from '#shared/contract/error.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ControlStore } from '../../state/control-store.ts';

/** Whoever works tries again more often than this; a refusal that nobody met again may be over. */
const lastsMs = 15_000;

/** The control plane takes nothing at the moment, whatever is asked. What is waited for, not failed. */
const refusesAll: ReadonlySet<ErrorCode> = new Set(['no-leader', 'disk-full', 'read-only-folder', 'node-fenced']);

/** Whether an error says that nothing can be stored for the time being. */
export function isRefusalOfAll(error: unknown): error is GantryError {
  return error instanceof GantryError && refusesAll.has(error.code);
}

/**
 * The same store, observed: knows why nothing can be written, so that people are told who have
 * not asked for anything themselves.
 */
export class RefusedWrites {
  readonly store: ControlStore;
  readonly #clock: Clock;
  readonly #changed = new Emitter<null>();
  #last: { readonly message: string; readonly atMs: number } | null = null;
  readonly onDidChange = this.#changed.event;

  constructor(store: ControlStore, clock: Clock) {
    this.#clock = clock;
    this.store = {
      propose: async (command) => {
        try {
          const outcome = await store.propose(command);
          this.#note(null);
          return outcome;
        } catch (error) {
          if (isRefusalOfAll(error)) this.#note(error.message);
          throw error;
        }
      },
      read: store.read,
      barrier: () => store.barrier(),
      onDidChange: (listener) => store.onDidChange(listener),
    };
  }

  /** What was said when a write was refused last, in whole sentences; null once one went through, or none was tried. */
  problem(): string | null {
    const last = this.#last;
    return last !== null && this.#clock.monotonicMs() - last.atMs < lastsMs ? last.message : null;
  }

  #note(message: string | null): void {
    const before = this.problem();
    this.#last = message === null ? null : { message, atMs: this.#clock.monotonicMs() };
    if (before !== message) this.#changed.fire(null);
  }
}
