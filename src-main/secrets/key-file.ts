/** Keeps master keys in a file that only its owner can read (mode 0600), replaced as a whole. */
import { chmod, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { GantryError } from '#shared/contract/error.ts';
import type { KeyStore } from './key-ring.ts';

const ownerOnly = 0o600;
const permissionBits = 0o777;

/** The file, and a note beside it of where its keys were moved to. */
export interface KeyFile extends KeyStore {
  /** Null while they are in no other place. */
  movedTo(): Promise<string | null>;
  noteMove(to: string): Promise<void>;
  /** Only call when its keys were read back from where they are now. */
  remove(): Promise<void>;
}

/** The store of the keys in `<folder>/keys.json`. */
export function keyFile(folder: string): KeyFile {
  const path = join(folder, 'keys.json');
  const note = join(folder, 'keys.moved');
  return {
    keptIn: path,
    movedTo: () => readText(note),
    noteMove: (to) => replaceText(note, to),
    async remove() {
      await rm(path, { force: true });
      await syncFolder(folder);
    },
    async read() {
      try {
        const { mode } = await stat(path);
        // Others may have read it already; what can be done is to say so to nobody else from now on.
        if (process.platform !== 'win32' && (mode & permissionBits) !== ownerOnly) await chmod(path, ownerOnly);
      } catch (error) {
        if (!isMissing(error)) throw unreadable(path, error);
      }
      return readText(path);
    },
    write: (text) => replaceText(path, text),
  };
}

/** What a file of keys says; null if it is not there. */
export async function readText(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return null;
    throw unreadable(path, error);
  }
}

/** Replaces a file of keys as a whole; durable when it resolves. */
export async function replaceText(path: string, text: string): Promise<void> {
  const temporary = `${path}.new`;
  const file = await open(temporary, 'w', ownerOnly);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
  await syncFolder(dirname(path));
}

/** A change of names is durable only once its folder is. Windows has no such call and needs none. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const opened = await open(folder, 'r');
  try {
    await opened.sync();
  } finally {
    await opened.close();
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

function unreadable(path: string, error: unknown): GantryError {
  const why = error instanceof Error ? error.message : String(error);
  return new GantryError(
    'unavailable',
    `The master keys in ${path} cannot be read: ${why}. Secrets stay sealed until they can. Services that need none are not affected.`,
  );
}
