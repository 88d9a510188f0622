/** Two ports in one process that are each other's far end. For tests and stories. */
import type { Port, PortClosure } from './port.ts';
import { endedInOrder, PortEnd } from './port-end.ts';

class PairedPort implements Port {
  readonly #end = new PortEnd();
  #peer: PairedPort | null = null;

  pairWith(peer: PairedPort): void {
    this.#peer = peer;
  }

  send(bytes: Uint8Array): void {
    const peer = this.#peer;
    if (this.#end.isClosed || peer === null) return;
    // A macrotask of its own, as from a real transport: a sender is never re-entered.
    setTimeout(() => peer.#end.deliver(bytes), 0);
  }

  onMessage(listener: (bytes: Uint8Array) => void) {
    return this.#end.onMessage(listener);
  }

  onClose(listener: (closure: PortClosure) => void) {
    return this.#end.onClose(listener);
  }

  close(closure: PortClosure = endedInOrder): void {
    if (!this.#end.finish(closure)) return;
    const peer = this.#peer;
    if (peer !== null) setTimeout(() => peer.#end.finish(closure), 0);
  }
}

/** Makes the pair. What one sends, the other receives a turn of the event loop later. */
export function createPortPair(): { readonly near: Port; readonly far: Port } {
  const near = new PairedPort();
  const far = new PairedPort();
  near.pairWith(far);
  far.pairWith(near);
  return { near, far };
}
