import { afterEach, beforeEach, expect, it } from 'vitest';
import { ok } from '#shared/base/result.ts';
import type { EdgeFacts, EdgeServerFacts } from '../ports/edge.ts';
import { EdgeWatch } from './edge-watch.ts';
import { ManualClock } from './manual-clock.fixture.ts';

let clock: ManualClock;
let servers: EdgeServerFacts[];
let reads: number;
let changes: number;
let watch: EdgeWatch;

function server(changes: Partial<Omit<EdgeServerFacts, 'check'>> & { passes?: boolean } = {}): EdgeServerFacts {
  const { passes = true, ...rest } = changes;
  return {
    ...{ pool: 'web', server: 'a', address: '10.0.0.2', state: 'ready', weight: 100, active: 0, requests: 0 },
    ...{
      errors5xx: 0,
      failed: 0,
      retried: 0,
      receivedBytes: 0,
      sentBytes: 0,
      responseMs: null,
      totalMs: null,
      latency: [],
    },
    check: { passes, hasResult: true, detail: '', durationMs: 1, passesInARow: passes ? 1 : 0 },
    ...rest,
  };
}

beforeEach(() => {
  clock = new ManualClock();
  servers = [server()];
  reads = 0;
  changes = 0;
  const facts = (): EdgeFacts => ({
    name: 'edge',
    atMs: 0,
    containerId: 'id',
    ports: [],
    servers,
    requests: 0,
    connections: 0,
  });
  watch = new EdgeWatch(
    async () => {
      reads += 1;
      return ok(facts());
    },
    clock,
    () => {
      changes += 1;
    },
  );
});

afterEach(() => {
  watch.dispose();
  expect(clock.waiting).toBe(0);
});

async function readsWithin(ms: number): Promise<number> {
  const before = reads;
  await clock.pass(ms);
  return reads - before;
}

it('looks seldom when nothing is about to change', async () => {
  await clock.pass(20_000);
  expect(await readsWithin(10_000)).toBe(5);
  expect(changes).toBe(0);
});

it('looks often while a server has yet to pass, and less so when it takes too long', async () => {
  servers = [server({ passes: false })];
  await clock.pass(1_000);
  expect(await readsWithin(1_000)).toBe(20);
  await clock.pass(60_000);
  expect(await readsWithin(1_000)).toBe(4);
});

it('looks often while a server ends its last requests, and less so when that takes long', async () => {
  servers = [server({ state: 'drain', active: 1 })];
  watch.attend();
  await clock.pass(1_000);
  expect(await readsWithin(1_000)).toBe(20);
  await clock.pass(10_000);
  expect(await readsWithin(1_000)).toBe(4);
});

it('tells of a check that changes its mind, and of a server that has drained, not of counters', async () => {
  await clock.pass(500);
  servers = [server({ requests: 7, active: 3 })];
  await clock.pass(500);
  expect(changes).toBe(0);
  servers = [server({ passes: false })];
  await clock.pass(500);
  expect(changes).toBe(1);
  servers = [server({ state: 'drain', active: 2 })];
  await clock.pass(500);
  expect(changes).toBe(2);
  servers = [server({ state: 'drain', active: 1 })];
  await clock.pass(500);
  expect(changes).toBe(2);
  servers = [server({ state: 'drain' })];
  await clock.pass(500);
  expect(changes).toBe(3);
});

it('looks at once again when something is changed on purpose', async () => {
  await clock.pass(30_000);
  watch.attend();
  expect(await readsWithin(1_000)).toBeGreaterThan(3);
});
