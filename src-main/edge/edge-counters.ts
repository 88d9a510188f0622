/**
 * Counters of servers that only grow, although each reload begins a new process that counts from
 * zero: the counts of the processes that went are kept and added.
 */
import type { EdgeServerFacts } from '../ports/edge.ts';
import { type EdgeReading, rowType, type WorkerReading } from './observe-edge.ts';
import { countOf } from './runtime-answers.ts';

/** What is counted of a server. */
export interface ServerCounters {
  readonly requests: number;
  readonly errors5xx: number;
  readonly failed: number;
  readonly retried: number;
  readonly receivedBytes: number;
  readonly sentBytes: number;
  readonly latency: EdgeServerFacts['latency'];
}

/** What is counted of the edge itself. */
export interface FrontCounters {
  readonly requests: number;
  readonly connections: number;
}

/** All counts of an edge; servers by pool and name. */
export interface Counted {
  readonly front: FrontCounters;
  readonly servers: ReadonlyMap<string, ServerCounters>;
}

const nothing: Counted = { front: { requests: 0, connections: 0 }, servers: new Map() };

export class EdgeCounters {
  /** The newest reading of each process that lives. A number is a process's until it went. */
  #living = new Map<number, { readonly id: string | null; readonly counted: Counted }>();
  #gone: Counted = nothing;

  /** Takes a reading and answers the counts since the edge was first read. */
  add(reading: EdgeReading): Counted {
    const living = new Map<number, { id: string | null; counted: Counted }>();
    living.set(reading.current.pid, { id: reading.workerId, counted: countedBy(reading.current) });
    for (const old of reading.old) {
      living.set(old.pid, { id: this.#living.get(old.pid)?.id ?? null, counted: countedBy(old) });
    }
    for (const [pid, { id, counted }] of this.#living) {
      const now = living.get(pid);
      // Numbers come again in a container that was started anew.
      if (now === undefined || now.id !== id) this.#gone = sum(this.#gone, counted);
    }
    this.#living = living;
    const standing = new Set(reading.standings.map(({ pool, server }) => `${pool}/${server}`));
    const servers = new Map([...this.#gone.servers].filter(([path]) => standing.has(path)));
    this.#gone = { ...this.#gone, servers };
    return [...living.values()].reduce((total, { counted }) => sum(total, counted), this.#gone);
  }
}

function countedBy({ rows, latency }: WorkerReading): Counted {
  const servers = new Map<string, ServerCounters>();
  let requests = 0;
  let connections = 0;
  for (const row of rows) {
    if (row.get('type') === rowType.frontend) {
      requests += countOf(row, row.get('mode') === 'http' ? 'req_tot' : 'stot');
      connections += countOf(row, 'conn_tot');
      continue;
    }
    const path = `${row.get('pxname')}/${row.get('svname')}`;
    servers.set(path, {
      requests: countOf(row, 'stot'),
      errors5xx: countOf(row, 'hrsp_5xx'),
      failed: countOf(row, 'econ') + countOf(row, 'eresp'),
      retried: countOf(row, 'wretr') + countOf(row, 'wredis'),
      receivedBytes: countOf(row, 'bin'),
      sentBytes: countOf(row, 'bout'),
      latency: latency.get(path) ?? [],
    });
  }
  return { front: { requests, connections }, servers };
}

function sum(a: Counted, b: Counted): Counted {
  const servers = new Map(a.servers);
  for (const [path, counters] of b.servers) {
    const before = servers.get(path);
    servers.set(path, before === undefined ? counters : sumOfServer(before, counters));
  }
  return {
    front: {
      requests: a.front.requests + b.front.requests,
      connections: a.front.connections + b.front.connections,
    },
    servers,
  };
}

function sumOfServer(a: ServerCounters, b: ServerCounters): ServerCounters {
  return {
    requests: a.requests + b.requests,
    errors5xx: a.errors5xx + b.errors5xx,
    failed: a.failed + b.failed,
    retried: a.retried + b.retried,
    receivedBytes: a.receivedBytes + b.receivedBytes,
    sentBytes: a.sentBytes + b.sentBytes,
    latency: sumOfLatency(a.latency, b.latency),
  };
}

/** The bounds are the same wherever there are any. */
function sumOfLatency(a: EdgeServerFacts['latency'], b: EdgeServerFacts['latency']): EdgeServerFacts['latency'] {
  if (a.length === 0) return b;
  return b.length === 0 ? a : a.map(({ leMs, count }, index) => ({ leMs, count: count + (b[index]?.count ?? 0) }));
}
