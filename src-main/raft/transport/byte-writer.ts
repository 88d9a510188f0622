/** Writes and reads the few shapes that peers exchange: whole numbers, texts, byte strings. */
import { assert } from '#shared/base/assert.ts';

/** Bytes that a peer sent and that make no sense: the connection is not to be trusted. */
export class MalformedFrameError extends Error {
  override readonly name = 'MalformedFrameError';
}

/** A buffer that grows. Reuse one; `take` copies out what was written. */
export class ByteWriter {
  #buffer = Buffer.allocUnsafeSlow(64 * 1024);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#buffer[this.#length] = value;
    this.#length += 1;
  }

  /** An unsigned 32-bit number. */
  uint32(value: number): void {
    this.#reserve(4);
    this.#length = this.#buffer.writeUInt32LE(value, this.#length);
  }

  /** Any safe integer: a double holds it exactly. */
  integer(value: number): void {
    this.#reserve(8);
    this.#length = this.#buffer.writeDoubleLE(value, this.#length);
  }

  bytes(value: Uint8Array): void {
    this.uint32(value.byteLength);
    this.#reserve(value.byteLength);
    this.#buffer.set(value, this.#length);
    this.#length += value.byteLength;
  }

  text(value: string): void {
    this.bytes(Buffer.from(value, 'utf8'));
  }

  /** What was written, in a buffer of its own that may be transferred; the writer begins anew. */
  take(): Uint8Array {
    const taken = new Uint8Array(this.#length);
    taken.set(this.#buffer.subarray(0, this.#length));
    this.#length = 0;
    if (this.#buffer.byteLength > 4 * 1024 * 1024) this.#buffer = Buffer.allocUnsafeSlow(64 * 1024);
    return taken;
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#buffer.byteLength) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.#buffer.byteLength * 2));
    grown.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = grown;
  }
}

/** Reads what a `ByteWriter` wrote. Throws `MalformedFrameError` past the end. */
export class ByteReader {
  readonly #buffer: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get done(): boolean {
    return this.#at >= this.#buffer.byteLength;
  }

  byte(): number {
    const at = this.#advance(1);
    const value = this.#buffer[at];
    assert(value !== undefined, 'the length was checked');
    return value;
  }

  uint32(): number {
    return this.#buffer.readUInt32LE(this.#advance(4));
  }

  integer(): number {
    const value = this.#buffer.readDoubleLE(this.#advance(8));
    if (!Number.isSafeInteger(value)) throw new MalformedFrameError('a number is not a whole number');
    return value;
  }

  /** A view on the frame, not a copy. */
  bytes(): Uint8Array {
    const length = this.uint32();
    const at = this.#advance(length);
    return this.#buffer.subarray(at, at + length);
  }

  text(): string {
    return Buffer.from(this.bytes()).toString('utf8');
  }

  #advance(bytes: number): number {
    const at = this.#at;
    if (at + bytes > this.#buffer.byteLength) throw new MalformedFrameError('a frame ends too early');
    this.#at = at + bytes;
    return at;
  }
}
