import { expect, it } from 'vitest';
import type { EdgeServerFacts } from '../../ports/edge.ts';
import { TrafficMeter } from './traffic-meter.ts';

function server(pool: string, name: string, requests: number, rest: Partial<EdgeServerFacts> = {}): EdgeServerFacts {
  const latency = [
    { leMs: 10, count: requests },
    { leMs: Number.POSITIVE_INFINITY, count: requests },
  ];
  return {
    pool,
    server: name,
    requests,
    errors5xx: 0,
    failed: 0,
    latency,
    ...rest,
  } as Partial<EdgeServerFacts> as EdgeServerFacts;
}

it('measures what a replica does at all its ports and by all ways in', () => {
  const meter = new TrafficMeter();
  meter.take({
    atMs: 0,
    servers: [server('port-80', 'a', 10), server('port-81', 'a', 0), server('web-port-80', 'a', 5)],
  });
  meter.take({
    atMs: 2_000,
    servers: [
      server('port-80', 'a', 30, { errors5xx: 2 }),
      server('port-81', 'a', 4),
      server('web-port-80', 'a', 45),
      server('port-80', 'b', 6),
    ],
  });
  expect(meter.of('a')).toEqual({ requestsPerSecond: 32, errorsPerSecond: 1, p99Ms: 10 });
  expect(meter.of('b')).toMatchObject({ requestsPerSecond: 3 });
  expect(meter.rate).toEqual({ requestsPerSecond: 35, errorsPerSecond: 1, p99Ms: 10 });
  expect(meter.points()).toEqual([{ atMs: 2_000, requests: 35, p99Ms: 10 }]);
});

it('begins anew where a counter does, and has a gap where nothing was told', () => {
  const meter = new TrafficMeter();
  meter.take({ atMs: 0, servers: [server('port-80', 'a', 100)] });
  meter.take({ atMs: 1_000, servers: [server('port-80', 'a', 7)] });
  expect(meter.rate).toMatchObject({ requestsPerSecond: 7 });
  meter.gap(2_000);
  expect([meter.rate, meter.of('a')]).toEqual([null, null]);
  expect(meter.points().at(-1)).toEqual({ atMs: 2_000, requests: null, p99Ms: null });
});
