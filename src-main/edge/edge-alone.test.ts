// What an edge does by itself when the app has been gone for half a minute.
import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EdgeServer, EdgeSpec } from '../ports/edge.ts';
import {
  allPass,
  EdgeBench,
  engineProblem,
  freePort,
  httpPool,
  pause,
  server,
  serverOf,
  unwrap,
} from './edge-bench.fixture.ts';
import { ask, startLoad } from './load-client.fixture.ts';
import type { ReplicaContainer } from './replica.fixture.ts';

/** The name service is asked every second, and believed when it has said so for another one. */
const nameForgottenMs = 4_000;

describe.skipIf(engineProblem() !== null)('an edge without an app', () => {
  let bench: EdgeBench;
  let a: ReplicaContainer;
  let b: ReplicaContainer;
  let port: number;

  const specOf = (...servers: readonly EdgeServer[]): EdgeSpec =>
    bench.spec([httpPool(servers)], { publish: [{ containerPort: 80, address: '127.0.0.1', hostPort: port }] });

  beforeAll(async () => {
    bench = new EdgeBench();
    await bench.begin();
    [a, b, port] = await Promise.all([bench.replica('a'), bench.replica('b'), freePort()]);
  });

  afterAll(() => bench.dispose());

  it('comes to follow its replicas by name, without a failed request, and the next app goes on from there', async () => {
    await bench.apply(specOf(server(a)), allPass);
    // Added while it runs: known by address only.
    const spec = specOf(server(a, 'ready', 70), server(b, 'ready', 30));
    const { containerId, name } = await bench.apply(spec, allPass);
    await bench.untilKept(spec, containerId);
    const load = startLoad({ port, kept: 1, fresh: 1 });
    bench.edges.dispose();
    const log = (): string => execFileSync('sh', ['-c', `docker logs ${containerId} 2>&1`], { encoding: 'utf8' });
    while (!/Reloading HAProxy[^]*Loading success/.test(log())) await pause(500);
    await pause(1_000);
    expect((await load.stop()).failures).toEqual([]);

    // The engine would do so with a replica that crashed; another container takes its address.
    unwrap(await bench.engine.stopContainer(b.id, 0));
    // Until its name is known to be gone, whoever took its address would take its requests too.
    await pause(nameForgottenMs);
    await bench.replica('squatter');
    unwrap(await bench.engine.startContainer(b.id));
    const moved = unwrap(await bench.engine.inspectContainer(b.id)).addresses[bench.prefix];
    expect(moved).not.toBe(b.address);
    const seen = new Set<string>();
    while (!seen.has(b.name)) {
      seen.add((await ask({ port })).replica);
      await pause(20);
    }
    expect([...seen].filter((replica) => replica !== a.name && replica !== b.name)).toEqual([]);

    const next = bench.openEdges();
    const facts = unwrap(await next.read(name));
    expect(serverOf(facts, a)).toMatchObject({ state: 'ready', weight: 70 });
    expect(serverOf(facts, b)).toMatchObject({ state: 'ready', weight: 30, address: moved });
    const applied = unwrap(await next.apply(specOf({ ...server(b), address: moved ?? '' }, server(a, 'drain'))));
    expect(applied.containerId).toBe(containerId);
    expect((await ask({ port })).replica).toBe(b.name);
    const one = unwrap(await next.apply(specOf({ ...server(b), address: moved ?? '' })));
    expect(one.servers.map(({ server: each }) => each)).toEqual([b.name]);
    next.dispose();
  }, 120_000);
});
