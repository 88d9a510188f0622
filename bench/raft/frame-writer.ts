/** Sends frames so that those of one turn leave in one write. */
import type { Socket } from 'node:net';

export class FrameWriter {
  readonly #socket: Socket;
  #frames: Buffer[] = [];
  #scheduled = false;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Sends with the next `flush`, or at the end of this turn. `frame` has four bytes of room in front for its length. */
  write(frame: Buffer): void {
    frame.writeUInt32LE(frame.byteLength - 4, 0);
    this.#frames.push(frame);
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      this.flush();
    });
  }

  flush(): void {
    if (this.#frames.length === 0 || this.#socket.destroyed) return;
    this.#socket.write(Buffer.concat(this.#frames));
    this.#frames = [];
  }
}
