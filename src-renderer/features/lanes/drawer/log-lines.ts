import { ansiSpans, type Look, type Span } from '../../../ui/log/ansi.ts';

/** A line of the log; `number` counts from the first that was read. */
export interface LogLine {
  readonly number: number;
  readonly spans: readonly Span[];
}

/** How many lines are kept. Older ones are dropped, and that is said. */
export const logLinesMax = 20_000;

/** A line without an end is cut into pieces of this many characters. */
const lineCharsMax = 4_000;

/**
 * Makes lines of output that arrives in pieces. The last line may still grow: it is replaced
 * by the next piece. Bounded by `logLinesMax`.
 */
export class LogLines {
  #lines: LogLine[] = [];
  #rest = '';
  #look: Look | null = null;
  #next = 1;
  #dropped = 0;

  /** The lines so far. A new array after every `append`. */
  lines: readonly LogLine[] = [];

  /** How many lines were dropped at the beginning. */
  get dropped(): number {
    return this.#dropped;
  }

  append(text: string): void {
    const pieces = (this.#rest + text).split('\n');
    this.#rest = pieces.pop() ?? '';
    for (const piece of pieces) this.#finish(piece);
    while (this.#rest.length > lineCharsMax) {
      this.#finish(this.#rest.slice(0, lineCharsMax));
      this.#rest = this.#rest.slice(lineCharsMax);
    }
    const excess = this.#lines.length - logLinesMax;
    if (excess > 0) {
      this.#lines = this.#lines.slice(excess);
      this.#dropped += excess;
    }
    const growing = this.#rest === '' ? [] : [{ number: this.#next, spans: ansiSpans(this.#rest, this.#look).spans }];
    this.lines = [...this.#lines, ...growing];
  }

  #finish(piece: string): void {
    const { spans, look } = ansiSpans(piece, this.#look);
    this.#look = look;
    this.#lines.push({ number: this.#next, spans });
    this.#next += 1;
  }
}
