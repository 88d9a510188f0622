// What only a reload can change is changed under load, without a failed request.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EdgeListener, EdgeServer, EdgeSpec } from '../ports/edge.ts';
import {
  allPass,
  EdgeBench,
  engineProblem,
  httpPool,
  pause,
  publishAt,
  server,
  serverOf,
  unwrap,
} from './edge-bench.fixture.ts';
import type { ReplicaContainer } from './replica.fixture.ts';

describe.skipIf(engineProblem() !== null)('a reload', () => {
  let bench: EdgeBench;
  let a: ReplicaContainer;
  let b: ReplicaContainer;

  /** The same edge with listeners at `ports` more: other ones need a reload. */
  function specOf(servers: readonly EdgeServer[], ...ports: readonly number[]): EdgeSpec {
    const pool = httpPool(servers);
    const publish = publishAt(bench.port);
    const listeners = [80, ...ports].map((each): EdgeListener => ({ kind: 'pool', port: each, pool: pool.name }));
    return bench.spec([pool], { publish, listeners });
  }

  beforeAll(async () => {
    bench = new EdgeBench();
    await bench.begin();
    [a, b] = await Promise.all([bench.replica('a'), bench.replica('b')]);
  });

  afterAll(() => bench.dispose());

  it.each(['GET', 'POST'] as const)('loses no %s of many, over kept connections and new ones', async (method) => {
    await bench.apply(specOf([server(a), server(b)]), allPass);
    const load = bench.load({ kept: 8, fresh: 4, method });
    let before = 0;
    for (const extra of [[81], [], [81, 82], []]) {
      const facts = await bench.apply(specOf([server(a), server(b)], ...extra));
      const counted = facts.servers.reduce((sum, { requests }) => sum + requests, 0);
      // Counters go on from where the process before had come to.
      expect(counted).toBeGreaterThan(before);
      before = counted;
      await pause(300);
    }
    while (load.done() < 2_000) await pause(20);
    const { failures, requests, byReplica } = await load.stop();
    expect(failures).toEqual([]);
    expect(requests).toBeGreaterThan(2_000);
    expect(byReplica.size).toBe(2);
  });

  it('begins with the states, weights and health that the servers have', async () => {
    const late = await bench.replica('late', 3_000);
    const servers = [server(a, 'drain', 30), server(b, 'ready', 70), server(late)];
    await bench.apply(specOf(servers, 81));
    const reloaded = await bench.apply(specOf(servers));
    expect(serverOf(reloaded, a)).toMatchObject({ state: 'drain', weight: 30, check: { passes: true } });
    expect(serverOf(reloaded, b)).toMatchObject({
      state: 'ready',
      weight: 70,
      check: { passes: true, hasResult: true },
    });
    expect(serverOf(reloaded, late)).toMatchObject({ state: 'down', check: { passes: false } });
    expect((await bench.ask()).replica).toBe(b.name);
    await bench.until(reloaded.name, allPass);
  });

  it('lets long answers of before go on, and counts them as under way', async () => {
    await bench.apply(specOf([server(a)]), allPass);
    const long = bench.ask({ path: '/stream?ms=4000' });
    const name = `${bench.prefix}-edge`;
    await bench.until(name, (facts) => serverOf(facts, a)?.active === 1);
    await bench.apply(specOf([server(a), server(b)], 81), allPass);
    const drained = await bench.apply(specOf([server(b), server(a, 'drain')], 81));
    expect(serverOf(drained, a)).toMatchObject({ state: 'drain', active: 1 });
    expect((await long).text).toBe('part\n'.repeat(10));
    await bench.until(name, (facts) => serverOf(facts, a)?.active === 0);
  });

  it('that is refused leaves the edge as it is', async () => {
    const before = await bench.apply(specOf([server(a)]), allPass);
    const broken = { ...specOf([server(a)]), listeners: [{ kind: 'pool', port: 80, pool: 'not-there' }] as const };
    const refused = await bench.edges.apply(broken);
    expect(refused).toMatchObject({ ok: false, error: { reason: 'refused' } });
    expect(await bench.ask()).toMatchObject({ status: 200, replica: a.name });
    expect(unwrap(await bench.edges.read(before.name)).containerId).toBe(before.containerId);
  });
});
