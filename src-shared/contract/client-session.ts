/** One connection's life on the client's side: from `hello` to the port's end. */
import { type Disposable, DisposableStore } from '../base/disposable.ts';
import { decodeFrame, encodeFrame, fitsFrame } from './codec.ts';
import type { ClientStream } from './client-streams.ts';
import { GantryError } from './error.ts';
import { fromContractError } from './failure.ts';
import type { Port, PortClosure } from './port.ts';
import type { Timers } from './timers.ts';
import { contractVersion, gantryVersion } from './version.ts';
import { type ClientFrame, type HostFrame, handshakeMs, hostFrameSchema } from './wire.ts';

export interface SessionOptions {
  readonly timers: Timers;
  /** After this long without a word from the host it is asked for one; after twice as long it is given up. */
  readonly pingAfterMs: number;
  readonly onWelcome: (hostVersion: string, ticket: string | null) => void;
  /** Called once, for whatever reason the connection is over. */
  readonly onEnd: (closure: PortClosure, refusal: GantryError | null) => void;
}

interface PendingCall {
  readonly name: string;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: GantryError) => void;
  readonly timeout: Disposable;
}

/** See the file's comment. */
export class ClientSession {
  readonly #port: Port;
  readonly #options: SessionOptions;
  readonly #owned = new DisposableStore();
  readonly #calls = new Map<number, PendingCall>();
  readonly #streams = new Map<number, ClientStream>();
  #lastId = 0;
  #welcomed = false;
  #ended = false;
  #heard = true;
  #refusal: GantryError | null = null;

  constructor(port: Port, options: SessionOptions) {
    this.#port = port;
    this.#options = options;
    const late = options.timers.after(handshakeMs, () => {
      if (!this.#welcomed) this.end({ kind: 'failed', detail: 'the host did not answer the greeting in time' });
    });
    this.#owned.add(late);
    this.#owned.add(port.onMessage((bytes) => this.#receive(bytes)));
    this.#owned.add(port.onClose((closure) => this.end(closure)));
    this.#send({ type: 'hello', contractVersion, gantryVersion });
  }

  /** Asks and waits. Rejects with a `GantryError`, whatever happens. */
  call(name: string, input: unknown, timeoutMs: number): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const id = this.#nextId();
      const bytes = encodeFrame({ type: 'call', id, name, input } satisfies ClientFrame);
      if (!fitsFrame(bytes)) {
        reject(new GantryError('too-large', 'This is too large to be sent to Gantry at once.'));
        return;
      }
      const timeout = this.#options.timers.after(timeoutMs, () => {
        this.#calls.delete(id);
        this.#send({ type: 'cancel', id });
        reject(unanswered(name, `did not answer within ${Math.round(timeoutMs / 1_000)} s`));
      });
      this.#calls.set(id, { name, resolve, reject, timeout });
      this.#port.send(bytes);
    });
  }

  /** Opens a stream; the result closes it. */
  open(stream: ClientStream): Disposable {
    const id = this.#nextId();
    this.#streams.set(id, stream);
    const input = stream.open(id, (frame) => {
      if (this.#streams.has(id)) this.#send(frame);
    });
    this.#send({ type: 'open', id, name: stream.name, input });
    return {
      dispose: () => {
        if (this.#streams.delete(id)) this.#send({ type: 'close', id });
      },
    };
  }

  /** Ends the connection and rejects what waits on it. */
  end(closure: PortClosure): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#owned.dispose();
    this.#port.close(closure);
    this.#streams.clear();
    const calls = [...this.#calls.values()];
    this.#calls.clear();
    for (const call of calls) {
      call.timeout.dispose();
      call.reject(unanswered(call.name, 'was disconnected before it answered'));
    }
    this.#options.onEnd(closure, this.#refusal);
  }

  #nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  #send(frame: ClientFrame): void {
    if (!this.#ended) this.#port.send(encodeFrame(frame));
  }

  #receive(bytes: Uint8Array): void {
    this.#heard = true;
    const decoded = decodeFrame(hostFrameSchema, bytes);
    if (decoded.ok) this.#dispatch(decoded.value, bytes.byteLength);
    else this.end({ kind: 'failed', detail: decoded.error });
  }

  #dispatch(frame: HostFrame, frameBytes: number): void {
    switch (frame.type) {
      case 'welcome':
        this.#welcomed = true;
        this.#watchSilence();
        this.#options.onWelcome(frame.gantryVersion, frame.ticket ?? null);
        return;
      case 'refused':
        this.#refusal = fromContractError(frame.error);
        this.end({ kind: 'ended', detail: frame.error.code });
        return;
      case 'pong':
        return;
      case 'reply': {
        const call = this.#takeCall(frame.id);
        call?.resolve(frame.value);
        return;
      }
      case 'failure': {
        const error = fromContractError(frame.error);
        const stream = this.#streams.get(frame.id);
        this.#streams.delete(frame.id);
        if (stream !== undefined) stream.fail(error);
        else this.#takeCall(frame.id)?.reject(error);
        return;
      }
      case 'end': {
        const stream = this.#streams.get(frame.id);
        this.#streams.delete(frame.id);
        stream?.receive(frame, frameBytes);
        return;
      }
      // A frame for a stream that was just closed crosses with its `close`: nobody waits for it.
      case 'state':
      case 'items':
        this.#streams.get(frame.id)?.receive(frame, frameBytes);
        return;
    }
  }

  #takeCall(id: number): PendingCall | undefined {
    const call = this.#calls.get(id);
    this.#calls.delete(id);
    call?.timeout.dispose();
    return call;
  }

  /**
   * Notices a host that went silent without closing. Counts turns, not time: a page in the
   * background has its timers slowed down, and must not take that for silence.
   */
  #watchSilence(): void {
    let asked = false;
    let timer: Disposable = { dispose: () => undefined };
    const turn = (): void => {
      if (this.#heard) asked = false;
      else if (asked) {
        this.end({ kind: 'failed', detail: 'the host went silent' });
        return;
      } else {
        asked = true;
        this.#send({ type: 'ping' });
      }
      this.#heard = false;
      timer = this.#options.timers.after(this.#options.pingAfterMs, turn);
    };
    this.#heard = false;
    timer = this.#options.timers.after(this.#options.pingAfterMs, turn);
    this.#owned.add({ dispose: () => timer.dispose() });
  }
}

function unanswered(name: string, what: string): GantryError {
  return new GantryError(
    'unavailable',
    `Gantry ${what}. It may have done what was asked all the same: look before you try again.`,
    { data: { call: name, outcome: 'unknown' } },
  );
}
