/** A local socket that carries frames: four bytes of length (big endian), then msgpack, checked on arrival. */
import type { Socket } from 'node:net';
import type { z } from 'zod';
import { decodeFrame, encodeFrame } from '#shared/contract/codec.ts';

export interface FramedSocketOptions<Schema extends z.ZodType> {
  readonly schema: Schema;
  /** A larger frame in either direction closes the connection. */
  readonly frameBytesMax: number;
  /** Unsent bytes beyond which the peer counts as gone. */
  readonly pendingBytesMax: number;
  readonly onFrame: (frame: z.output<Schema>) => void;
  /** Called once, with a sentence that says why. */
  readonly onClose: (reason: string) => void;
}

export class FramedSocket<Schema extends z.ZodType> {
  readonly #socket: Socket;
  readonly #options: FramedSocketOptions<Schema>;
  #parts: Buffer[] = [];
  #bytes = 0;
  /** Bytes that must be there before another frame can be complete: joining earlier would copy in vain. */
  #neededBytes = 4;
  #closed = false;
  #closeReason = 'the connection was closed';

  constructor(socket: Socket, options: FramedSocketOptions<Schema>) {
    this.#socket = socket;
    this.#options = options;
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('error', (error) => {
      this.#closeReason = error.message;
    });
    socket.on('close', () => {
      this.#closed = true;
      options.onClose(this.#closeReason);
    });
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Bytes that were sent but not taken by the peer yet. */
  get pendingBytes(): number {
    return this.#socket.writableLength;
  }

  /** Sends a frame; false when the connection is closed or this closed it. */
  send(frame: unknown): boolean {
    if (this.#closed) return false;
    const payload = encodeFrame(frame);
    if (payload.byteLength > this.#options.frameBytesMax) {
      this.close(`a frame of ${payload.byteLength} bytes is too large to send`);
      return false;
    }
    if (this.#socket.writableLength > this.#options.pendingBytesMax) {
      this.close('the other side has stopped reading');
      return false;
    }
    const head = Buffer.allocUnsafe(4);
    head.writeUInt32BE(payload.byteLength);
    this.#socket.cork();
    this.#socket.write(head);
    this.#socket.write(payload);
    this.#socket.uncork();
    return true;
  }

  /** Resolves once the peer has taken what was sent, or the connection is closed. */
  async drained(): Promise<void> {
    while (!this.#closed && this.#socket.writableNeedDrain) {
      await new Promise<void>((resolve) => {
        const done = (): void => {
          this.#socket.off('drain', done);
          this.#socket.off('close', done);
          resolve();
        };
        this.#socket.once('drain', done);
        this.#socket.once('close', done);
      });
    }
  }

  /** Sends what is pending and closes. */
  end(): void {
    this.#socket.end();
  }

  /** Closes at once, for `reason`. */
  close(reason: string): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#closeReason = reason;
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    this.#parts.push(chunk);
    this.#bytes += chunk.byteLength;
    while (!this.#closed && this.#bytes >= this.#neededBytes) {
      const joined = this.#parts.length === 1 ? (this.#parts[0] as Buffer) : Buffer.concat(this.#parts);
      this.#parts = [joined];
      const length = joined.readUInt32BE(0);
      if (length > this.#options.frameBytesMax) {
        this.close(`a frame of ${length} bytes is larger than ${this.#options.frameBytesMax}`);
        return;
      }
      this.#neededBytes = 4 + length;
      if (joined.byteLength < this.#neededBytes) return;
      const rest = joined.subarray(4 + length);
      this.#parts = rest.byteLength > 0 ? [rest] : [];
      this.#bytes = rest.byteLength;
      this.#neededBytes = 4;
      const decoded = decodeFrame(this.#options.schema, joined.subarray(4, 4 + length));
      if (!decoded.ok) {
        this.close(decoded.error);
        return;
      }
      this.#options.onFrame(decoded.value);
    }
  }
}
