/**
 * Docker's multiplexed streams: frames of eight bytes of head (stream, three zeros, big-endian
 * length) and a payload. Pure, so that back-pressure is the reading's: what is not pulled from the
 * connection is not decoded, and nothing is kept but an unfinished head.
 */
const headBytes = 8;

/** A frame's payload, or as much of it as was there. */
export interface FramePart {
  readonly stream: 'stdout' | 'stderr';
  readonly bytes: Buffer;
  /** The engine writes each entry of a log as one frame: where one starts, a time stamp stands. */
  readonly isStart: boolean;
}

/** Takes a multiplexed stream apart that may be cut at any byte. Never for a terminal's stream, which has no frames. */
export class FrameDecoder {
  readonly #head = Buffer.alloc(headBytes);
  #headLength = 0;
  #remainingBytes = 0;
  #isStart = true;

  /** The parts of frames that `chunk` brings. Throws where the stream is no multiplexed one. */
  push(chunk: Buffer): FramePart[] {
    const parts: FramePart[] = [];
    let offset = 0;
    while (offset < chunk.byteLength) {
      if (this.#remainingBytes === 0) {
        const taken = chunk.copy(this.#head, this.#headLength, offset, offset + headBytes - this.#headLength);
        this.#headLength += taken;
        offset += taken;
        if (this.#headLength === headBytes) this.#beginFrame();
        continue;
      }
      const bytes = chunk.subarray(offset, offset + this.#remainingBytes);
      parts.push({ stream: this.#head[0] === 2 ? 'stderr' : 'stdout', bytes, isStart: this.#isStart });
      this.#isStart = false;
      this.#remainingBytes -= bytes.byteLength;
      offset += bytes.byteLength;
    }
    return parts;
  }

  /** The stream is over. Throws if it was cut within a frame. */
  end(): void {
    if (this.#headLength > 0 || this.#remainingBytes > 0) throw new Error('the stream broke off within a frame');
  }

  #beginFrame(): void {
    const stream = this.#head[0] ?? 0;
    if (stream > 2 || this.#head[1] !== 0 || this.#head[2] !== 0 || this.#head[3] !== 0) {
      throw new Error('the stream is not multiplexed');
    }
    this.#headLength = 0;
    this.#remainingBytes = this.#head.readUInt32BE(4);
    this.#isStart = true;
  }
}
