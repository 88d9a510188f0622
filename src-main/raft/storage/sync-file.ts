/** Makes files and their names survive a power cut. A rename is durable only once its folder is synced (etcd#6368). */
import { closeSync, fsyncSync, openSync } from 'node:fs';
import { dirname } from 'node:path';

/** Waits until the content of a file, or the names in a folder, are on the disk. */
export function syncPath(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Waits until the entry of `path` in its folder is on the disk. Windows does it with the file and cannot open folders. */
export function syncFolderOf(path: string): void {
  if (process.platform !== 'win32') syncPath(dirname(path));
}
