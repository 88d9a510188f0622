/**
 * A WebSocket as a port. One class serves the browser, Node's own client and the server's
 * sockets of `ws`: all have the events and the members that the standard names.
 */
import type { Disposable } from '../../base/disposable.ts';
import { frameBytesMax } from '../codec.ts';
import { GantryError } from '../error.ts';
import type { Port, PortClosure } from '../port.ts';
import { endedInOrder, PortEnd } from '../port-end.ts';

/** The members of a standard WebSocket that are needed here. */
export interface WebSocketLike {
  binaryType: string;
  readonly readyState: number;
  readonly bufferedAmount: number;
  send(data: Uint8Array<ArrayBuffer>): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void;
  addEventListener(type: 'close', listener: (event: { code: number; reason: string }) => void): void;
  addEventListener(type: 'open' | 'error', listener: () => void): void;
}

/** The subprotocol that both sides speak. The token travels as a second one, which is never answered. */
export const webSocketProtocol = 'gantry.contract';

/** Prefix of the subprotocol that carries the token. */
export const webSocketTokenPrefix = 'gantry.token.';

const isOpen = 1;
const closedNormally = 1000;
const goingAway = 1001;
/** Private code: the other side broke a rule of the protocol. */
const brokeTheProtocol = 4000;

/** More than this unsent means that the other side has stopped reading and ignores flow control too. */
const bufferedBytesMax = 4 * frameBytesMax;

/** Takes over a socket that is open. */
export function webSocketPort(socket: WebSocketLike): Port {
  return new WebSocketPort(socket);
}

/**
 * Connects to a host, as `ws://127.0.0.1:PORT/contract`. Rejects with `unavailable` when
 * nothing answers there. `WebSocketClass` is the standard's unless given.
 */
export function connectWebSocket(
  url: string,
  token: string,
  create: (url: string, protocols: string[]) => WebSocketLike = (address, protocols) =>
    new WebSocket(address, protocols) as unknown as WebSocketLike,
): Promise<Port> {
  return new Promise((resolve, reject) => {
    const socket = create(url, [webSocketProtocol, `${webSocketTokenPrefix}${token}`]);
    const port = webSocketPort(socket);
    const closed = port.onClose(() => {
      reject(new GantryError('unavailable', 'Gantry does not answer. It may have been quit.', { retryable: true }));
    });
    socket.addEventListener('open', () => {
      closed.dispose();
      resolve(port);
    });
  });
}

class WebSocketPort implements Port {
  readonly #socket: WebSocketLike;
  readonly #end = new PortEnd();

  constructor(socket: WebSocketLike) {
    this.#socket = socket;
    socket.binaryType = 'arraybuffer';
    socket.addEventListener('message', ({ data }) => {
      if (data instanceof ArrayBuffer) this.#end.deliver(new Uint8Array(data));
      else this.close({ kind: 'failed', detail: 'a text message came, where only binary ones belong' });
    });
    socket.addEventListener('close', ({ code, reason }) => this.#end.finish(closureOf(code, reason)));
    // The standard says nothing of the cause, and `close` follows; without a listener `ws` would throw.
    socket.addEventListener('error', () => undefined);
  }

  send(bytes: Uint8Array): void {
    if (this.#end.isClosed || this.#socket.readyState !== isOpen) return;
    if (this.#socket.bufferedAmount > bufferedBytesMax) {
      this.close({ kind: 'failed', detail: 'the other side has stopped reading' });
      return;
    }
    this.#socket.send(bytes as Uint8Array<ArrayBuffer>);
  }

  onMessage(listener: (bytes: Uint8Array) => void): Disposable {
    return this.#end.onMessage(listener);
  }

  onClose(listener: (closure: PortClosure) => void): Disposable {
    return this.#end.onClose(listener);
  }

  close(closure: PortClosure = endedInOrder): void {
    if (!this.#end.finish(closure)) return;
    const code = closure.kind === 'ended' ? closedNormally : brokeTheProtocol;
    this.#socket.close(code, shortReason(closure.detail));
  }
}

function closureOf(code: number, reason: string): PortClosure {
  const kind = code === closedNormally || code === goingAway ? 'ended' : 'failed';
  return { kind, detail: reason === '' && kind === 'failed' ? `the connection was lost (${code})` : reason };
}

/** A close reason may have 123 bytes; ours are ASCII but for what they quote. */
function shortReason(detail: string): string {
  return detail.replace(/[^\x20-\x7e]/g, '?').slice(0, 123);
}
