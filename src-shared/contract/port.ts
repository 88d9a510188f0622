/**
 * A two-way channel of messages, the only thing that the contract asks of a transport.
 * A WebSocket, a MessagePort and a pair in memory each make one.
 */
import type { Disposable } from '../base/disposable.ts';

/** Why a port is closed. */
export interface PortClosure {
  /** `ended` by either side in order; `failed` by the transport or by a message that broke a rule. */
  readonly kind: 'ended' | 'failed';
  readonly detail: string;
}

/**
 * Messages arrive whole and in order or not at all. `send` never throws: on a closed port
 * it does nothing. `onClose` fires once, also when it is subscribed too late.
 */
export interface Port {
  send(bytes: Uint8Array): void;
  onMessage(listener: (bytes: Uint8Array) => void): Disposable;
  onClose(listener: (closure: PortClosure) => void): Disposable;
  close(closure?: PortClosure): void;
}
