/** Cuts a byte stream into frames: four bytes of length (little endian), then the frame. */
import type { Socket } from 'node:net';
import { MalformedFrameError } from './byte-writer.ts';

const lengthBytes = 4;

/** Puts frames together from whatever pieces a socket delivers. */
export class FrameReader {
  readonly #frameBytesMax: number;
  #parts: Buffer[] = [];
  #bytes = 0;
  /** Bytes that must be there before another frame can be whole: joining earlier would copy in vain. */
  #needed = lengthBytes;

  constructor(frameBytesMax: number) {
    this.#frameBytesMax = frameBytesMax;
  }

  /** Takes a piece and answers the frames that are whole now. Throws `MalformedFrameError` for one that is too long. */
  push(piece: Buffer): Buffer[] {
    this.#parts.push(piece);
    this.#bytes += piece.byteLength;
    if (this.#bytes < this.#needed) return [];
    const joined = this.#parts.length === 1 ? piece : Buffer.concat(this.#parts, this.#bytes);
    const frames: Buffer[] = [];
    let at = 0;
    this.#needed = lengthBytes;
    while (joined.byteLength - at >= lengthBytes) {
      const length = joined.readUInt32LE(at);
      if (length > this.#frameBytesMax) {
        throw new MalformedFrameError(`a frame of ${length} bytes, more than ${this.#frameBytesMax}`);
      }
      if (joined.byteLength - at - lengthBytes < length) {
        this.#needed = lengthBytes + length;
        break;
      }
      frames.push(joined.subarray(at + lengthBytes, at + lengthBytes + length));
      at += lengthBytes + length;
    }
    const rest = joined.subarray(at);
    this.#parts = rest.byteLength === 0 ? [] : [rest];
    this.#bytes = rest.byteLength;
    return frames;
  }
}

/** Writes one frame; small ones in one piece, so that they leave in one packet. */
export function writeFrame(socket: Socket, frame: Uint8Array): void {
  const framed = Buffer.allocUnsafe(lengthBytes + frame.byteLength);
  framed.writeUInt32LE(frame.byteLength, 0);
  framed.set(frame, lengthBytes);
  socket.write(framed);
}
