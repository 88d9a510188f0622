// Edges on a real engine: who gets the traffic, and when.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allPass, EdgeBench, engineProblem, pause, server, serverOf, unwrap } from './edge-bench.fixture.ts';
import { type ReplicaContainer, replicaPorts } from './replica.fixture.ts';

describe.skipIf(engineProblem() !== null)('an edge', () => {
  let bench: EdgeBench;
  let a: ReplicaContainer;
  let b: ReplicaContainer;

  beforeAll(async () => {
    bench = new EdgeBench();
    await bench.begin();
    [a, b] = await Promise.all([bench.replica('a'), bench.replica('b')]);
    await bench.apply(bench.webSpec(server(a), server(b)), allPass);
  });

  afterAll(() => bench.dispose());

  it('is reached by its alias on the network, and where the host publishes it', async () => {
    const facts = await bench.apply(bench.webSpec(server(a), server(b)), allPass);
    expect(facts.ports).toEqual([{ containerPort: 80, address: '127.0.0.1', hostPort: bench.port }]);
    expect(await bench.fromNeighbour('wget -q -O - http://web/')).toMatch(new RegExp(`^${bench.prefix}-[ab]$`));
    const answers = await Promise.all(Array.from({ length: 4 }, () => bench.ask()));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(new Set(answers.map(({ replica }) => replica))).toEqual(new Set([a.name, b.name]));
    expect(answers[0]?.headers['x-seen-for']).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
  });

  it('checks a new replica until it answers, tells so, and sends it nothing before it is made ready', async () => {
    const changes: string[] = [];
    const watching = bench.edges.onDidChange((name) => changes.push(name));
    const late = await bench.replica('late', 700);
    const added = await bench.apply(bench.webSpec(server(a), server(late, 'drain')));
    expect(serverOf(added, late)).toMatchObject({ state: 'drain', active: 0, check: { passes: false } });
    const refused = await bench.until(added.name, (facts) => serverOf(facts, late)?.check.hasResult === true);
    expect(serverOf(refused, late)?.check.detail).toMatch(/^L4CON: nothing listens there/);

    const load = bench.load({ kept: 2, fresh: 1 });
    const proven = await bench.until(added.name, allPass);
    expect(serverOf(proven, late)).toMatchObject({ state: 'drain', check: { detail: 'L7OK 200', passesInARow: 1 } });
    expect(serverOf(proven, late)?.requests).toBe(0);
    while (changes.length === 0) await pause(20);
    expect(changes[0]).toBe(added.name);
    const before = await load.stop();
    expect([...before.byReplica.keys()]).toEqual([a.name]);
    expect(before.failures).toEqual([]);

    await bench.apply(bench.webSpec(server(a), server(late)));
    const answers = await Promise.all([bench.ask(), bench.ask()]);
    expect(answers.map(({ replica }) => replica)).toContain(late.name);
    watching.dispose();
  });

  it('lets a draining replica finish what it has, and sends it nothing new', async () => {
    await bench.apply(bench.webSpec(server(a)), allPass);
    const slow = bench.ask({ path: '/slow?ms=3000' });
    const busy = await bench.until(`${bench.prefix}-edge`, (facts) => serverOf(facts, a)?.active === 1);
    expect(serverOf(busy, a)?.state).toBe('ready');
    await bench.apply(bench.webSpec(server(b), server(a, 'drain')));
    const load = bench.load({ kept: 2, fresh: 2 });
    const draining = unwrap(await bench.edges.read(busy.name));
    expect(serverOf(draining, a)).toMatchObject({ state: 'drain', active: 1 });
    expect(await slow).toMatchObject({ status: 200, replica: a.name });
    const drained = await bench.until(busy.name, (facts) => serverOf(facts, a)?.active === 0);
    expect(serverOf(drained, a)?.check.passes).toBe(true);
    const { byReplica, failures } = await load.stop();
    expect(failures).toEqual([]);
    expect([...byReplica.keys()]).toEqual([b.name]);
  });

  it('puts one replica in the place of another in one step without a failed request', async () => {
    await bench.apply(bench.webSpec(server(a)), allPass);
    const load = bench.load({ kept: 4, fresh: 2 });
    const fresh = await bench.replica('fresh', 300);
    for (const servers of [[server(fresh), server(a, 'drain')], [server(fresh)], [server(b)], [server(a)]]) {
      await bench.apply(bench.webSpec(...servers));
      await pause(200);
    }
    const { requests, failures } = await load.stop();
    expect(failures).toEqual([]);
    expect(requests).toBeGreaterThan(50);
  });

  it('shares requests as the weights say', async () => {
    await bench.apply(bench.webSpec(server(a, 'ready', 90), server(b, 'ready', 10)), allPass);
    const load = bench.load({ kept: 6, fresh: 2 });
    while (load.done() < 2_000) await pause(20);
    const { requests, failures, byReplica } = await load.stop();
    expect(failures).toEqual([]);
    const share = ((byReplica.get(b.name) ?? 0) / requests) * 100;
    expect(share).toBeGreaterThan(8.5);
    expect(share).toBeLessThan(11.5);
  });

  it('counts what its servers answered, how they failed and how long they took', async () => {
    await bench.apply(bench.webSpec(server(b)), allPass);
    const name = `${bench.prefix}-edge`;
    const before = serverOf(unwrap(await bench.edges.read(name)), b);
    for (const path of ['/', '/fail', '/slow?ms=120']) await bench.ask({ path });
    const after = serverOf(unwrap(await bench.edges.read(name)), b);
    const grown = (of: 'requests' | 'errors5xx'): number => (after?.[of] ?? 0) - (before?.[of] ?? 0);
    expect([grown('requests'), grown('errors5xx')]).toEqual([3, 1]);
    const upTo = (ms: number, facts = after): number => facts?.latency.find(({ leMs }) => leMs === ms)?.count ?? 0;
    const total = upTo(Number.POSITIVE_INFINITY) - upTo(Number.POSITIVE_INFINITY, before);
    const fast = upTo(100) - upTo(100, before);
    expect([total, fast]).toEqual([3, 2]);
    expect(after?.responseMs).toBeGreaterThan(0);
  });

  it('says so when no replica is ready', async () => {
    await bench.apply(bench.webSpec(server(a, 'drain')));
    expect(await bench.ask()).toMatchObject({ status: 503, text: 'No replica of this service is ready.\n' });
    await bench.apply(bench.webSpec());
    expect(await bench.ask()).toMatchObject({ status: 503 });
    expect(await bench.apply(bench.webSpec(server(a)), allPass)).toMatchObject({ servers: [{ server: a.name }] });
  });

  it('takes a replica out whose check fails, and back when it passes', async () => {
    await bench.apply(bench.webSpec(server(a), server(b)), allPass);
    const name = `${bench.prefix}-edge`;
    unwrap(await bench.engine.run(a.id, ['wget', '-q', '-O', '-', `http://127.0.0.1:${replicaPorts.http}/break`]));
    const broken = await bench.until(name, (facts) => serverOf(facts, a)?.state === 'down');
    expect(serverOf(broken, a)?.check).toMatchObject({ passes: false, passesInARow: 0 });
    expect(serverOf(broken, a)?.check.detail).toMatch(/^L7STS 503: the answer has a status that is not 200–399/);
    expect((await Promise.all([bench.ask(), bench.ask()])).map(({ replica }) => replica)).toEqual([b.name, b.name]);
    unwrap(await bench.engine.run(a.id, ['wget', '-q', '-O', '-', `http://127.0.0.1:${replicaPorts.http}/mend`]));
    await bench.until(name, allPass);
  });

  it('goes on when a replica is killed: what it was serving is asked of another one, if that does no harm', async () => {
    const victim = await bench.replica('victim');
    await bench.apply(bench.webSpec(server(victim)), allPass);
    const harmless = bench.ask({ path: '/slow?ms=1500' });
    const harmful = bench.ask({ path: '/slow?ms=1500', method: 'POST' });
    await bench.until(`${bench.prefix}-edge`, (facts) => serverOf(facts, victim)?.active === 2);
    await bench.apply(bench.webSpec(server(victim), server(a), server(b)), allPass);
    const load = bench.load({ kept: 6, fresh: 2 });
    unwrap(await bench.engine.killContainer(victim.id, 'KILL'));
    expect(await harmless).toMatchObject({ status: 200 });
    // It may have been carried out: only the client can know whether to ask again.
    expect(await harmful).toMatchObject({ status: 502 });
    const down = await bench.until(`${bench.prefix}-edge`, (facts) => serverOf(facts, victim)?.state === 'down');
    expect(serverOf(down, a)?.state).toBe('ready');
    const { failures, byReplica } = await load.stop();
    expect(failures).toEqual([]);
    expect(byReplica.get(a.name)).toBeGreaterThan(0);
  });
});
