/**
 * A node's snapshot files. A file under its final name is whole: it was written under another
 * one, synced, renamed, and its folder synced. Whatever else lies there is a leftover.
 */
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { assert } from '#shared/base/assert.ts';
import type { SnapshotMeta } from '../core/message.ts';
import { toStorageError, UntrustedDataError } from './storage-error.ts';
import { syncFolderOf, syncPath } from './sync-file.ts';

const chunkBytes = 256 * 1024;
const draftSuffix = '.part';

/** A snapshot that is being received. */
export interface IncomingSnapshot {
  /** Appends a chunk at `offset`, which must be where the last one ended. */
  write(offset: number, chunk: Uint8Array): void;
  /** Syncs and renames it; throws `UntrustedDataError` when its checksum is not `checksum`. */
  finish(checksum: number): string;
  abandon(): void;
}

/** See the file's comment. All methods throw `DiskError` when the disk refuses. */
export class SnapshotFolder {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
    this.#guard(() => mkdirSync(folder, { recursive: true, mode: 0o700 }));
    // What a crash left half-written.
    this.#remove((path) => path.endsWith(draftSuffix));
  }

  pathOf(meta: Pick<SnapshotMeta, 'index' | 'term'>): string {
    return join(this.#folder, `${meta.term}-${meta.index}.snapshot`);
  }

  has(meta: Pick<SnapshotMeta, 'index' | 'term'>): boolean {
    return existsSync(this.pathOf(meta));
  }

  /** Lets `write` fill a new file and puts it in place under the name that its answer gives. */
  create(write: (path: string) => Pick<SnapshotMeta, 'index' | 'term'>): string {
    const draft = join(this.#folder, `making${draftSuffix}`);
    return this.#guard(() => {
      rmSync(draft, { force: true });
      return this.#install(draft, this.pathOf(write(draft)));
    });
  }

  /** Begins to receive a snapshot; one at a time. */
  receive(meta: SnapshotMeta): IncomingSnapshot {
    const draft = join(this.#folder, `receiving${draftSuffix}`);
    let file: number | null = this.#guard(() => openSync(draft, 'w', 0o600));
    let length = 0;
    let checksum = 0;
    const close = (): void => {
      if (file !== null) closeSync(file);
      file = null;
    };
    return {
      write: (offset, chunk) =>
        this.#guard(() => {
          assert(file !== null && offset === length, `a snapshot chunk at ${offset}, expected at ${length}`);
          for (let written = 0; written < chunk.byteLength; ) written += writeSync(file, chunk, written);
          length += chunk.byteLength;
          checksum = crc32(chunk, checksum);
        }),
      finish: (expected) =>
        this.#guard(() => {
          close();
          if (checksum !== expected) throw new UntrustedDataError('a received snapshot does not match its checksum');
          return this.#install(draft, this.pathOf(meta));
        }),
      abandon: () =>
        this.#guard(() => {
          close();
          rmSync(draft, { force: true });
        }),
    };
  }

  /** Size and checksum of a snapshot file. */
  describe(meta: SnapshotMeta): { sizeBytes: number; checksum: number } {
    return this.#guard(() => {
      const sizeBytes = statSync(this.pathOf(meta)).size;
      let checksum = 0;
      for (let offset = 0; offset < sizeBytes; offset += chunkBytes)
        checksum = crc32(this.readChunk(meta, offset), checksum);
      return { sizeBytes, checksum };
    });
  }

  /** At most 256 KiB of a snapshot from `offset` on. */
  readChunk(meta: SnapshotMeta, offset: number): Uint8Array {
    return this.#guard(() => {
      const file = openSync(this.pathOf(meta), 'r');
      try {
        const chunk = new Uint8Array(chunkBytes);
        return chunk.subarray(0, readSync(file, chunk, 0, chunkBytes, offset));
      } finally {
        closeSync(file);
      }
    });
  }

  /** Removes every whole snapshot but those of `keep`. */
  removeAllBut(keep: readonly Pick<SnapshotMeta, 'index' | 'term'>[]): void {
    const kept = new Set(keep.map((meta) => this.pathOf(meta)));
    this.#remove((path) => !path.endsWith(draftSuffix) && !kept.has(path));
  }

  #remove(which: (path: string) => boolean): void {
    this.#guard(() => {
      for (const name of readdirSync(this.#folder)) {
        const path = join(this.#folder, name);
        if (which(path)) rmSync(path, { force: true });
      }
    });
  }

  #install(draft: string, path: string): string {
    syncPath(draft);
    renameSync(draft, path);
    syncFolderOf(path);
    return path;
  }

  #guard<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw toStorageError(error, this.#folder);
    }
  }
}
