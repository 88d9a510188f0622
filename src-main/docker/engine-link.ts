/**
 * The way to the engine, kept open: finds it, tells its state, follows its events, and finds it
 * again after it went away. Whoever asks while there is none starts another try at once; otherwise
 * there is one every two seconds at the latest.
 */
import type { IncomingMessage } from 'node:http';
import type { Disposable } from '#shared/base/disposable.ts';
import { Emitter } from '#shared/base/emitter.ts';
import { fail, ok, type Result } from '#shared/base/result.ts';
import type { Clock } from '../ports/clock.ts';
import type { EngineEvent, EngineRefusal, EngineResult, EngineState } from '../ports/engine.ts';
import type { Log } from '../ports/log.ts';
import { EngineConnection } from './engine-connection.ts';
import { type EngineEndpoint, type EngineSearch, endpointText } from './engine-endpoint.ts';
import { engineEvent, eventFilters } from './engine-event.ts';
import { refusalOfAbort } from './engine-refusal.ts';
import { readJsonLines } from './json-lines.ts';
import { meetEngine } from './meet-engine.ts';

const retryMsMin = 100;
const retryMsMax = 2_000;
/** So often it is asked whether it still answers: an engine that hangs does not close its connections. */
const pingMs = 10_000;
const pingDeadlineMs = 5_000;
/** Giving up the link cuts everything that goes over it: one late answer of a busy machine is not enough. */
const missedPingsMax = 2;
const eventsDeadlineMs = 10_000;
/** Events are asked for again from this long before the last one that came. */
const overlapSeconds = 1;

export interface EngineLinkOptions {
  /** Called at each try, since contexts are switched and engines are installed. */
  readonly search: () => EngineSearch;
  /** Whether there is something at a socket's path. */
  readonly exists: (path: string) => boolean;
  /** How to get an engine, for people who have none. */
  readonly advice: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** Why there is no link, and the state that is told of it. */
interface Away {
  readonly refusal: EngineRefusal;
  readonly state: EngineState;
}

interface Link {
  readonly connection: EngineConnection;
  readonly events: IncomingMessage;
}

export class EngineLink implements Disposable {
  readonly #options: EngineLinkOptions;
  readonly #didChangeState = new Emitter<EngineState>();
  readonly #didHappen = new Emitter<EngineEvent>();
  readonly onDidChangeState = this.#didChangeState.event;
  readonly onDidHappen = this.#didHappen.event;
  #state: EngineState = { state: 'connecting' };
  #link: Link | null = null;
  #linking: Promise<EngineResult<Link>> | null = null;
  /** Ends the pause before the next try. */
  #wake: () => void = () => {};
  /** When it was known to be away first. */
  #awaySinceMs: number | null = null;
  #lastEventSeconds: number | null = null;
  readonly #closing = new AbortController();

  constructor(options: EngineLinkOptions) {
    this.#options = options;
    void this.#keepLinked();
  }

  get state(): EngineState {
    return this.#state;
  }

  /** The connection to ask over; if there is none, the outcome of one more try. */
  async connection(): Promise<EngineResult<EngineConnection>> {
    const linked = await this.#linked();
    if (!linked.ok) return linked;
    this.#wake();
    return ok(linked.value.connection);
  }

  /**
   * Whether the engine will take the next request. One that is ending goes on for seconds on the
   * connections that it has, while its containers end, and takes no new ones: then it is away from now on.
   */
  async isStaying(): Promise<boolean> {
    const link = this.#link;
    if (link === null) return false;
    const fresh = await EngineConnection.to(link.connection.endpoint, null, this.#options.clock);
    const answer = await fresh.tell({
      method: 'GET',
      path: '/_ping',
      deadlineMs: pingDeadlineMs,
      signal: this.#closing.signal,
      doing: 'answer',
    });
    fresh.dispose();
    if (!answer.ok && answer.error.reason === 'unreachable') link.events.destroy(new Error('it takes no new requests'));
    return answer.ok;
  }

  dispose(): void {
    this.#closing.abort();
    this.#wake();
    this.#link?.connection.dispose();
    this.#didChangeState.dispose();
    this.#didHappen.dispose();
  }

  async #keepLinked(): Promise<void> {
    let retryMs = retryMsMin;
    while (!this.#closing.signal.aborted) {
      const linked = await this.#linked();
      if (linked.ok) {
        retryMs = retryMsMin;
        await this.#follow(linked.value);
      } else {
        await this.#pause(retryMs);
        retryMs = Math.min(retryMs * 2, retryMsMax);
      }
    }
  }

