/** Reads a journal forward, a bounded piece at a time. */
import { type FileHandle, open } from 'node:fs/promises';
import { assert } from '#shared/base/assert.ts';
import type { JournalEntry } from '#shared/model/agent-event.ts';
import { parseEntry } from './journal.ts';

const newline = 0x0a;
const pieceBytes = 256 * 1024;

export class JournalCursor {
  readonly #path: string;
  readonly #afterSeq: number;
  #handle: FileHandle | null = null;
  #offset = 0;
  #pieceBytes = pieceBytes;

  /** Starts behind the entry `afterSeq`. */
  constructor(path: string, afterSeq: number) {
    this.#path = path;
    this.#afterSeq = afterSeq;
  }

  /** True while there is more to read in a journal of `journalBytes`. */
  isBehind(journalBytes: number): boolean {
    return this.#offset < journalBytes;
  }

  /** The next entries, at least one unless all that was read lies before the start. */
  async read(journalBytes: number): Promise<JournalEntry[]> {
    this.#handle ??= await open(this.#path, 'r');
    const wanted = Math.min(this.#pieceBytes, journalBytes - this.#offset);
    const buffer = Buffer.allocUnsafe(wanted);
    const { bytesRead } = await this.#handle.read(buffer, 0, wanted, this.#offset);
    const end = buffer.subarray(0, bytesRead).lastIndexOf(newline);
    if (end < 0) {
      // One entry longer than a piece: the next reading takes more.
      assert(bytesRead === wanted && wanted < journalBytes - this.#offset, 'a journal ends with a whole line');
      this.#pieceBytes *= 2;
      return [];
    }
    this.#offset += end + 1;
    this.#pieceBytes = pieceBytes;
    const entries: JournalEntry[] = [];
    for (const line of buffer.toString('utf8', 0, end).split('\n')) {
      // Entries begin with their number, so that those before the start need no parsing.
      const seq = Number(/^\{"seq":(\d+),/.exec(line)?.[1]);
      if (seq <= this.#afterSeq) continue;
      const entry = parseEntry(line);
      assert(entry !== null, 'a journal holds nothing but entries');
      entries.push(entry);
    }
    return entries;
  }

  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = null;
    await handle?.close();
  }
}
