/** Replaces a small file so that a reader, also after a power cut, finds the old content or the new. */
import { closeSync, fsyncSync, openSync, renameSync, writeFileSync } from 'node:fs';
import { toStorageError } from './storage-error.ts';
import { syncFolderOf } from './sync-file.ts';

/** Throws `DiskError` when the disk refuses; the old content is then kept. */
export function writeAtomically(path: string, content: string): void {
  const draft = `${path}.part`;
  try {
    const file = openSync(draft, 'w', 0o600);
    try {
      writeFileSync(file, content);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(draft, path);
    syncFolderOf(path);
  } catch (error) {
    throw toStorageError(error, path);
  }
}
