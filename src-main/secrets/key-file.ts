/** Keeps master keys in a file that only its owner can read (mode 0600), replaced as a whole. */
import { chmod, open, readFile, rename, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { GantryError } from '#shared/contract/error.ts';
import type { KeyStore } from './key-ring.ts';

const ownerOnly = 0o600;
const permissionBits = 0o777;

/** The store of the keys in `<folder>/keys.json`. */
export function keyFile(folder: string): KeyStore {
  const path = join(folder, 'keys.json');
  return {
    keptIn: path,
    async read() {
      try {
        const { mode } = await stat(path);
        // Others may have read it already; what can be done is to say so to nobody else from now on.
        if (process.platform !== 'win32' && (mode & permissionBits) !== ownerOnly) await chmod(path, ownerOnly);
        return await readFile(path, 'utf8');
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
        const why = error instanceof Error ? error.message : String(error);
        throw new GantryError(
          'unavailable',
          `The master keys in ${path} cannot be read: ${why}. Secrets stay sealed until they can. Services that need none are not affected.`,
        );
      }
    },
    async write(text) {
      const temporary = `${path}.new`;
      const file = await open(temporary, 'w', ownerOnly);
      try {
        await file.writeFile(text);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, path);
      // The rename itself is durable only once its folder is. Windows has no such call and needs none.
      if (process.platform === 'win32') return;
      const parent = await open(dirname(path), 'r');
      try {
        await parent.sync();
      } finally {
        await parent.close();
      }
    },
  };
}
