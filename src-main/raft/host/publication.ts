/** When readers get to see what was applied: at once when it is little and the last, else soon, together with more. */
import type { Disposable } from '#shared/base/disposable.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Applied, StateMachine } from './state-machine.ts';

/** So few are published at once when nothing follows. */
const entriesAtOnceMax = 8;
/** So many are published whatever follows. */
const entriesMax = 1_024;
const delayMs = 5;

export interface PublicationOptions {
  readonly clock: Clock;
  readonly stateMachine: StateMachine;
  /** Runs what the timer asks for; an error ends the node. */
  readonly guard: (step: () => void) => void;
  /** Readers see everything up to `index` now, `batch` the last of it. */
  readonly published: (batch: readonly Applied[], index: number) => void;
}

/** See the file's comment. */
export class Publication implements Disposable {
  readonly #options: PublicationOptions;
  #index: number;
  #staged: Applied[] = [];
  #timer: Disposable | null = null;

  constructor(options: PublicationOptions) {
    this.#options = options;
    this.#index = options.stateMachine.applied().index;
  }

  /** What readers of the state see. */
  get index(): number {
    return this.#index;
  }

  /** These were staged in the state machine. */
  add(applied: readonly Applied[]): void {
    this.#staged.push(...applied);
  }

  /** Publishes now or soon; `nothingFollows` says that the log has no more to apply. */
  whenDue(nothingFollows: boolean): void {
    const count = this.#staged.length;
    if (count === 0) return;
    if (count >= entriesMax || (nothingFollows && count <= entriesAtOnceMax)) return this.now();
    const { clock, guard } = this.#options;
    this.#timer ??= clock.after(delayMs, () => guard(() => this.now()));
  }

  now(): void {
    this.dispose();
    const batch = this.#staged;
    const last = batch.at(-1);
    if (last === undefined) return;
    this.#staged = [];
    this.#options.stateMachine.publish();
    this.#index = last.index;
    this.#options.published(batch, this.#index);
  }

  /** The state was replaced by a snapshot up to `index`. */
  restored(index: number): void {
    this.#index = index;
  }

  dispose(): void {
    this.#timer?.dispose();
    this.#timer = null;
  }
}
