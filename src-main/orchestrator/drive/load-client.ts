/**
 * A constant load on one address, as clients make it: most requests on kept connections, some on
 * new ones, some slow to be sent. Every request is counted, and every one that failed with its
 * cause. Open loop: requests start when they are due, not when an earlier one has ended, so a
 * stall is seen as what it is.
 */
import { Agent, request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import type { Disposable } from '#shared/base/disposable.ts';
import { Emitter, type Event } from '#shared/base/emitter.ts';
import type { Clock } from '../../ports/clock.ts';

export interface LoadOptions {
  readonly url: string;
  readonly requestsPerSecond: number;
  readonly forMs: number;
  readonly clock: Clock;
  /** A request without an answer for this long has failed. */
  readonly timeoutMs?: number;
}

/** What has been counted so far. */
export interface LoadCounts {
  readonly sent: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly failures: readonly { readonly cause: string; readonly count: number; readonly lastAtMs: number }[];
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  readonly connections: { readonly kept: number; readonly fresh: number; readonly slow: number };
  readonly isOver: boolean;
}

const tickMs = 20;
const timeoutMsDefault = 30_000;
/** Every tenth request has a connection of its own, every fiftieth dawdles over its head. */
const freshEvery = 10;
const slowEvery = 50;
const slowHeadMs = 1_500;
const underWayMax = 2_000;
const causesMax = 10;
/** Latencies are counted in buckets that grow by a tenth: the error of a quantile is at most that. */
const bucketGrowth = 1.1;

const userAgent = 'gantry-load';
const cutShort = 'answer cut short';
const tooLate = 'no answer in time';

type Kind = 'kept' | 'fresh' | 'slow';

/** Runs until its time is over or it is disposed; requests under way then are waited for and counted. */
export class LoadClient implements Disposable {
  readonly #options: LoadOptions;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 64, scheduling: 'fifo' });
  readonly #startedAtMs: number;
  readonly #timer: Disposable;
  readonly #ended = new Emitter<LoadCounts>();
  readonly #causes = new Map<string, { count: number; lastAtMs: number }>();
  readonly #buckets = new Map<number, number>();
  readonly #connections: Record<Kind, number> = { kept: 0, fresh: 0, slow: 0 };
  #sent = 0;
  #succeeded = 0;
  #failed = 0;
  #underWay = 0;
  #stopped = false;

  /** All requests have been answered or have failed. */
  readonly onDidEnd: Event<LoadCounts> = this.#ended.event;

  constructor(options: LoadOptions) {
    this.#options = options;
    this.#startedAtMs = options.clock.monotonicMs();
    this.#timer = options.clock.every(tickMs, () => this.#tick());
  }

  counts(): LoadCounts {
    return {
      sent: this.#sent,
      succeeded: this.#succeeded,
      failed: this.#failed,
      failures: [...this.#causes]
        .map(([cause, { count, lastAtMs }]) => ({ cause, count, lastAtMs }))
        .toSorted((a, b) => b.count - a.count),
      p50Ms: this.#quantile(0.5),
      p99Ms: this.#quantile(0.99),
      connections: { ...this.#connections },
      isOver: this.#stopped && this.#underWay === 0,
    };
  }

  /** Sends nothing more. */
  dispose(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#timer.dispose();
    this.#endIfOver();
  }

  #tick(): void {
    const elapsedMs = this.#options.clock.monotonicMs() - this.#startedAtMs;
    const due = Math.floor((Math.min(elapsedMs, this.#options.forMs) * this.#options.requestsPerSecond) / 1_000);
    while (this.#sent < due && this.#underWay < underWayMax) this.#send();
    if (elapsedMs >= this.#options.forMs) this.dispose();
  }

  #send(): void {
    this.#sent += 1;
    this.#underWay += 1;
    const kind: Kind = this.#sent % slowEvery === 0 ? 'slow' : this.#sent % freshEvery === 0 ? 'fresh' : 'kept';
    this.#connections[kind] += 1;
    const startedAtMs = performance.now();
    let isOver = false;
    const end = (cause: string | null): void => {
      if (isOver) return;
      isOver = true;
      this.#underWay -= 1;
      if (cause === null) {
        this.#succeeded += 1;
        // What a slow request took is its own doing.
        if (kind !== 'slow') this.#measure(performance.now() - startedAtMs);
      } else this.#fail(cause);
      this.#endIfOver();
    };
    if (kind === 'slow') sendSlowly(this.#options, end);
    else this.#request(kind, end);
  }

  #request(kind: Exclude<Kind, 'slow'>, end: (cause: string | null) => void): void {
    const request = httpRequest(this.#options.url, {
      agent: kind === 'kept' ? this.#agent : false,
      headers: { 'user-agent': userAgent, ...(kind === 'kept' ? {} : { connection: 'close' }) },
      timeout: this.#options.timeoutMs ?? timeoutMsDefault,
    });
    request.on('response', (response) => {
      const status = response.statusCode ?? 0;
      response.resume();
      response.on('end', () => end(response.complete ? causeOfStatus(status) : cutShort));
      response.on('error', (error) => end(causeOf(error)));
      response.on('close', () => end(cutShort));
    });
    request.on('timeout', () => {
      request.destroy();
      end(tooLate);
    });
    request.on('error', (error) => end(causeOf(error)));
    request.end();
  }

  #fail(cause: string): void {
    this.#failed += 1;
    const lastAtMs = this.#options.clock.nowMs();
    const known = this.#causes.get(cause);
    if (known !== undefined) {
      known.count += 1;
      known.lastAtMs = lastAtMs;
    } else if (this.#causes.size < causesMax) this.#causes.set(cause, { count: 1, lastAtMs });
  }

  #endIfOver(): void {
    if (!this.#stopped || this.#underWay > 0) return;
    this.#agent.destroy();
    this.#ended.fire(this.counts());
  }

  #measure(ms: number): void {
    const bucket = Math.max(0, Math.round(Math.log(Math.max(ms, 0.1) / 0.1) / Math.log(bucketGrowth)));
    this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + 1);
  }

  #quantile(share: number): number | null {
    const buckets = [...this.#buckets].toSorted(([a], [b]) => a - b);
    const all = buckets.reduce((sum, [, count]) => sum + count, 0);
    let seen = 0;
    for (const [bucket, count] of buckets) {
      seen += count;
      if (seen >= all * share) return 0.1 * bucketGrowth ** bucket;
    }
    return null;
  }
}

/** A client on a bad line: half of the request, and the rest after a while. */
function sendSlowly({ url, timeoutMs = timeoutMsDefault }: LoadOptions, end: (cause: string | null) => void): void {
  const { hostname, port, pathname, host } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  let answer = '';
  socket.setEncoding('latin1');
  socket.setTimeout(timeoutMs, () => {
    socket.destroy();
    end(tooLate);
  });
  socket.on('connect', () => {
    socket.write(`GET ${pathname} HTTP/1.1\r\nHost: ${host}\r\nUser-Agent: ${userAgent}\r\n`);
    setTimeout(() => socket.write('Connection: close\r\n\r\n'), slowHeadMs);
  });
  socket.on('data', (chunk: string) => {
    // Only the head matters, and whether what it promises comes.
    answer += chunk;
  });
  socket.on('error', (error) => end(causeOf(error)));
  socket.on('close', () => end(causeOfAnswer(answer)));
}

function causeOfAnswer(answer: string): string | null {
  const [head = '', ...rest] = answer.split('\r\n\r\n');
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1];
  if (status === undefined) return cutShort;
  const promised = /^content-length: *(\d+)/im.exec(head)?.[1];
  const isWhole = promised === undefined || rest.join('\r\n\r\n').length >= Number(promised);
  return isWhole ? causeOfStatus(Number(status)) : cutShort;
}

function causeOfStatus(status: number): string | null {
  return status < 400 ? null : `status ${status}`;
}

function causeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}
