/** One run of the app in a simulated world: it asks for things, and may be killed between any two of them. */
import type { Disposable } from '#shared/base/disposable.ts';
import { toDisposable } from '#shared/base/disposable.ts';
import type { Clock } from '../../ports/clock.ts';
import type { EventQueue } from '../event-queue.ts';
import type { SeededRandom } from '../seeded-random.ts';

/** The simulated world began at this time. */
const epochMs = 1_700_000_000_000;

/** The world's time as a wall clock. */
export function worldNowMs(queue: EventQueue): number {
  return epochMs + Math.floor(queue.nowUs / 1_000);
}

/** Whether the app dies at a step that changes something: before it happens, or before it hears of it. */
export type Crash = 'before' | 'after' | null;

/** What a run of the app has to do with the world. */
export interface LifeWorld {
  readonly queue: EventQueue;
  readonly random: SeededRandom;
  /** Asked at every step that changes something. */
  readonly crashAt: (step: string) => Crash;
  readonly onCrash: () => void;
  /** The app was given control: what it does now has to be waited for. */
  readonly onTouch: () => void;
}

/** From a start to a kill. A dead app hears of nothing, and nothing more is asked for. */
export class AppLife {
  readonly #world: LifeWorld;
  #isAlive = true;

  constructor(world: LifeWorld) {
    this.#world = world;
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  kill(): void {
    this.#isAlive = false;
  }

  /** The time of this run: with it end its timers. */
  clock(): Clock {
    const { queue } = this.#world;
    const after = (delayMs: number, callback: () => void): Disposable => {
      let isDue = true;
      queue.after(Math.max(1, delayMs * 1_000), () => {
        if (!isDue) return;
        isDue = false;
        this.tell(callback);
      });
      return toDisposable(() => {
        isDue = false;
      });
    };
    return {
      nowMs: () => worldNowMs(queue),
      monotonicMs: () => queue.nowUs / 1_000,
      after,
      every: (intervalMs, callback) => {
        let next = after(intervalMs, tick);
        function tick(): void {
          next = after(intervalMs, tick);
          callback();
        }
        return toDisposable(() => next.dispose());
      },
    };
  }

  /** The world tells the app something, now. */
  tell(callback: () => void): void {
    if (!this.#isAlive) return;
    this.#world.onTouch();
    callback();
  }

  /** The app asks to be told something. It takes about `delayMs`. */
  ask<T>(delayMs: number, look: () => T): Promise<T> {
    return this.#send(delayMs, null, (answer) => answer(look()));
  }

  /**
   * The app asks for a change, which happens half-way; `change` answers when it is done. The app may
   * be killed right before or right after, and what a killed app had asked for may still happen.
   */
  order<T>(step: string, delayMs: number, change: (answer: (value: T) => void) => void): Promise<T> {
    return this.#send(delayMs, step, change);
  }

  #send<T>(delayMs: number, step: string | null, happen: (answer: (value: T) => void) => void): Promise<T> {
    const { queue, random, crashAt, onCrash } = this.#world;
    const wayUs = Math.max(1, random.wait(delayMs * 500));
    return new Promise((resolve) => {
      if (!this.#isAlive) return;
      queue.after(wayUs, () => {
        if (!this.#isAlive && (step === null || random.chance(0.5))) return;
        const crash = step === null || !this.#isAlive ? null : crashAt(step);
        if (crash === 'before') {
          onCrash();
          return;
        }
        happen((value) => queue.after(wayUs, () => this.tell(() => resolve(value))));
        if (crash === 'after') onCrash();
      });
    });
  }
}
