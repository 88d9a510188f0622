/** Chance from the operating system's generator. */
import { randomInt } from 'node:crypto';
import { assert } from '#shared/base/assert.ts';
import type { Random } from '../ports/random.ts';

const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** Cryptographically strong and unbiased: a 26 character id carries 134 bits. */
export const systemRandom: Random = {
  id(length) {
    assert(Number.isInteger(length) && length > 0, 'an id has at least one character');
    let id = '';
    for (let position = 0; position < length; position += 1) id += alphabet.charAt(randomInt(alphabet.length));
    return id;
  },
  below(below) {
    assert(Number.isSafeInteger(below) && below > 0, 'the bound of a random number is a positive integer');
    return randomInt(below);
  },
};
