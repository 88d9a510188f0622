/** Folders of this machine, for the open dialog: names only, never contents. */
import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { FolderListing } from '#shared/contract/contract.ts';
import { GantryError } from '#shared/contract/error.ts';

const foldersMax = 1_000;

/** Lists the folders in `path` (the person's own folder when null), hidden ones last. */
export async function listFolder(path: string | null): Promise<FolderListing> {
  const folder = resolve(path === null ? homedir() : path.replace(/^~(?=$|[/\\])/, homedir()));
  let names: string[];
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    names = [];
    for (const entry of entries) {
      if (entry.isDirectory() || (entry.isSymbolicLink() && (await isFolder(join(folder, entry.name)))))
        names.push(entry.name);
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT') throw new GantryError('not-a-folder', `${folder} does not exist. Choose another folder.`);
    if (code === 'ENOTDIR')
      throw new GantryError('not-a-folder', `${folder} is a file, not a folder. Choose its folder instead.`);
    if (code === 'EACCES' || code === 'EPERM') {
      throw new GantryError('not-a-folder', `${folder} cannot be read: you have no permission. Choose another folder.`);
    }
    throw error;
  }
  names.sort((a, b) => Number(a.startsWith('.')) - Number(b.startsWith('.')) || compare(a, b));
  const parent = dirname(folder);
  return {
    path: folder,
    parent: parent === folder ? null : parent,
    folders: names.slice(0, foldersMax).map((name) => {
      const full = join(folder, name);
      return { name, path: full, isRepository: existsSync(join(full, '.git')) };
    }),
    cut: names.length > foldersMax,
  };
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    // A link that leads nowhere is not a folder.
    if (error instanceof Error && 'code' in error) return false;
    throw error;
  }
}

/** By code units after lower-casing: the same order on every machine. */
function compare(a: string, b: string): number {
  const left = a.toLowerCase();
  const right = b.toLowerCase();
  return left < right ? -1 : left > right ? 1 : 0;
}