  #pause(delayMs: number): Promise<void> {
    if (this.#closing.signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = this.#options.clock.after(delayMs, () => this.#wake());
      this.#wake = () => {
        timer.dispose();
        this.#wake = () => {};
        resolve();
      };
    });
  }

  async #linked(): Promise<EngineResult<Link>> {
    if (this.#link !== null) return ok(this.#link);
    this.#linking ??= this.#tryToLink().finally(() => {
      this.#linking = null;
    });
    return this.#linking;
  }

  /** Tries each place where an engine may be, and tells the state that follows. */
  async #tryToLink(): Promise<EngineResult<Link>> {
    const linked = await this.#tryAll(this.#options.search());
    if (linked.ok) return linked;
    this.#become(linked.error.state);
    return fail(linked.error.refusal);
  }

  async #tryAll(search: EngineSearch): Promise<Result<Link, Away>> {
    if (search.kind === 'refused') {
      return fail(this.#away({ reason: 'unreachable', message: search.advice, detail: search.detail }));
    }
    const places = search.kind === 'said' ? [search.endpoint] : search.endpoints.filter((place) => this.#mayBe(place));
    let away: Away | null = null;
    for (const place of places) {
      const linked = await this.#tryPlace(place);
      if (linked.ok) return linked;
      // An engine that is too old, may not be used, or hangs says more than one that is not there.
      if (away === null || linked.error.refusal.reason !== 'unreachable') away = linked.error;
    }
    if (away !== null) return fail(away);
    const { advice } = this.#options;
    const refusal: EngineRefusal = {
      reason: 'unreachable',
      message: `No container engine was found. ${advice}`,
      detail: 'no engine was found',
    };
    return fail({ refusal, state: { state: 'missing', advice } });
  }

  #mayBe(place: EngineEndpoint): boolean {
    return place.kind === 'tcp' || this.#options.exists(place.path);
  }

  async #tryPlace(place: EngineEndpoint): Promise<Result<Link, Away>> {
    const met = await meetEngine(place, this.#options.clock, this.#closing.signal);
    if (!met.ok) return fail(this.#away(met.error));
    const { state, connection } = met.value;
    if (connection === null) {
      return fail({ refusal: { reason: 'refused', message: state.advice, detail: state.version }, state });
    }
    const since = this.#lastEventSeconds;
    const events = await connection.open({
      method: 'GET',
      path: '/events',
      query: {
        filters: eventFilters,
        ...(since === null ? {} : { since: (since - overlapSeconds).toFixed(9) }),
      },
      deadlineMs: eventsDeadlineMs,
      signal: this.#closing.signal,
      doing: 'tell what happens',
    });
    if (!events.ok || this.#closing.signal.aborted) {
      connection.dispose();
      return fail(this.#away(events.ok ? refusalOfAbort('tell what happens') : events.error));
    }
    this.#link = { connection, events: events.value };
    this.#awaySinceMs = null;
    this.#options.log.info('connected to a container engine', {
      endpoint: endpointText(place),
      version: state.version,
      api: state.apiVersion,
    });
    this.#become(state);
    this.#didHappen.fire({ kind: 'resync' });
    return ok(this.#link);
  }

  /** Tells what happens until the connection breaks or the engine stops answering. */
  async #follow(link: Link): Promise<void> {
    const { clock, log } = this.#options;
    let missedPings = 0;
    const ping = clock.every(pingMs, () => {
      void link.connection
        .tell({ method: 'GET', path: '/_ping', deadlineMs: pingDeadlineMs, doing: 'answer' })
        .then((answer) => {
          missedPings = answer.ok ? 0 : missedPings + 1;
          if (!answer.ok && missedPings === missedPingsMax) link.events.destroy(new Error(answer.error.message));
        });
    });
    let detail = 'it closed the connection';
    try {
      for await (const value of readJsonLines(link.events)) this.#tell(value);
    } catch (error) {
      detail = error instanceof Error ? error.message : String(error);
    }
    ping.dispose();
    link.connection.dispose();
    this.#link = null;
    if (this.#closing.signal.aborted) return;
    log.warn('lost the container engine', { detail });
    this.#awaySinceMs = clock.nowMs();
    this.#become({ state: 'connecting' });
  }

  #tell(value: unknown): void {
    const happened = engineEvent(value);
    if (happened === null) return;
    this.#lastEventSeconds = Math.max(this.#lastEventSeconds ?? 0, happened.atSeconds);
    this.#didHappen.fire(happened.event);
  }

  #away(refusal: EngineRefusal): Away {
    this.#awaySinceMs ??= this.#options.clock.nowMs();
    const { message: advice, detail } = refusal;
    return { refusal, state: { state: 'unreachable', detail, advice, sinceMs: this.#awaySinceMs } };
  }

  #become(state: EngineState): void {
    if (this.#closing.signal.aborted || JSON.stringify(state) === JSON.stringify(this.#state)) return;
    this.#state = state;
    this.#didChangeState.fire(state);
  }
}
