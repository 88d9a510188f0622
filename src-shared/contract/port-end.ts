/** The part that every port shares: who listens, and closing once. */
import { type Disposable, toDisposable } from '../base/disposable.ts';
import { Emitter } from '../base/emitter.ts';
import type { PortClosure } from './port.ts';

/**
 * Keeps the listeners of one port. Messages that come before anybody listens are held back
 * and delivered, in order, to the first listener, even when the port is closed by then: the
 * last words of a host that refuses may arrive together with its goodbye.
 */
export class PortEnd {
  readonly #messages = new Emitter<Uint8Array>();
  readonly #closures = new Emitter<PortClosure>();
  #early: Uint8Array[] = [];
  #closure: PortClosure | null = null;

  get isClosed(): boolean {
    return this.#closure !== null;
  }

  onMessage(listener: (bytes: Uint8Array) => void): Disposable {
    const subscription = this.#messages.event(listener);
    const early = this.#early;
    this.#early = [];
    for (const bytes of early) listener(bytes);
    return subscription;
  }

  onClose(listener: (closure: PortClosure) => void): Disposable {
    if (this.#closure === null) return this.#closures.event(listener);
    listener(this.#closure);
    return toDisposable(() => undefined);
  }

  /** Hands a message to the listeners, unless the port is closed. */
  deliver(bytes: Uint8Array): void {
    if (this.#closure !== null) return;
    if (this.#messages.listenerCount === 0) this.#early.push(bytes);
    else this.#messages.fire(bytes);
  }

  /** Closes; false when it was closed before. */
  finish(closure: PortClosure): boolean {
    if (this.#closure !== null) return false;
    this.#closure = closure;
    this.#closures.fire(closure);
    this.#closures.dispose();
    this.#messages.dispose();
    return true;
  }
}

/** Closed in order, without anything to say. */
export const endedInOrder: PortClosure = { kind: 'ended', detail: '' };
