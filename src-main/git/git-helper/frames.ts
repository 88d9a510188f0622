/**
 * Frames over a pipe: the lengths of header and body (four bytes each, big endian), the header
 * as JSON, the body as it is. So megabytes of output travel as the bytes that git printed.
 */
import type { Writable } from 'node:stream';

const lengthsBytes = 8;

/** Writes one frame. Never waits: what the other side does not read yet is kept in memory. */
export function writeFrame(pipe: Writable, header: unknown, body: Uint8Array | null): void {
  const head = Buffer.from(JSON.stringify(header));
  const lengths = Buffer.allocUnsafe(lengthsBytes);
  lengths.writeUInt32BE(head.byteLength, 0);
  lengths.writeUInt32BE(body?.byteLength ?? 0, 4);
  pipe.cork();
  pipe.write(lengths);
  pipe.write(head);
  if (body !== null && body.byteLength > 0) pipe.write(body);
  pipe.uncork();
}

/** Puts frames together again from whatever pieces a pipe hands out. */
export class FrameReader<Header> {
  readonly #onFrame: (header: Header, body: Buffer) => void;
  #parts: Buffer[] = [];
  #bytes = 0;
  /** Bytes that must be there before another step can be taken: joining earlier would copy in vain. */
  #neededBytes = lengthsBytes;

  /** `onFrame` is called within `push`, once for each frame that is complete. */
  constructor(onFrame: (header: Header, body: Buffer) => void) {
    this.#onFrame = onFrame;
  }

  push(chunk: Buffer): void {
    this.#parts.push(chunk);
    this.#bytes += chunk.byteLength;
    while (this.#bytes >= this.#neededBytes) {
      const [first = chunk, ...more] = this.#parts;
      const joined = more.length === 0 ? first : Buffer.concat(this.#parts);
      const bodyStart = lengthsBytes + joined.readUInt32BE(0);
      const end = bodyStart + joined.readUInt32BE(4);
      const isWhole = joined.byteLength >= end;
      const rest = isWhole ? joined.subarray(end) : joined;
      this.#parts = rest.byteLength > 0 ? [rest] : [];
      this.#bytes = rest.byteLength;
      this.#neededBytes = isWhole ? lengthsBytes : end;
      if (!isWhole) return;
      const header = JSON.parse(joined.toString('utf8', lengthsBytes, bodyStart)) as Header;
      this.#onFrame(header, joined.subarray(bodyStart, end));
    }
  }
}
