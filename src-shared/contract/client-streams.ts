/** The reader's end of the contract's streams. They outlive connections: each knows how to be opened again. */
import type { LogStreamName } from './contract.ts';
import type { LogObserver, StateObserver } from './client.ts';
import type { GantryError } from './error.ts';
import { resumeRules } from './resume.ts';
import type { ClientFrame, HostFrame, StateFrame } from './wire.ts';

/** One subscription over all the connections of its life. */
export interface ClientStream {
  readonly name: string;
  /** A new connection is there; answers what to ask. `reply` reaches this connection only. */
  open(id: number, reply: (frame: ClientFrame) => void): unknown;
  receive(frame: HostFrame, frameBytes: number): void;
  /** The host ended it with an error: it is not opened again. */
  fail(error: GantryError): void;
  /** The reader left: its observer hears nothing more. */
  dispose(): void;
}

/** Turns frames into a snapshot and changes, and asks for a fresh snapshot when one is missing. */
export class StateReader implements ClientStream {
  readonly name: string;
  readonly #input: unknown;
  readonly #observer: StateObserver<unknown>;
  readonly #onOver: () => void;
  #id = 0;
  #reply: (frame: ClientFrame) => void = () => undefined;
  #rev = 0;
  /** True until a snapshot begins; deltas before it are not usable. */
  #awaitsReset = true;
  #disposed = false;
  /** The snapshot under way, while it comes in several frames. */
  #partial: Map<string, unknown> | null = null;

  /** `onOver` is called when the host has ended the stream, before the observer is told. */
  constructor(name: string, input: unknown, observer: StateObserver<unknown>, onOver: () => void) {
    this.name = name;
    this.#input = input;
    this.#observer = observer;
    this.#onOver = onOver;
  }

  open(id: number, reply: (frame: ClientFrame) => void): unknown {
    this.#id = id;
    this.#reply = reply;
    this.#awaitsReset = true;
    this.#partial = null;
    return this.#input;
  }

  receive(frame: HostFrame): void {
    if (frame.type !== 'state') return;
    try {
      this.#take(frame);
    } finally {
      // An observer's mistake must not stop the stream as well.
      this.#reply({ type: 'credit', id: this.#id, frames: 1 });
    }
  }

  fail(error: GantryError): void {
    this.#onOver();
    if (!this.#disposed) this.#observer.error(error);
  }

  dispose(): void {
    this.#disposed = true;
  }

  #take(frame: StateFrame): void {
    if (this.#disposed) return;
    if (frame.reset) {
      this.#awaitsReset = false;
      this.#partial = new Map();
    } else if (this.#awaitsReset) {
      return;
    } else if (frame.rev !== this.#rev + 1) {
      this.#awaitsReset = true;
      this.#partial = null;
      this.#reply({ type: 'refresh', id: this.#id });
      return;
    }
    this.#rev = frame.rev;
    if (this.#partial === null) {
      this.#observer.change(new Map(frame.set), frame.removed);
      return;
    }
    for (const [key, value] of frame.set) this.#partial.set(key, value);
    if (frame.more) return;
    const values = this.#partial;
    this.#partial = null;
    this.#observer.snapshot(values);
  }
}

/** Hands batches over one at a time and acknowledges each once its observer has dealt with it. */
export class LogReader implements ClientStream {
  readonly name: LogStreamName;
  readonly #observer: LogObserver<unknown>;
  readonly #onOver: () => void;
  #input: unknown;
  #id = 0;
  #reply: (frame: ClientFrame) => void = () => undefined;
  /** What arrived and was not handed over; bounded by the host's watermark. */
  readonly #batches: { readonly items: readonly unknown[]; readonly acknowledge: () => void }[] = [];
  #isHandingOver = false;
  #finish: (() => void) | null = null;
  #disposed = false;

  /** `onOver` is called when the host has ended the stream, which may be long before the observer is told. */
  constructor(name: LogStreamName, input: unknown, observer: LogObserver<unknown>, onOver: () => void) {
    this.name = name;
    this.#input = input;
    this.#observer = observer;
    this.#onOver = onOver;
  }

  open(id: number, reply: (frame: ClientFrame) => void): unknown {
    this.#id = id;
    this.#reply = reply;
    return this.#input;
  }

  receive(frame: HostFrame, frameBytes: number): void {
    if (frame.type === 'end') {
      this.#finishWith(() => this.#observer.end());
      return;
    }
    if (frame.type !== 'items') return;
    const last = frame.items.at(-1);
    // What has arrived is never asked for again, also when the connection is lost before it is handed over.
    if (last !== undefined) this.#input = resumeAfter(this.name, last, this.#input);
    const reply = this.#reply;
    const id = this.#id;
    this.#batches.push({ items: frame.items, acknowledge: () => reply({ type: 'ack', id, bytes: frameBytes }) });
    void this.#handOver();
  }

  fail(error: GantryError): void {
    this.#finishWith(() => this.#observer.error(error));
  }

  dispose(): void {
    this.#disposed = true;
    this.#batches.length = 0;
    this.#finish = null;
  }

  /** The end comes after everything that arrived before it. */
  #finishWith(finish: () => void): void {
    this.#onOver();
    this.#finish = finish;
    void this.#handOver();
  }

  async #handOver(): Promise<void> {
    if (this.#isHandingOver) return;
    this.#isHandingOver = true;
    try {
      for (let batch = this.#batches.shift(); batch !== undefined; batch = this.#batches.shift()) {
        await this.#observer.items(batch.items);
        if (this.#disposed) return;
        batch.acknowledge();
      }
      const finish = this.#finish;
      this.#finish = null;
      finish?.();
    } finally {
      this.#isHandingOver = false;
    }
  }
}

/** The one place where a stream's own rule is applied to items whose type the wire does not carry. */
function resumeAfter(name: LogStreamName, last: unknown, input: unknown): unknown {
  const rule = resumeRules[name] as (last: unknown, input: unknown) => unknown;
  return rule(last, input);
}
