/** A text file that never outgrows its bound: full generations move to `name.1`, `name.2`, … */
import { closeSync, fstatSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Disposable } from '#shared/base/disposable.ts';

export interface RotatingFileOptions {
  readonly path: string;
  /** A generation is closed before it would grow past this. */
  readonly sizeBytesMax: number;
  /** How many closed generations are kept beside the open one. */
  readonly generationsKept: number;
}

/**
 * Appends synchronously, so that the last line before a crash is on disk as far as the
 * operating system is concerned. Throws what the file system throws.
 */
export class RotatingFile implements Disposable {
  readonly #options: RotatingFileOptions;
  /** Null once disposed, and after an opening that failed: the next line tries again. */
  #descriptor: number | null = null;
  #sizeBytes = 0;
  #disposed = false;

  constructor(options: RotatingFileOptions) {
    this.#options = options;
    mkdirSync(dirname(options.path), { recursive: true });
    this.#open();
  }

  /** Writes `text` whole into one generation. Does nothing once disposed. */
  append(text: string): void {
    if (this.#disposed) return;
    const bytes = Buffer.from(text);
    let descriptor = this.#descriptor ?? this.#open();
    if (this.#sizeBytes > 0 && this.#sizeBytes + bytes.length > this.#options.sizeBytesMax) {
      this.#close();
      this.#shiftGenerations();
      descriptor = this.#open();
    }
    writeSync(descriptor, bytes);
    this.#sizeBytes += bytes.length;
  }

  #open(): number {
    const descriptor = openSync(this.#options.path, 'a', 0o600);
    this.#descriptor = descriptor;
    this.#sizeBytes = fstatSync(descriptor).size;
    return descriptor;
  }

  #close(): void {
    if (this.#descriptor !== null) closeSync(this.#descriptor);
    this.#descriptor = null;
  }

  #shiftGenerations(): void {
    const { path, generationsKept } = this.#options;
    rmSync(`${path}.${generationsKept}`, { force: true });
    for (let generation = generationsKept - 1; generation >= 1; generation -= 1) {
      renameIfThere(`${path}.${generation}`, `${path}.${generation + 1}`);
    }
    if (generationsKept > 0) renameIfThere(path, `${path}.1`);
    else rmSync(path, { force: true });
  }

  dispose(): void {
    this.#disposed = true;
    this.#close();
  }
}

function renameIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
}
