import { expect, it } from 'vitest';
import { EdgeCounters } from './edge-counters.ts';
import { factsOf } from './edge-facts.ts';
import type { EdgeReading, WorkerReading } from './observe-edge.ts';
import type { ServerStanding } from './runtime-answers.ts';

interface Counts {
  readonly requests: number;
  readonly active?: number;
  readonly clients?: number;
  readonly status?: string;
}

/** A worker that has served one server, `web/a`. */
function worker(pid: number, { requests, active = 0, clients = 0, status = 'UP' }: Counts): WorkerReading {
  const front = {
    pxname: 'port-80',
    svname: 'FRONTEND',
    type: '0',
    mode: 'http',
    req_tot: requests,
    conn_tot: 1,
    scur: clients,
  };
  const server = { pxname: 'web', svname: 'a', type: '2', mode: 'http', stot: requests, scur: active, status };
  const latency = [
    { leMs: 1, count: requests - 1 },
    { leMs: Number.POSITIVE_INFINITY, count: requests },
  ];
  const rows = [front, server].map(
    (row) => new Map(Object.entries(row).map(([column, value]) => [column, String(value)])),
  );
  return { pid, rows, latency: new Map([['web/a', latency]]) };
}

const a: ServerStanding = {
  pool: 'web',
  server: 'a',
  address: '10.0.0.2',
  port: 8_000,
  weight: 100,
  isUp: true,
  isDraining: false,
  isInMaintenance: false,
};

function reading(current: WorkerReading, old: readonly WorkerReading[] = [], began = 'noon'): EdgeReading {
  const workers = { current: current.pid, old: old.map(({ pid }) => pid) };
  return { workers, workerId: `${current.pid}@${began}`, description: '', standings: [a], current, old };
}

it('adds up what the processes before and after a reload counted, and keeps what they had when they went', () => {
  const counters = new EdgeCounters();
  const requests = (one: EdgeReading): number | undefined => counters.add(one).servers.get('web/a')?.requests;
  expect(requests(reading(worker(8, { requests: 100 })))).toBe(100);
  expect(requests(reading(worker(9, { requests: 5 }), [worker(8, { requests: 120 })]))).toBe(125);
  expect(requests(reading(worker(9, { requests: 20 })))).toBe(140);
  // The container was started anew: the same number is another process.
  expect(requests(reading(worker(9, { requests: 3 }), [], 'evening'))).toBe(143);
  const counted = counters.add(reading(worker(9, { requests: 4 }), [], 'evening'));
  expect(counted.front).toEqual({ requests: 144, connections: 3 });
  expect(counted.servers.get('web/a')?.latency).toEqual([
    { leMs: 1, count: 144 - 3 },
    { leMs: Number.POSITIVE_INFINITY, count: 144 },
  ]);
});

it('forgets servers that are gone', () => {
  const counters = new EdgeCounters();
  counters.add(reading(worker(8, { requests: 100 })));
  const without = { ...reading(worker(9, { requests: 1 })), standings: [] };
  counters.add(without);
  expect(counters.add(reading(worker(9, { requests: 2 }))).servers.get('web/a')?.requests).toBe(2);
});

it('counts as under way what the process before a reload may still send', () => {
  const place = { name: 'edge', containerId: 'id', ports: [], atMs: 0, checkIntervalMs: () => 1_000 };
  const activeOf = (one: EdgeReading): number | undefined =>
    factsOf(place, one, new EdgeCounters().add(one)).servers[0]?.active;
  const now = worker(9, { requests: 1, active: 2 });
  expect(activeOf(reading(now))).toBe(2);
  // One request, and three clients that may send another one each.
  expect(activeOf(reading(now, [worker(8, { requests: 1, active: 1, clients: 4 })]))).toBe(6);
  expect(activeOf(reading(now, [worker(8, { requests: 1, active: 1, clients: 4, status: 'DRAIN' })]))).toBe(3);
});
