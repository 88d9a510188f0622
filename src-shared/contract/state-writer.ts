/**
 * The host's end of one state stream. Keeps what is true now and which keys the reader has not
 * seen, never a queue of changes: a reader that stalls for an hour costs the size of the view,
 * and catches up in one step.
 */
import type { Disposable } from '../base/disposable.ts';
import { encodeFrame, fitsFrame } from './codec.ts';
import { GantryError } from './error.ts';
import type { StateSink } from './handlers.ts';
import type { Timers } from './timers.ts';
import { type StateFrame, stateEntriesMax, stateFramesAhead } from './wire.ts';

export interface StateWriterOptions {
  readonly id: number;
  readonly timers: Timers;
  /** The shortest time between two frames, unless a snapshot needs several. */
  readonly flushIntervalMs: number;
  readonly send: (bytes: Uint8Array) => void;
  /** The stream ended by itself; called once. */
  readonly onFail: (error: unknown) => void;
  /** Throws when a value is not what the contract says. Null trusts the source. */
  readonly check: ((value: unknown) => void) | null;
}

/** See the file's comment. */
export class StateWriter implements StateSink<unknown>, Disposable {
  readonly #options: StateWriterOptions;
  readonly #values = new Map<string, unknown>();
  /** Keys that changed since the reader was told. */
  readonly #dirty = new Set<string>();
  /** Keys of the snapshot under way that were not sent yet; null when none is under way. */
  #unsent: Set<string> | null = null;
  #needsReset = true;
  #started = false;
  #closed = false;
  #credit = stateFramesAhead;
  #rev = 0;
  #flushedAtMs = Number.NEGATIVE_INFINITY;
  #timer: Disposable | null = null;

  constructor(options: StateWriterOptions) {
    this.#options = options;
  }

  set(key: string, value: unknown): void {
    if (this.#closed) return;
    if (this.#options.check !== null) {
      try {
        this.#options.check(value);
      } catch (error) {
        this.#end(error);
        return;
      }
    }
    this.#values.set(key, value);
    if (this.#unsent?.has(key) !== true) this.#dirty.add(key);
    this.#schedule();
  }

  delete(key: string): void {
    if (this.#closed || !this.#values.delete(key)) return;
    if (this.#unsent?.delete(key) !== true) this.#dirty.add(key);
    this.#schedule();
  }

  replace(values: ReadonlyMap<string, unknown>): void {
    for (const key of this.#values.keys()) if (!values.has(key)) this.delete(key);
    for (const [key, value] of values) if (this.#values.get(key) !== value) this.set(key, value);
  }

  fail(error: GantryError): void {
    this.#end(error);
  }

  /** The source has set its first snapshot: sending begins. */
  start(): void {
    this.#started = true;
    this.#schedule();
  }

  /** The reader dealt with frames. */
  credit(frames: number): void {
    this.#credit = Math.min(stateFramesAhead, this.#credit + frames);
    this.#schedule();
  }

  /** The reader lost track: everything is sent again. */
  refresh(): void {
    this.#needsReset = true;
    this.#schedule();
  }

  dispose(): void {
    this.#closed = true;
    this.#timer?.dispose();
    this.#timer = null;
    this.#values.clear();
    this.#dirty.clear();
    this.#unsent = null;
  }

  #hasNews(): boolean {
    return this.#needsReset || this.#unsent !== null || this.#dirty.size > 0;
  }

  #schedule(): void {
    if (!this.#started || this.#closed || this.#credit === 0 || this.#timer !== null || !this.#hasNews()) return;
    const { timers, flushIntervalMs } = this.#options;
    const goesOn = this.#unsent !== null;
    const waitMs = goesOn ? 0 : Math.max(0, this.#flushedAtMs + flushIntervalMs - timers.monotonicMs());
    this.#timer = timers.after(waitMs, () => {
      this.#timer = null;
      this.#flush();
    });
  }

  #flush(): void {
    if (this.#closed || this.#credit === 0 || !this.#hasNews()) return;
    const reset = this.#needsReset;
    if (reset) {
      this.#needsReset = false;
      this.#unsent = new Set(this.#values.keys());
      this.#dirty.clear();
    }
    const source = this.#unsent ?? this.#dirty;
    let keys = takeFirst(source, stateEntriesMax);
    let bytes = encodeFrame(this.#frame(reset, keys, keys.length < source.size));
    while (!fitsFrame(bytes)) {
      if (keys.length === 1) {
        this.#end(new GantryError('too-large', 'One entry of this view is too large to be sent.'));
        return;
      }
      keys = keys.slice(0, Math.ceil(keys.length / 2));
      bytes = encodeFrame(this.#frame(reset, keys, true));
    }
    for (const key of keys) source.delete(key);
    if (this.#unsent?.size === 0) this.#unsent = null;
    this.#rev += 1;
    this.#credit -= 1;
    this.#flushedAtMs = this.#options.timers.monotonicMs();
    this.#options.send(bytes);
    this.#schedule();
  }

  #frame(reset: boolean, keys: readonly string[], leavesSome: boolean): StateFrame {
    const set: [string, unknown][] = [];
    const removed: string[] = [];
    for (const key of keys) {
      if (this.#values.has(key)) set.push([key, this.#values.get(key)]);
      else removed.push(key);
    }
    const more = this.#unsent !== null && leavesSome;
    return { type: 'state', id: this.#options.id, rev: this.#rev + 1, reset, more, set, removed };
  }

  #end(error: unknown): void {
    if (this.#closed) return;
    this.dispose();
    this.#options.onFail(error);
  }
}

function takeFirst(keys: ReadonlySet<string>, countMax: number): string[] {
  const taken: string[] = [];
  for (const key of keys) {
    if (taken.length === countMax) break;
    taken.push(key);
  }
  return taken;
}
