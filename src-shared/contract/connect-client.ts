/**
 * The caller's side of the contract over connections that come and go: connects, connects
 * again with growing pauses, opens every stream again (state from a fresh snapshot, logs from
 * where they were), and says how it stands.
 */
import { type Disposable, toDisposable } from '../base/disposable.ts';
import { Emitter, type Event } from '../base/emitter.ts';
import type { ContractClient, LogObserver, StateObserver } from './client.ts';
import { ClientSession } from './client-session.ts';
import { type ClientStream, LogReader, StateReader } from './client-streams.ts';
import type { CallName, InputOf, ItemOf, LogStreamName, OutputOf, StateStreamName, ValueOf } from './contract.ts';
import { GantryError } from './error.ts';
import type { Port } from './port.ts';
import { endedInOrder } from './port-end.ts';
import { systemTimers, type Timers } from './timers.ts';

/** How the connection stands. */
export type Connection =
  /** The first connection is being made: calls wait for it. */
  | { readonly state: 'connecting' }
  | { readonly state: 'connected'; readonly hostVersion: string }
  /** It was lost, or could not be made; what is shown is of earlier. The next try comes in `retryInMs`. */
  | { readonly state: 'reconnecting'; readonly attempt: number; readonly retryInMs: number; readonly reason: string }
  /** The host does not want to talk (other version, no right): a person has to do something. */
  | { readonly state: 'refused'; readonly error: GantryError }
  | { readonly state: 'closed' };

export interface ContractClientOptions {
  readonly timers?: Timers;
  /** How long a call may take unless `callTimeoutsMs` names it. */
  readonly callTimeoutMs?: number;
  readonly callTimeoutsMs?: { readonly [Name in CallName]?: number };
  /** The pause before try `attempt` (from 1). */
  readonly backoffMs?: (attempt: number) => number;
  /** After this long without a word from the host it is asked for one. */
  readonly pingAfterMs?: number;
}

/** A client that keeps itself connected until it is closed. */
export interface ConnectedContractClient extends ContractClient {
  readonly connection: Connection;
  readonly onDidChangeConnection: Event<Connection>;
  /** Tries now instead of after the pause; also after `refused`. */
  reconnect(): void;
  close(): void;
}

/** Calls that wait on git, on a merge or on a node's copy take longer than most. */
const slowCallMs = 300_000;
const slowCalls: NonNullable<ContractClientOptions['callTimeoutsMs']> = {
  'project.open': slowCallMs,
  'project.openDemo': slowCallMs,
  'project.bringIn': slowCallMs,
  'timeline.plan': slowCallMs,
  'timeline.rollBack': slowCallMs,
  'timeline.undo': slowCallMs,
  'cluster.rebuildNode': slowCallMs,
};

/** 250 ms, doubling to 5 s, with a fifth of chance so that many clients do not come at once. */
function growingPause(attempt: number): number {
  const pauseMs = Math.min(5_000, 250 * 2 ** (attempt - 1));
  return Math.round(pauseMs * (0.8 + Math.random() * 0.4));
}

/**
 * Makes one connection. `ticket` is what the host gave last time, to be shown instead of the
 * first token; null the first time and where there are none. A `GantryError` that is not
 * retryable ends the attempts.
 */
export type Connect = (ticket: string | null) => Promise<Port>;

/** Connects at once, and again whenever the connection is lost. */
export function createContractClient(connect: Connect, options: ContractClientOptions = {}): ConnectedContractClient {
  return new ReconnectingClient(connect, options);
}

interface Subscription {
  readonly stream: ClientStream;
  opened: Disposable | null;
}

class ReconnectingClient implements ConnectedContractClient {
  readonly #connect: Connect;
  readonly #options: Required<ContractClientOptions>;
  readonly #changed = new Emitter<Connection>();
  readonly #subscriptions = new Set<Subscription>();
  /** Woken when the connection is made, or will not be. */
  readonly #waiting = new Set<() => void>();
  #connection: Connection = { state: 'connecting' };
  #session: ClientSession | null = null;
  #ticket: string | null = null;
  #attempt = 0;
  #hasBeenConnected = false;
  #retry: Disposable | null = null;
  #isConnecting = false;

  readonly onDidChangeConnection: Event<Connection> = this.#changed.event;

