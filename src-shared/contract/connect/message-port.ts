/**
 * A MessagePort as a port: the standard's, Node's worker threads' and Electron's
 * `MessagePortMain` alike. Ports are not told reliably when the other end goes, so that
 * closing says so in a last message of its own.
 */
import type { Disposable } from '../../base/disposable.ts';
import type { Port, PortClosure } from '../port.ts';
import { endedInOrder, PortEnd } from '../port-end.ts';

/** The members that the three kinds have in common, as `adapt…` makes them. */
export interface MessagePortLike {
  post(message: unknown): void;
  onMessage(listener: (data: unknown) => void): void;
  onClose(listener: () => void): void;
  close(): void;
}

/** The standard's MessagePort: of a page, or global in Node. */
export interface StandardMessagePort {
  postMessage(message: unknown): void;
  addEventListener(type: 'message' | 'close', listener: (event: Event) => void): void;
  start(): void;
  close(): void;
}

/** Takes over a standard MessagePort and starts it. */
export function messagePort(port: StandardMessagePort): Port {
  return messagePortOver({
    post: (message) => port.postMessage(message),
    onMessage(listener) {
      port.addEventListener('message', (event) => listener((event as MessageEvent).data as unknown));
      port.start();
    },
    onClose: (listener) => port.addEventListener('close', () => listener()),
    close: () => port.close(),
  });
}

/** Takes over any port of messages. */
export function messagePortOver(port: MessagePortLike): Port {
  return new MessagePortPort(port);
}

/** The last message of who closes: not bytes, and so no frame. */
interface Farewell {
  readonly farewell: PortClosure;
}

class MessagePortPort implements Port {
  readonly #port: MessagePortLike;
  readonly #end = new PortEnd();

  constructor(port: MessagePortLike) {
    this.#port = port;
    port.onMessage((data) => {
      if (data instanceof Uint8Array) this.#end.deliver(data);
      else if (isFarewell(data)) this.#leave(data.farewell);
      else this.close({ kind: 'failed', detail: 'a message came that is not bytes' });
    });
    port.onClose(() => this.#end.finish({ kind: 'failed', detail: 'the other side went away' }));
  }

  send(bytes: Uint8Array): void {
    // Cloning a view copies all of the buffer behind it, which the codec shares between frames.
    if (!this.#end.isClosed) this.#port.post(new Uint8Array(bytes));
  }

  onMessage(listener: (bytes: Uint8Array) => void): Disposable {
    return this.#end.onMessage(listener);
  }

  onClose(listener: (closure: PortClosure) => void): Disposable {
    return this.#end.onClose(listener);
  }

  close(closure: PortClosure = endedInOrder): void {
    if (this.#end.isClosed) return;
    this.#port.post({ farewell: closure } satisfies Farewell);
    this.#leave(closure);
  }

  #leave(closure: PortClosure): void {
    this.#port.close();
    this.#end.finish(closure);
  }
}

function isFarewell(data: unknown): data is Farewell {
  if (typeof data !== 'object' || data === null || !('farewell' in data)) return false;
  const { farewell } = data;
  return (
    typeof farewell === 'object' &&
    farewell !== null &&
    'kind' in farewell &&
    (farewell.kind === 'ended' || farewell.kind === 'failed') &&
    'detail' in farewell &&
    typeof farewell.detail === 'string'
  );
}
