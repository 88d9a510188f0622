/** Chance from the system's generator. */
import { randomBytes, randomInt } from 'node:crypto';
import { assert } from '#shared/base/assert.ts';
import type { Random } from '../ports/random.ts';

const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789';
/** Bytes from here on would make some letters likelier than others. */
const fairBytes = Math.floor(256 / alphabet.length) * alphabet.length;

/** The `Random` of a running program: unguessable. */
export const systemRandom: Random = {
  id(length) {
    assert(Number.isInteger(length) && length > 0, 'an id has a length');
    let id = '';
    while (id.length < length) {
      for (const byte of randomBytes(length)) {
        if (byte < fairBytes && id.length < length) id += alphabet[byte % alphabet.length];
      }
    }
    return id;
  },
  below: (below) => randomInt(below),
};
