/**
 * The host's end of one log stream. Pulls the source only while the reader keeps up, so that
 * what waits in memory never exceeds `logPauseBytes` and one batch, and nothing is dropped.
 */
import type { Disposable } from '../base/disposable.ts';
import { encodeFrame, fitsFrame } from './codec.ts';
import { GantryError } from './error.ts';
import { logPauseBytes, logResumeBytes } from './wire.ts';

export interface LogWriterOptions {
  readonly id: number;
  readonly source: AsyncIterable<readonly unknown[]>;
  readonly send: (bytes: Uint8Array) => void;
  /** Throws when an item is not what the contract says. Null trusts the source. */
  readonly check: ((item: unknown) => void) | null;
}

/** See the file's comment. */
export class LogWriter implements Disposable {
  readonly #options: LogWriterOptions;
  #unacknowledgedBytes = 0;
  #closed = false;
  #wake: (() => void) | null = null;

  constructor(options: LogWriterOptions) {
    this.#options = options;
  }

  /** Resolves when the source has ended or the writer was disposed; rejects as the source does. */
  async run(): Promise<void> {
    for await (const batch of this.#options.source) {
      if (this.#closed) return;
      if (this.#options.check !== null) for (const item of batch) this.#options.check(item);
      await this.#send(batch);
      if (this.#closed) return;
    }
  }

  /** The reader dealt with frames of this many bytes in all. */
  acknowledge(bytes: number): void {
    this.#unacknowledgedBytes = Math.max(0, this.#unacknowledgedBytes - bytes);
    if (this.#unacknowledgedBytes <= logResumeBytes) this.#release();
  }

  dispose(): void {
    this.#closed = true;
    this.#release();
  }

  async #send(items: readonly unknown[]): Promise<void> {
    if (items.length === 0 || this.#closed) return;
    const bytes = encodeFrame({ type: 'items', id: this.#options.id, items });
    const tooLarge = items.length > 1 ? bytes.byteLength > logPauseBytes : !fitsFrame(bytes);
    if (!tooLarge) {
      this.#unacknowledgedBytes += bytes.byteLength;
      this.#options.send(bytes);
      if (this.#unacknowledgedBytes >= logPauseBytes) await this.#caughtUp();
      return;
    }
    if (items.length === 1) throw new GantryError('too-large', 'One entry of this log is too large to be sent.');
    const middle = Math.ceil(items.length / 2);
    await this.#send(items.slice(0, middle));
    await this.#send(items.slice(middle));
  }

  #caughtUp(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#closed) resolve();
      else this.#wake = resolve;
    });
  }

  #release(): void {
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }
}
