// Replicas of several revisions are behind one port: each is judged by the probe that it was made with.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EdgeServer, EdgeSpec } from '../ports/edge.ts';
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
import { type ReplicaContainer, replicaPorts } from './replica.fixture.ts';

const intervalMs = 200;
const severalChecksMs = 5 * intervalMs;

describe.skipIf(engineProblem() !== null)('a pool of servers with different checks', () => {
  let bench: EdgeBench;
  let old: ReplicaContainer;
  let young: ReplicaContainer;

  const specOf = (kind: 'http' | 'tcp', ...servers: readonly EdgeServer[]): EdgeSpec => {
    const pool = httpPool(servers);
    const publish = publishAt(bench.port);
    return bench.spec([{ ...pool, check: { ...pool.check, kind, intervalMs, timeoutMs: 2_000 } }], { publish });
  };
  const checked = (replica: ReplicaContainer, kind: 'http' | 'tcp', path: string): EdgeServer => ({
    ...server(replica),
    check: { kind, path, port: replicaPorts.http },
  });

  beforeAll(async () => {
    bench = new EdgeBench();
    await bench.begin();
    [old, young] = await Promise.all([bench.replica('old'), bench.replica('young')]);
  });

  afterAll(() => bench.dispose());

  it('asks each for its own path, also after a restart', async () => {
    const own = checked(old, 'http', '/health');
    const { name, containerId } = await bench.apply(specOf('http', own), allPass);
    const load = bench.load({ kept: 4, fresh: 2, method: 'GET' });
    // Nothing answers well at `/fail`: an old replica that was judged by it would be taken out.
    const both = specOf('http', own, checked(young, 'http', '/fail'));
    await bench.apply(both, (facts) => serverOf(facts, young)?.check.hasResult === true);
    await pause(severalChecksMs);
    const facts = unwrap(await bench.edges.read(name));
    expect(serverOf(facts, old)?.check).toMatchObject({ passes: true });
    expect(serverOf(facts, young)?.check).toMatchObject({
      passes: false,
      detail: expect.stringContaining('L7STS 500'),
    });
    const { failures } = await load.stop();
    expect(failures).toEqual([]);

    await bench.untilKept(both, containerId);
    unwrap(await bench.engine.restartContainer(containerId, 1_000));
    await bench.until(name, (now) => serverOf(now, old)?.check.passes === true);
    await pause(severalChecksMs);
    expect((await bench.ask()).replica).toBe(old.name);
    await bench.apply(both);
    // It is still judged: by what it was made with.
    await fetch(`http://${old.address}:${replicaPorts.http}/break`);
    await bench.until(name, (now) => serverOf(now, old)?.check.passes === false);
    await fetch(`http://${old.address}:${replicaPorts.http}/mend`);
    await bench.until(name, (now) => serverOf(now, old)?.check.passes === true);
  });

  it('does not take out the last one for connections that it refuses while it is busy', async () => {
    const pool = httpPool([checked(old, 'http', '/health')]);
    const check = { ...pool.check, intervalMs: 1_000, failuresMax: 20 };
    const spec = bench.spec([{ ...pool, check }], { publish: publishAt(bench.port) });
    // A server begins as one that the first failed check takes out.
    await bench.apply(spec, (facts) => (serverOf(facts, old)?.check.passesInARow ?? 0) > 0);
    // HAProxy, which the replica is, listens no more, and again.
    unwrap(await bench.engine.killContainer(old.id, 'SIGTTOU'));
    const answers = Promise.all(Array.from({ length: 12 }, () => bench.ask()));
    await pause(300);
    unwrap(await bench.engine.killContainer(old.id, 'SIGTTIN'));
    expect((await answers).map(({ status }) => status)).toEqual(Array(12).fill(200));
  });

  it('leaves one alone whose check is of another kind', async () => {
    await bench.edges.remove(specOf('tcp').name);
    const raw = checked(old, 'tcp', '/');
    await bench.apply(specOf('tcp', raw), allPass);
    const load = bench.load({ kept: 4, fresh: 2, method: 'GET' });
    const { name, containerId } = await bench.apply(specOf('http', raw, checked(young, 'http', '/fail')));
    await pause(severalChecksMs);
    const facts = unwrap(await bench.edges.read(name));
    expect(serverOf(facts, old)).toMatchObject({ state: 'ready', check: { passes: true } });
    expect(serverOf(facts, young)?.check.passes).toBe(false);
    const { failures, byReplica } = await load.stop();
    expect(failures).toEqual([]);
    expect([...byReplica.keys()]).toEqual([old.name]);
    // A new one of that kind is trusted, and so is each after a restart of the edge.
    await bench.apply(specOf('http', raw));
    const trusted = specOf('http', raw, checked(young, 'tcp', '/'));
    await bench.apply(trusted, allPass);
    await bench.untilKept(trusted, containerId);
    unwrap(await bench.engine.restartContainer(containerId, 1_000));
    await bench.until(name, allPass);
    // Judged again as soon as the pool's check is of its kind.
    await bench.apply(specOf('tcp', raw, checked(young, 'tcp', '/')), allPass);
    expect((await bench.ask()).status).toBe(200);
  });
});
