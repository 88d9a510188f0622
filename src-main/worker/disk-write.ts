/** Writing to disk so that a full one is an outcome and not a surprise. */
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** There is no room (or no quota) left for what Gantry must write down. */
export class DiskFullError extends Error {
  override readonly name = 'DiskFullError';

  constructor(path: string, cause: unknown) {
    super(`No space left to write ${path}`, { cause });
  }
}

/** Runs a write to `path`; a full disk becomes a `DiskFullError`, anything else is thrown as it is. */
export function guardDiskFull<T>(path: string, write: () => T): T {
  try {
    return write();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG') throw new DiskFullError(path, error);
    throw error;
  }
}

/** Writes all of `bytes` at the end of an open file. */
export function writeAll(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.byteLength; ) at += writeSync(fd, bytes, at);
}

/** Replaces a file as a whole: after a crash it holds either the old or the new content. */
export function replaceFile(path: string, content: string): void {
  const next = `${path}.next`;
  guardDiskFull(path, () => {
    const fd = openSync(next, 'w', 0o600);
    try {
      writeAll(fd, Buffer.from(content));
      fsyncSync(fd);
    } catch (error) {
      rmSync(next, { force: true });
      throw error;
    } finally {
      closeSync(fd);
    }
    renameSync(next, path);
  });
  syncFolder(dirname(path));
}

/** Makes renames and new files in a folder durable. Windows neither needs nor allows it. */
export function syncFolder(path: string): void {
  if (process.platform === 'win32') return;
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
