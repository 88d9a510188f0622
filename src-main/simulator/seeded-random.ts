/** Chance that repeats: the same seed gives the same numbers on every machine. */
import { assert, assertDefined } from '#shared/base/assert.ts';
import type { Random } from '../ports/random.ts';

const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** The generator sfc32 (Chris Doty-Humphrey, PractRand), seeded with one number. */
export class SeededRandom implements Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(seed: number) {
    this.#a = seed >>> 0;
    this.#b = Math.floor(seed / 2 ** 32) >>> 0;
    this.#c = 0x9e3779b9;
    for (let round = 0; round < 12; round += 1) this.#next();
  }

  #next(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    return sum >>> 0;
  }

  /** A number in [0, 1). */
  fraction(): number {
    return this.#next() / 2 ** 32;
  }

  below(below: number): number {
    assert(below > 0, 'there is something to draw from');
    return Math.floor(this.fraction() * below);
  }

  /** An integer in [low, high]. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  /** True with this probability. */
  chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  pick<T>(items: readonly T[]): T {
    return assertDefined(items[this.below(items.length)], 'there is something to pick');
  }

  /** A wait with this mean, mostly shorter and now and then much longer. At least 1. */
  wait(mean: number): number {
    return 1 + Math.floor(-Math.log(1 - this.fraction()) * mean);
  }

  id(length: number): string {
    return Array.from({ length }, () => alphabet.charAt(this.below(alphabet.length))).join('');
  }

  /** A generator of its own, so that one part of a world does not shift another's numbers. */
  fork(): SeededRandom {
    return new SeededRandom(this.#next());
  }
}
