/**
 * The host's side of one connection: shakes hands, validates, dispatches, and bounds what one
 * client can ask for at a time. Knows no transport and no domain.
 */
import { z } from 'zod';
import { type Disposable, DisposableStore, toDisposable } from '../base/disposable.ts';
import { decodeFrame, encodeFrame, fitsFrame } from './codec.ts';
import { contract } from './contract.ts';
import type { ContractEntry } from './define.ts';
import { GantryError } from './error.ts';
import { type ContractError, type ContractLog, toContractError } from './failure.ts';
import type { ContractHandlers, RequestContext, StateSink } from './handlers.ts';
import { LogWriter } from './log-writer.ts';
import type { Port } from './port.ts';
import { StateWriter } from './state-writer.ts';
import { systemTimers, type Timers } from './timers.ts';
import { contractVersion, gantryVersion } from './version.ts';
import { type ClientFrame, clientFrameSchema, type HostFrame, handshakeMs } from './wire.ts';

export interface ServeOptions {
  readonly log: ContractLog;
  readonly timers?: Timers;
  /** Validates outputs, values and items too, which costs time: for tests and development. */
  readonly checkOutputs?: boolean;
  /** The shortest time between two frames of a state stream; 60 ms shows 16 pictures a second. */
  readonly flushIntervalMs?: number;
  /** Calls and streams that one connection may have open; more are refused with `limit-reached`. */
  readonly callsMax?: number;
  readonly streamsMax?: number;
  readonly newId?: () => string;
  /** Makes what the client may show instead of a token when it comes again; null for transports without. */
  readonly newTicket?: (() => string) | null;
}

interface OpenStream {
  readonly abort: AbortController;
  readonly owned: DisposableStore;
  readonly writer: StateWriter | LogWriter | null;
}

/** The handlers as the dispatcher sees them once an entry's schema has parsed the input. */
type AnyCall = (input: unknown, context: RequestContext) => Promise<unknown>;
type AnyState = (input: unknown, sink: StateSink<unknown>, context: RequestContext) => Disposable | Promise<Disposable>;
type AnyLog = (input: unknown, context: RequestContext) => AsyncIterable<readonly unknown[]>;

/**
 * Serves the contract on `port` until either side closes it; disposing the result closes it.
 * Entries without a handler answer `unknown-call`.
 */
export function serveContract(port: Port, handlers: Partial<ContractHandlers>, options: ServeOptions): Disposable {
  const connection = new HostConnection(port, handlers, options);
  return toDisposable(() => connection.close());
}

/** Answers whatever comes with `error` and closes: for clients that may not speak at all. */
export function refuseContract(port: Port, error: ContractError): void {
  port.send(encodeFrame({ type: 'refused', error } satisfies HostFrame));
  port.close({ kind: 'ended', detail: error.code });
}

class HostConnection {
  readonly #port: Port;
  readonly #handlers: Partial<ContractHandlers>;
  readonly #options: Required<ServeOptions>;
  readonly #owned = new DisposableStore();
  readonly #calls = new Map<number, AbortController>();
  readonly #streams = new Map<number, OpenStream>();
  readonly #connectionId: string;
  #welcomed = false;
  #lastId = 0;