  constructor(connect: Connect, options: ContractClientOptions) {
    this.#connect = connect;
    this.#options = {
      timers: systemTimers,
      callTimeoutMs: 30_000,
      backoffMs: growingPause,
      pingAfterMs: 10_000,
      ...options,
      callTimeoutsMs: { ...slowCalls, ...options.callTimeoutsMs },
    };
    void this.#tryConnect();
  }

  get connection(): Connection {
    return this.#connection;
  }

  async call<Name extends CallName>(name: Name, input: InputOf<Name>): Promise<OutputOf<Name>> {
    const timeoutMs = this.#options.callTimeoutsMs[name] ?? this.#options.callTimeoutMs;
    if (this.#connection.state === 'connecting') await this.#connectedWithin(timeoutMs);
    if (this.#connection.state !== 'connected' || this.#session === null) throw this.#notConnected();
    // The host answers what the contract says: it is checked there, not once more here.
    return (await this.#session.call(name, input, timeoutMs)) as OutputOf<Name>;
  }

  watch<Name extends StateStreamName>(
    name: Name,
    input: InputOf<Name>,
    observer: StateObserver<ValueOf<Name>>,
  ): Disposable {
    // As in `call`: values come from the host, which holds them to the schema.
    const stateObserver = observer as StateObserver<unknown>;
    return this.#subscribe((onOver) => new StateReader(name, input, stateObserver, onOver));
  }

  read<Name extends LogStreamName>(name: Name, input: InputOf<Name>, observer: LogObserver<ItemOf<Name>>): Disposable {
    const logObserver = observer as LogObserver<unknown>;
    return this.#subscribe((onOver) => new LogReader(name, input, logObserver, onOver));
  }

  reconnect(): void {
    if (this.#connection.state === 'closed' || this.#session !== null) return;
    this.#retry?.dispose();
    void this.#tryConnect();
  }

  close(): void {
    if (this.#connection.state === 'closed') return;
    this.#retry?.dispose();
    this.#subscriptions.clear();
    this.#become({ state: 'closed' });
    this.#session?.end(endedInOrder);
    this.#changed.dispose();
  }

  #become(connection: Connection): void {
    this.#connection = connection;
    if (connection.state !== 'connecting') {
      for (const wake of this.#waiting) wake();
      this.#waiting.clear();
    }
    this.#changed.fire(connection);
  }

  async #tryConnect(): Promise<void> {
    if (this.#isConnecting) return;
    this.#isConnecting = true;
    try {
      const port = await this.#connect(this.#ticket);
      if (this.#connection.state === 'closed') port.close();
      else this.#begin(port);
    } catch (error) {
      const isFinal = error instanceof GantryError && !error.retryable && error.code !== 'unavailable';
      this.#lost(error instanceof Error ? error.message : String(error), isFinal ? error : null);
    } finally {
      this.#isConnecting = false;
    }
  }

  #begin(port: Port): void {
    let isOver = false;
    const session: ClientSession = new ClientSession(port, {
      timers: this.#options.timers,
      pingAfterMs: this.#options.pingAfterMs,
      onWelcome: (hostVersion, ticket) => {
        this.#ticket = ticket;
        this.#attempt = 0;
        this.#hasBeenConnected = true;
        for (const subscription of this.#subscriptions) subscription.opened = session.open(subscription.stream);
        this.#become({ state: 'connected', hostVersion });
      },
      onEnd: (closure, refusal) => {
        isOver = true;
        this.#session = null;
        for (const subscription of this.#subscriptions) subscription.opened = null;
        this.#lost(closure.detail === '' ? 'Gantry closed the connection.' : closure.detail, refusal);
      },
    });
    // The port may have been closed already, and the session with it.
    this.#session = isOver ? null : session;
  }

  #lost(reason: string, refusal: GantryError | null): void {
    if (this.#connection.state === 'closed') return;
    if (refusal !== null) {
      this.#become({ state: 'refused', error: refusal });
      return;
    }
    this.#attempt += 1;
    const retryInMs = this.#options.backoffMs(this.#attempt);
    this.#retry = this.#options.timers.after(retryInMs, () => void this.#tryConnect());
    const isFirst = !this.#hasBeenConnected && this.#attempt < 3;
    if (!isFirst) this.#become({ state: 'reconnecting', attempt: this.#attempt, retryInMs, reason });
  }

  #connectedWithin(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        timeout.dispose();
        this.#waiting.delete(wake);
        resolve();
      };
      const timeout = this.#options.timers.after(timeoutMs, wake);
      this.#waiting.add(wake);
    });
  }

  #notConnected(): GantryError {
    const { connection } = this;
    if (connection.state === 'refused') return connection.error;
    const message =
      connection.state === 'closed'
        ? 'This connection to Gantry was closed.'
        : 'Gantry is not connected, so nothing was sent. Try again once it is.';
    return new GantryError('unavailable', message, { retryable: connection.state !== 'closed' });
  }

  #subscribe(make: (onOver: () => void) => ClientStream): Disposable {
    const subscription: Subscription = {
      stream: make(() => this.#subscriptions.delete(subscription)),
      opened: null,
    };
    if (this.#connection.state === 'closed') {
      subscription.stream.fail(this.#notConnected());
      return toDisposable(() => undefined);
    }
    this.#subscriptions.add(subscription);
    if (this.#connection.state === 'connected' && this.#session !== null) {
      subscription.opened = this.#session.open(subscription.stream);
    }
    return toDisposable(() => {
      this.#subscriptions.delete(subscription);
      subscription.opened?.dispose();
      subscription.stream.dispose();
    });
  }
}
