/** Rates, errors and tail latency of the edges, from counters that only grow. */
import { RingBuffer } from '#shared/base/ring-buffer.ts';
import type { EdgeFacts, EdgeServerFacts } from '../../ports/edge.ts';

/** One look at a service's ways in: its edge, and its stack's ingress. */
interface Sample {
  readonly atMs: number;
  /** By pool and server: a replica is in one pool for each port and each way. */
  readonly servers: ReadonlyMap<string, EdgeServerFacts>;
}

/** What was counted between two looks. */
interface Growth {
  requests: number;
  errors: number;
  /** Cumulative, by bound. */
  readonly latency: Map<number, number>;
}

/** What a service or a replica did between two looks. */
export interface TrafficRate {
  readonly requestsPerSecond: number;
  readonly errorsPerSecond: number;
  readonly p99Ms: number | null;
}

/** A point of the charts. */
export interface TrafficPoint {
  readonly atMs: number;
  readonly requests: number | null;
  readonly p99Ms: number | null;
}

const pointsMax = 120;
/** Rates are taken over this long at least: two looks right after each other say nothing. */
const windowMsMin = 900;

/** Measures one service. */
export class TrafficMeter {
  #older: Sample | null = null;
  #newest: Sample | null = null;
  #rate: TrafficRate | null = null;
  #byServer = new Map<string, TrafficRate>();
  #failedBefore = 0;
  #sinceMs: number | null = null;
  #failed = 0;
  readonly #points = new RingBuffer<TrafficPoint>(pointsMax);

  /** Takes what was told of all ways in. More often than once a second changes only the counts. */
  take(edge: Pick<EdgeFacts, 'atMs' | 'servers'>): void {
    const servers = new Map(edge.servers.map((server) => [`${server.pool}/${server.server}`, server]));
    this.#countFailures(edge);
    if (this.#newest !== null && edge.atMs - this.#newest.atMs < windowMsMin) return;
    this.#older = this.#newest;
    this.#newest = { atMs: edge.atMs, servers };
    this.#measure();
  }

  /** The edge did not answer: the charts have a gap there. */
  gap(atMs: number): void {
    this.#rate = null;
    this.#byServer.clear();
    this.#points.push({ atMs, requests: null, p99Ms: null });
  }

  get rate(): TrafficRate | null {
    return this.#rate;
  }

  /** By server name; null while nothing is known of it. */
  of(server: string): TrafficRate | null {
    return this.#byServer.get(server) ?? null;
  }

  /** Requests that failed on the data path since the meter began. */
  get failed(): { count: number; sinceMs: number } | null {
    return this.#sinceMs === null ? null : { count: this.#failed, sinceMs: this.#sinceMs };
  }

  /** Oldest first. */
  points(): TrafficPoint[] {
    return this.#points.toArray();
  }

  #countFailures(edge: Pick<EdgeFacts, 'atMs' | 'servers'>): void {
    const failed = edge.servers.reduce((sum, server) => sum + server.failed, 0);
    if (this.#sinceMs === null) {
      this.#sinceMs = edge.atMs;
      this.#failedBefore = failed;
    }
    // A server that went takes its counters along: less than before is a new beginning, not a credit.
    if (failed > this.#failedBefore) this.#failed += failed - this.#failedBefore;
    this.#failedBefore = failed;
  }

  #measure(): void {
    const [older, newest] = [this.#older, this.#newest];
    if (older === null || newest === null) return;
    const seconds = (newest.atMs - older.atMs) / 1_000;
    const total: Growth = { requests: 0, errors: 0, latency: new Map() };
    const byServer = new Map<string, Growth>();
    for (const [key, server] of newest.servers) {
      const before = older.servers.get(key);
      const own = byServer.get(server.server) ?? { requests: 0, errors: 0, latency: new Map() };
      byServer.set(server.server, own);
      for (const growth of [own, total]) {
        growth.requests += grown(server.requests, before?.requests);
        growth.errors += grown(server.errors5xx + server.failed, before && before.errors5xx + before.failed);
        for (const [leMs, count] of histogramDifference(server, before)) {
          growth.latency.set(leMs, (growth.latency.get(leMs) ?? 0) + count);
        }
      }
    }
    this.#byServer = new Map([...byServer].map(([name, growth]) => [name, rateOf(growth, seconds)]));
    this.#rate = rateOf(total, seconds);
    this.#points.push({ atMs: newest.atMs, requests: this.#rate.requestsPerSecond, p99Ms: this.#rate.p99Ms });
  }
}

function rateOf({ requests, errors, latency }: Growth, seconds: number): TrafficRate {
  return { requestsPerSecond: requests / seconds, errorsPerSecond: errors / seconds, p99Ms: quantile(latency, 0.99) };
}

/** How much a counter grew; one that fell began anew. */
function grown(now: number, before: number | undefined): number {
  return before === undefined || now < before ? now : now - before;
}

/** Cumulative counts by bound, of what came between. */
function histogramDifference(now: EdgeServerFacts, before: EdgeServerFacts | undefined): Map<number, number> {
  const old = new Map((before?.latency ?? []).map(({ leMs, count }) => [leMs, count]));
  return new Map(now.latency.map(({ leMs, count }) => [leMs, grown(count, old.get(leMs))]));
}

/** The upper bound of the bucket that a quantile falls in, as Prometheus would without interpolation. Null without any. */
function quantile(cumulative: ReadonlyMap<number, number>, share: number): number | null {
  const buckets = [...cumulative].toSorted(([a], [b]) => a - b);
  const all = buckets.at(-1)?.[1] ?? 0;
  if (all === 0) return null;
  const bound = buckets.find(([, count]) => count >= all * share)?.[0] ?? Number.POSITIVE_INFINITY;
  return Number.isFinite(bound) ? bound : (buckets.at(-2)?.[0] ?? null);
}
