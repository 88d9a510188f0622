/** Frames between nodes that are worker threads of one process: a `MessagePort` for each peer. */
import type { MessagePort } from 'node:worker_threads';
import type { PeerId } from '../core/message.ts';
import type { PeerTransport } from './peer-transport.ts';

/** Takes the ports that the app thread hands out. */
export class PortTransport implements PeerTransport {
  readonly #ports = new Map<PeerId, MessagePort>();
  onFrame: (from: PeerId, frame: Uint8Array) => void = () => undefined;
  onDidLosePeer: (peer: PeerId) => void = () => undefined;

  /** Takes ownership of `port`, in place of an earlier one to the same peer. */
  connect(peer: PeerId, port: MessagePort): void {
    this.disconnect(peer);
    this.#ports.set(peer, port);
    port.on('message', (frame: Uint8Array) => this.onFrame(peer, frame));
    port.on('close', () => {
      if (this.#ports.get(peer) !== port) return;
      this.#ports.delete(peer);
      this.onDidLosePeer(peer);
    });
  }

  disconnect(peer: PeerId): void {
    const port = this.#ports.get(peer);
    this.#ports.delete(peer);
    port?.close();
  }

  send(to: PeerId, frame: Uint8Array): boolean {
    const port = this.#ports.get(to);
    if (!port) return false;
    const { buffer } = frame;
    // A frame that fills its buffer is moved; another one shares it and is copied.
    const movable = buffer instanceof ArrayBuffer && buffer.byteLength === frame.byteLength;
    port.postMessage(frame, movable ? [buffer] : []);
    return true;
  }

  dispose(): void {
    for (const peer of [...this.#ports.keys()]) this.disconnect(peer);
  }
}