  constructor(port: Port, handlers: Partial<ContractHandlers>, options: ServeOptions) {
    this.#port = port;
    this.#handlers = handlers;
    this.#options = {
      timers: systemTimers,
      checkOutputs: false,
      flushIntervalMs: 60,
      callsMax: 256,
      streamsMax: 256,
      newId: () => crypto.randomUUID(),
      newTicket: null,
      ...options,
    };
    this.#connectionId = this.#options.newId();
    const late = this.#options.timers.after(handshakeMs, () => {
      if (!this.#welcomed) this.#break('the client did not say hello in time');
    });
    this.#owned.add(late);
    this.#owned.add(port.onClose(() => this.#end()));
    this.#owned.add(port.onMessage((bytes) => this.#receive(bytes)));
  }

  close(): void {
    this.#port.close({ kind: 'ended', detail: 'the host closed the connection' });
    this.#end();
  }

  #end(): void {
    this.#owned.dispose();
    for (const call of this.#calls.values()) call.abort();
    this.#calls.clear();
    for (const id of this.#streams.keys()) this.#closeStream(id);
  }

  /** A peer that breaks the protocol is not talked to any further. */
  #break(detail: string): void {
    this.#options.log.warn('connection broke the protocol', { connectionId: this.#connectionId, detail });
    this.#port.close({ kind: 'failed', detail });
    this.#end();
  }

  #send(frame: HostFrame): void {
    this.#port.send(encodeFrame(frame));
  }

  #receive(bytes: Uint8Array): void {
    const decoded = decodeFrame(clientFrameSchema, bytes);
    if (!decoded.ok) {
      this.#break(decoded.error);
      return;
    }
    const frame = decoded.value;
    if (!this.#welcomed) this.#shakeHands(frame);
    else this.#dispatch(frame);
  }

  #shakeHands(frame: ClientFrame): void {
    if (frame.type !== 'hello') {
      this.#break(`the client said "${frame.type}" before "hello"`);
      return;
    }
    if (frame.contractVersion === contractVersion) {
      this.#welcomed = true;
      const ticket = this.#options.newTicket?.();
      this.#send({ type: 'welcome', contractVersion, gantryVersion, ...(ticket === undefined ? {} : { ticket }) });
      return;
    }
    const advice =
      frame.contractVersion < contractVersion
        ? 'Reload the panel, or update the gantry command, so that both are of the same version.'
        : 'Quit Gantry and start it again, so that the newer version that is installed takes over.';
    this.#options.log.warn('client speaks another version', { client: frame.gantryVersion, host: gantryVersion });
    refuseContract(this.#port, {
      code: 'version-mismatch',
      message: `This panel is of Gantry ${frame.gantryVersion}, but Gantry ${gantryVersion} is running. ${advice}`,
      data: { client: frame.contractVersion, host: contractVersion },
      retryable: false,
      correlationId: this.#connectionId,
    });
    this.#end();
  }

  #dispatch(frame: ClientFrame): void {
    switch (frame.type) {
      case 'hello':
        this.#break('the client said hello twice');
        return;
      case 'ping':
        this.#send({ type: 'pong' });
        return;
      case 'call':
      case 'open':
        if (frame.id <= this.#lastId) {
          this.#break('the client used an id twice');
          return;
        }
        this.#lastId = frame.id;
        if (frame.type === 'call') void this.#call(frame.id, frame.name, frame.input);
        else void this.#open(frame.id, frame.name, frame.input);
        return;
      case 'cancel':
        this.#calls.get(frame.id)?.abort();
        return;
      case 'close':
        this.#closeStream(frame.id);
        return;
      // The three below may cross with the end of their stream: then there is nobody to tell.
      case 'credit': {
        const writer = this.#streams.get(frame.id)?.writer;
        if (writer instanceof StateWriter) writer.credit(frame.frames);
        return;
      }
      case 'refresh': {
        const writer = this.#streams.get(frame.id)?.writer;
        if (writer instanceof StateWriter) writer.refresh();
        return;
      }
      case 'ack': {
        const writer = this.#streams.get(frame.id)?.writer;
        if (writer instanceof LogWriter) writer.acknowledge(frame.bytes);
        return;
      }
    }
  }

  async #call(id: number, name: string, input: unknown): Promise<void> {
    const abort = new AbortController();
    const context = this.#contextOf(abort);
    try {
      refuseBeyond(this.#calls.size, this.#options.callsMax, 'calls');
      this.#calls.set(id, abort);
      const { entry, handler } = this.#find(name, ['call']);
      const output = await (handler as AnyCall)(parseInput(entry, name, input), context);
      if (this.#options.checkOutputs && entry.kind === 'call') entry.output.parse(output);
      const bytes = encodeFrame({ type: 'reply', id, value: output } satisfies HostFrame);
      if (!fitsFrame(bytes)) throw new GantryError('too-large', `The answer to ${name} is too large to be sent.`);
      this.#port.send(bytes);
    } catch (error) {
      this.#fail(id, name, context.correlationId, abort.signal.aborted ? asCancelled(error) : error);
    } finally {
      this.#calls.delete(id);
    }
  }

  async #open(id: number, name: string, input: unknown): Promise<void> {
    const abort = new AbortController();
    const context = this.#contextOf(abort);
    const fail = (error: unknown): void => {
      if (!this.#streams.has(id)) return;
      this.#closeStream(id);
      this.#fail(id, name, context.correlationId, error);
    };
    try {
      refuseBeyond(this.#streams.size, this.#options.streamsMax, 'streams');
      this.#streams.set(id, { abort, owned: new DisposableStore(), writer: null });
      const { entry, handler } = this.#find(name, ['state', 'log']);
      const parsed = parseInput(entry, name, input);
      if (entry.kind === 'log') await this.#openLog(id, entry.item, (handler as AnyLog)(parsed, context), abort);
      else if (entry.kind === 'state') {
        const open = (sink: StateSink<unknown>) => (handler as AnyState)(parsed, sink, context);
        await this.#openState(id, entry.value, open, abort, fail);
      }
    } catch (error) {
      if (this.#streams.has(id)) fail(error);
      // A source that stops because its reader left may reject: that is how it ends.
      else if (!abort.signal.aborted) this.#fail(id, name, context.correlationId, error);
    }
  }

  async #openState(
    id: number,
    value: z.ZodType,
    open: (sink: StateSink<unknown>) => Disposable | Promise<Disposable>,
    abort: AbortController,
    fail: (error: unknown) => void,
  ): Promise<void> {
    const { timers, flushIntervalMs, checkOutputs } = this.#options;
    const writer = new StateWriter({
      id,
      timers,
      flushIntervalMs,
      send: (bytes) => this.#port.send(bytes),
      onFail: fail,
      check: checkOutputs ? (candidate) => void value.parse(candidate) : null,
    });
    const owned = new DisposableStore();
    owned.add(writer);
    this.#streams.set(id, { abort, owned, writer });
    // The reader may leave while the source is opening; then the store releases it at once.
    owned.add(await open(writer));
    writer.start();
  }

  async #openLog(
    id: number,
    item: z.ZodType,
    source: AsyncIterable<readonly unknown[]>,
    abort: AbortController,
  ): Promise<void> {
    const writer = new LogWriter({
      id,
      source,
      send: (bytes) => this.#port.send(bytes),
      check: this.#options.checkOutputs ? (candidate) => void item.parse(candidate) : null,
    });
    const owned = new DisposableStore();
    owned.add(writer);
    this.#streams.set(id, { abort, owned, writer });
    await writer.run();
    if (!this.#streams.has(id)) return;
    this.#closeStream(id);
    this.#send({ type: 'end', id });
  }

  #closeStream(id: number): void {
    const stream = this.#streams.get(id);
    if (stream === undefined) return;
    this.#streams.delete(id);
    stream.abort.abort();
    stream.owned.dispose();
  }

  #fail(id: number, name: string, correlationId: string, thrown: unknown): void {
    const error = toContractError(thrown, { name, correlationId }, this.#options.log);
    const bytes = encodeFrame({ type: 'failure', id, error } satisfies HostFrame);
    this.#port.send(fitsFrame(bytes) ? bytes : encodeFrame({ type: 'failure', id, error: { ...error, data: null } }));
  }

  #contextOf(abort: AbortController): RequestContext {
    return { connectionId: this.#connectionId, correlationId: this.#options.newId(), signal: abort.signal };
  }

  #find(name: string, kinds: readonly ContractEntry['kind'][]): { entry: ContractEntry; handler: unknown } {
    const entry = Object.hasOwn(contract, name) ? contract[name as keyof typeof contract] : undefined;
    const handler = entry === undefined ? undefined : this.#handlers[name as keyof typeof contract];
    if (entry === undefined || handler === undefined || !kinds.includes(entry.kind)) {
      throw new GantryError('unknown-call', `This version of Gantry has no "${name}".`);
    }
    return { entry, handler };
  }
}

function parseInput(entry: ContractEntry, name: string, input: unknown): unknown {
  const parsed = entry.input.safeParse(input);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message }));
  throw new GantryError('invalid-input', `${name} was asked with wrong input. ${z.prettifyError(parsed.error)}`, {
    data: { issues },
  });
}

/** What a handler threw because its caller left is no fault. */
function asCancelled(thrown: unknown): unknown {
  const isAbort = thrown instanceof Error && thrown.name === 'AbortError';
  return isAbort ? new GantryError('cancelled', 'The caller no longer waits for this.') : thrown;
}

function refuseBeyond(open: number, openMax: number, what: string): void {
  if (open < openMax) return;
  throw new GantryError('limit-reached', `This connection has ${openMax} ${what} open, which is the most it may.`, {
    retryable: true,
  });
}
