/** Lines of a container's log with their time stamps, from the frames that the engine sends. */
import type { LogLine } from '../ports/engine.ts';
import type { FramePart } from './frame-decoder.ts';

/** Longer lines are cut, so that output without an end of line stays bounded in memory. */
const lineBytesMax = 256 * 1_024;
const newline = 0x0a;
const space = 0x20;

interface OpenLine {
  timestamp: string;
  /** The time stamp that is being read, until its space; null within the text. */
  stamp: Buffer[] | null;
  text: Buffer[];
  textBytes: number;
}

/**
 * Splits parts of frames into lines. The engine stamps each entry; a line of more than 16 KiB is
 * several entries, of which only the last ends in a newline: they are put together again, under
 * the last one's stamp, so that going on from it brings nothing twice.
 */
export class LogSplitter {
  readonly #open: Record<LogLine['stream'], OpenLine | null> = { stdout: null, stderr: null };

  /** The lines that these parts complete, in order. */
  push(parts: readonly FramePart[]): LogLine[] {
    const lines: LogLine[] = [];
    for (const part of parts) {
      if (part.isStart) this.#beginEntry(part.stream);
      this.#take(part.stream, part.bytes, lines);
    }
    return lines;
  }

  /** What was begun when the log ended. */
  end(): LogLine[] {
    const lines: LogLine[] = [];
    for (const stream of ['stdout', 'stderr'] as const) {
      const open = this.#open[stream];
      if (open !== null && open.stamp === null) this.#finish(stream, open, lines);
    }
    return lines;
  }

  #beginEntry(stream: LogLine['stream']): void {
    const open = this.#open[stream];
    if (open === null) this.#open[stream] = { timestamp: '', stamp: [], text: [], textBytes: 0 };
    else open.stamp = [];
  }

  #take(stream: LogLine['stream'], bytes: Buffer, lines: LogLine[]): void {
    let rest = bytes;
    while (rest.byteLength > 0) {
      // A terminal's log has no frames: each of its lines begins with a stamp.
      if (this.#open[stream] === null) this.#beginEntry(stream);
      const open = this.#open[stream] as OpenLine;
      if (open.stamp !== null) {
        const end = rest.indexOf(space);
        open.stamp.push(end < 0 ? rest : rest.subarray(0, end));
        if (end < 0) return;
        open.timestamp = Buffer.concat(open.stamp).toString('latin1');
        open.stamp = null;
        rest = rest.subarray(end + 1);
        continue;
      }
      const end = rest.indexOf(newline);
      const text = rest.subarray(0, Math.min(end < 0 ? rest.byteLength : end, lineBytesMax - open.textBytes));
      open.text.push(text);
      open.textBytes += text.byteLength;
      rest = rest.subarray(text.byteLength);
      if (rest.byteLength === 0) return;
      if (rest[0] === newline) {
        rest = rest.subarray(1);
        this.#finish(stream, open, lines);
      } else {
        this.#finish(stream, open, lines);
        this.#open[stream] = { timestamp: open.timestamp, stamp: null, text: [], textBytes: 0 };
      }
    }
  }

  #finish(stream: LogLine['stream'], open: OpenLine, lines: LogLine[]): void {
    const text = Buffer.concat(open.text).toString().replace(/\r$/, '');
    lines.push({ stream, atMs: Date.parse(open.timestamp) || 0, timestamp: open.timestamp, text });
    this.#open[stream] = null;
  }
}

/** Whether `a` is later than `b`, to the nanosecond: time stamps of one engine, which may have different zones. */
export function isLater(a: string, b: string): boolean {
  return nanoseconds(a) > nanoseconds(b);
}

/** A time stamp as seconds since 1970 with nine digits after the point, as engines take it; null if it is none. */
export function sinceSeconds(timestamp: string): string | null {
  const ms = Date.parse(timestamp);
  if (Number.isNaN(ms)) return null;
  const total = nanoseconds(timestamp);
  return `${total / 1_000_000_000n}.${String(total % 1_000_000_000n).padStart(9, '0')}`;
}

function nanoseconds(timestamp: string): bigint {
  const [, fraction = ''] = /\.(\d+)/.exec(timestamp) ?? [];
  const seconds = Math.floor((Date.parse(timestamp) || 0) / 1_000);
  return BigInt(seconds) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0').slice(0, 9));
}
