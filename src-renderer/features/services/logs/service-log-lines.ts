import type { ItemOf } from '#shared/contract/contract.ts';
import { ansiSpans, type Span } from '../../../ui/log/ansi.ts';

type LogItem = ItemOf<'service.logs'>;

/** One line that a replica wrote; `number` counts from the first that was read. */
export interface ServiceLogLine {
  readonly number: number;
  readonly replica: string;
  readonly stream: LogItem['stream'];
  readonly atMs: number;
  readonly text: string;
}

/** How many lines are kept. Older ones are dropped, and that is said. */
export const serviceLogLinesMax = 50_000;
/** Dropping is done in pieces, so that a busy log is not copied for every batch. */
const slack = 5_000;

/** The lines that were read, bounded by `serviceLogLinesMax` (and a slack). */
export class ServiceLogLines {
  #lines: ServiceLogLine[] = [];
  #next = 1;
  #dropped = 0;
  readonly #replicas = new Set<string>();

  get lines(): readonly ServiceLogLine[] {
    return this.#lines;
  }

  /** How many were dropped at the beginning. */
  get dropped(): number {
    return this.#dropped;
  }

  get length(): number {
    return this.#lines.length;
  }

  /** Who wrote any of them, in the order of arrival. */
  get replicas(): readonly string[] {
    return [...this.#replicas];
  }

  append(items: readonly LogItem[]): void {
    for (const { replica, stream, atMs, text } of items) {
      this.#replicas.add(replica);
      this.#lines.push({ number: this.#next, replica, stream, atMs, text });
      this.#next += 1;
    }
    const excess = this.#lines.length - serviceLogLinesMax;
    if (excess < slack) return;
    this.#lines = this.#lines.slice(excess);
    this.#dropped += excess;
  }
}

/** A line's text in its looks. A line of a log has them for itself. */
export function lineSpans(line: ServiceLogLine): readonly Span[] {
  return ansiSpans(line.text, null).spans;
}
