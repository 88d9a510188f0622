/** Keeps master keys in a file that only the system can open, for the person who is signed in. */
import { join } from 'node:path';
import { GantryError } from '#shared/contract/error.ts';
import type { TextSealer } from '../ports/text-sealer.ts';
import { readText, replaceText } from './key-file.ts';
import type { KeyStore } from './key-ring.ts';

/** The store of the keys in `<folder>/keys.sealed`. */
export function sealedKeyFile(folder: string, sealer: TextSealer): KeyStore {
  const path = join(folder, 'keys.sealed');
  const open = (sealed: string): string => {
    try {
      return sealer.open(Buffer.from(sealed, 'base64'));
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new GantryError(
        'unavailable',
        `The master keys in ${path} cannot be opened with ${sealer.name}: ${why}. Nothing was lost: sign in as who sealed them. Services that need no secrets are not affected.`,
      );
    }
  };
  return {
    keptIn: sealer.name,
    async read() {
      const sealed = await readText(path);
      return sealed === null ? null : open(sealed);
    },
    write: (text) => replaceText(path, Buffer.from(sealer.seal(text)).toString('base64')),
  };
}
