/**
 * The events of one run on disk: a line of JSON each, numbered from 1 without gaps. An entry is
 * in the file before anybody hears of it. Readers go to the file, never to memory, so that one
 * who reads slowly costs nothing.
 */
import { closeSync, existsSync, fsyncSync, ftruncateSync, openSync, readFileSync } from 'node:fs';
import { type AgentEvent, type JournalEntry, journalEntrySchema } from '#shared/model/agent-event.ts';
import { guardDiskFull, writeAll } from './disk-write.ts';

/** Beyond this, only what decides about the run is kept: see `isDecisive`. */
export const journalBytesMax = 64 * 1024 * 1024;

const newline = 0x0a;

/** Events that are kept even when the journal has reached its limit. */
export function isDecisive(event: AgentEvent): boolean {
  return ['session', 'permission', 'permission-resolved', 'control', 'turn-end', 'end'].includes(event.type);
}

export class Journal {
  readonly #path: string;
  readonly #fd: number;
  #bytes: number;
  #lastSeq: number;
  #lastAtMs: number;
  #closed = false;

  /** Opens or makes the journal; a last line that a crash tore is cut off. */
  constructor(path: string) {
    const known = existsSync(path) ? inspectJournal(readFileSync(path)) : { bytes: 0, lastSeq: 0, lastAtMs: 0 };
    this.#path = path;
    this.#fd = openSync(path, 'a', 0o600);
    ftruncateSync(this.#fd, known.bytes);
    this.#bytes = known.bytes;
    this.#lastSeq = known.lastSeq;
    this.#lastAtMs = known.lastAtMs;
  }

  /** Length of the file: a reader may read up to here. */
  get bytes(): number {
    return this.#bytes;
  }

  get lastSeq(): number {
    return this.#lastSeq;
  }

  /** When the last entry was written, wall clock; 0 without any. */
  get lastAtMs(): number {
    return this.#lastAtMs;
  }

  /** Writes one event. Throws `DiskFullError`, and then nothing of it is in the file. */
  append(event: AgentEvent, atMs: number): JournalEntry {
    const entry: JournalEntry = { seq: this.#lastSeq + 1, atMs, event };
    const line = Buffer.from(`${JSON.stringify(entry)}\n`);
    try {
      guardDiskFull(this.#path, () => writeAll(this.#fd, line));
    } catch (error) {
      ftruncateSync(this.#fd, this.#bytes);
      throw error;
    }
    this.#bytes += line.byteLength;
    this.#lastSeq = entry.seq;
    this.#lastAtMs = atMs;
    return entry;
  }

  /** Makes everything so far survive a crash of the machine. */
  sync(): void {
    guardDiskFull(this.#path, () => fsyncSync(this.#fd));
  }

  /** Harmless when it is closed. */
  close(): void {
    if (!this.#closed) closeSync(this.#fd);
    this.#closed = true;
  }
}

/** How much of a journal's content is whole: up to the last line that ends and parses. */
export function inspectJournal(content: Buffer): { bytes: number; lastSeq: number; lastAtMs: number } {
  for (let end = content.lastIndexOf(newline); end >= 0; ) {
    const start = end === 0 ? 0 : content.lastIndexOf(newline, end - 1) + 1;
    const entry = parseEntry(content.subarray(start, end).toString());
    if (entry) return { bytes: end + 1, lastSeq: entry.seq, lastAtMs: entry.atMs };
    end = start - 1;
  }
  return { bytes: 0, lastSeq: 0, lastAtMs: 0 };
}

/** The entry on a line; null when it is not one. */
export function parseEntry(line: string): JournalEntry | null {
  try {
    const parsed = journalEntrySchema.safeParse(JSON.parse(line));
    return parsed.success ? parsed.data : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
