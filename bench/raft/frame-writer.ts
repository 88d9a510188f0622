/** Sends frames so that all of one turn of the event loop leave in one write. */
import type { Socket } from 'node:net';

export class FrameWriter {
  readonly #socket: Socket;
  #frames: Buffer[] = [];
  #scheduled = false;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** `frame` has four bytes of room in front for its length. */
  write(frame: Buffer): void {
    frame.writeUInt32LE(frame.byteLength - 4, 0);
    this.#frames.push(frame);
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      const frames = this.#frames;
      this.#frames = [];
      if (!this.#socket.destroyed)
        this.#socket.write(frames.length === 1 ? (frames[0] ?? Buffer.alloc(0)) : Buffer.concat(frames));
    });
  }
}
