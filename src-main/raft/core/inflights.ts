/**
 * The appends on their way to one peer: a window in messages and in bytes. Only messages
 * that carry entries count. An acknowledgement frees everything up to its index, so a lost
 * one is made good by the next.
 */
import { assert } from '#shared/base/assert.ts';

interface Flight {
  readonly lastIndex: number;
  readonly sizeBytes: number;
}

/** See the file's comment. */
export class Inflights {
  readonly #messagesMax: number;
  readonly #bytesMax: number;
  #flights: Flight[] = [];
  #start = 0;
  #sizeBytes = 0;

  constructor(messagesMax: number, bytesMax: number) {
    assert(messagesMax > 0 && bytesMax > 0, 'a window lets at least one message through');
    this.#messagesMax = messagesMax;
    this.#bytesMax = bytesMax;
  }

  /** Messages on their way. */
  get count(): number {
    return this.#flights.length - this.#start;
  }

  /** Whether the window is used up. One message may pass the limit on bytes, none the limit on messages. */
  get full(): boolean {
    return this.count >= this.#messagesMax || this.#sizeBytes >= this.#bytesMax;
  }

  /** Notes a message whose last entry is `lastIndex`. */
  add(lastIndex: number, sizeBytes: number): void {
    assert(!this.full, 'a full window lets nothing through');
    this.#flights.push({ lastIndex, sizeBytes });
    this.#sizeBytes += sizeBytes;
  }

  /** Frees every message whose entries are all acknowledged by `index`. */
  freeUpTo(index: number): void {
    for (let first = this.#flights[this.#start]; first !== undefined && first.lastIndex <= index; ) {
      this.#sizeBytes -= first.sizeBytes;
      this.#start += 1;
      first = this.#flights[this.#start];
    }
    if (this.#start > 0 && this.#start * 2 >= this.#flights.length) {
      this.#flights = this.#flights.slice(this.#start);
      this.#start = 0;
    }
  }

  /** Forgets everything: the peer is probed anew. */
  reset(): void {
    this.#flights = [];
    this.#start = 0;
    this.#sizeBytes = 0;
  }
}
