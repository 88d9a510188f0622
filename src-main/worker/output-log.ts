/**
 * The raw output of one run, in files of a fixed size of which the oldest are removed. A
 * position counts all bytes ever written, so it stays true when older ones are gone.
 */
import { closeSync, existsSync, openSync, readdirSync, readSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { RunOutput } from '#shared/contract/worker-protocol.ts';
import { guardDiskFull, writeAll } from './disk-write.ts';

export interface OutputLimits {
  readonly segmentBytes: number;
  readonly segmentsMax: number;
}

/** 32 MiB a run. */
export const outputLimits: OutputLimits = { segmentBytes: 4 * 1024 * 1024, segmentsMax: 8 };

export class OutputLog {
  readonly #folder: string;
  readonly #limits: OutputLimits;
  #first = 0;
  #endByte = 0;
  #open: { readonly number: number; readonly fd: number } | null = null;

  constructor(folder: string, limits: OutputLimits = outputLimits) {
    this.#folder = folder;
    this.#limits = limits;
    const numbers = readdirSync(folder)
      .map((name) => /^output-(\d+)\.log$/.exec(name)?.[1])
      .filter((digits) => digits !== undefined)
      .map(Number)
      .sort((left, right) => left - right);
    const last = numbers.at(-1);
    if (last === undefined) return;
    this.#first = numbers[0] ?? last;
    this.#endByte = last * limits.segmentBytes + Math.min(limits.segmentBytes, statSync(this.#pathOf(last)).size);
  }

  /** All bytes ever written. */
  get endByte(): number {
    return this.#endByte;
  }

  /** What is still there of them. */
  get keptBytes(): number {
    return this.#endByte - this.#first * this.#limits.segmentBytes;
  }

  /** Throws `DiskFullError`; what fitted before it stays. */
  write(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.byteLength; ) {
      const number = Math.floor(this.#endByte / this.#limits.segmentBytes);
      const room = (number + 1) * this.#limits.segmentBytes - this.#endByte;
      const piece = bytes.subarray(at, at + room);
      const fd = this.#segment(number);
      const path = this.#pathOf(number);
      try {
        guardDiskFull(path, () => writeAll(fd, piece));
      } catch (error) {
        this.#endByte = number * this.#limits.segmentBytes + statSync(path).size;
        throw error;
      }
      this.#endByte += piece.byteLength;
      at += piece.byteLength;
    }
  }

  /** At most `bytesMax` bytes from `fromByte`, or from the oldest that is still there. */
  read(fromByte: number, bytesMax: number, ended: boolean): RunOutput {
    const start = Math.min(this.#endByte, Math.max(fromByte, this.#first * this.#limits.segmentBytes));
    const number = Math.floor(start / this.#limits.segmentBytes);
    const path = this.#pathOf(number);
    const wanted = Math.min(bytesMax, (number + 1) * this.#limits.segmentBytes - start, this.#endByte - start);
    const bytes = Buffer.alloc(wanted);
    if (wanted === 0 || !existsSync(path))
      return { fromByte: start, bytes: bytes.subarray(0, 0), endByte: this.#endByte, ended };
    const fd = openSync(path, 'r');
    try {
      const count = readSync(fd, bytes, 0, wanted, start - number * this.#limits.segmentBytes);
      return { fromByte: start, bytes: bytes.subarray(0, count), endByte: this.#endByte, ended };
    } finally {
      closeSync(fd);
    }
  }

  close(): void {
    if (this.#open) closeSync(this.#open.fd);
    this.#open = null;
  }

  #segment(number: number): number {
    if (this.#open?.number === number) return this.#open.fd;
    this.close();
    const path = this.#pathOf(number);
    const fd = guardDiskFull(path, () => openSync(path, 'a', 0o600));
    this.#open = { number, fd };
    while (number - this.#first >= this.#limits.segmentsMax) {
      rmSync(this.#pathOf(this.#first), { force: true });
      this.#first += 1;
    }
    return fd;
  }

  #pathOf(number: number): string {
    return join(this.#folder, `output-${number}.log`);
  }
}
