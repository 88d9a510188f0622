// Edges outlive the app: they serve on, come back as they were when the engine starts them anew, and follow their replicas.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allPass, EdgeBench, engineProblem, pause, server, serverOf, unwrap } from './edge-bench.fixture.ts';
import type { ReplicaContainer } from './replica.fixture.ts';

/** The name service is asked every second, and believed when it has said so for another one. */
const nameForgottenMs = 4_000;

const problem = engineProblem();
// At the same time, each on a bench of its own: the second is waiting for the most part.
const suites = { concurrent: true };
const inTurn = { concurrent: false };

describe.skipIf(problem !== null)('an edge', suites, () => {
  let bench: EdgeBench;
  let a: ReplicaContainer;
  let b: ReplicaContainer;

  async function untilAnswered(): Promise<string> {
    for (;;) {
      const answer = await bench.ask();
      if (answer.status === 200) return answer.replica;
      await pause(50);
    }
  }

  /** Processes of a container whose command begins so, by their numbers on the host. */
  function processesOf(id: string, command: string): number[] {
    const listed = execFileSync('docker', ['top', id, '-o', 'pid,args'], { encoding: 'utf8' });
    return listed.split('\n').flatMap((line) => {
      const [, pid, args = ''] = /^\s*(\d+)\s+(.*)/.exec(line) ?? [];
      return args.startsWith(command) ? [Number(pid)] : [];
    });
  }

  beforeAll(async () => {
    bench = new EdgeBench();
    await bench.begin();
    [a, b] = await Promise.all([bench.replica('a'), bench.replica('b')]);
  });

  afterAll(() => bench.dispose());

  it('has the newest servers, states and weights after its container was restarted', inTurn, async () => {
    await bench.apply(bench.webSpec(server(a)), allPass);
    const spec = bench.webSpec(server(a, 'drain', 20), server(b, 'ready', 40));
    const { containerId, name } = await bench.apply(spec, allPass);
    await bench.untilKept(spec, containerId);
    unwrap(await bench.engine.restartContainer(containerId, 1_000));
    expect(await untilAnswered()).toBe(b.name);
    const facts = await bench.until(name, allPass);
    expect(facts.containerId).toBe(containerId);
    expect(serverOf(facts, a)).toMatchObject({ state: 'drain', weight: 20 });
    expect(serverOf(facts, b)).toMatchObject({ state: 'ready', weight: 40 });
    // And is driven on as before.
    await bench.apply(bench.webSpec(server(a), server(b, 'drain')), allPass);
    expect((await bench.ask()).replica).toBe(a.name);
  });

  it('is started again by the engine when its process is killed, and finds replicas that moved', inTurn, async () => {
    const changed: string[] = [];
    const watching = bench.edges.onDidChange((name) => changed.push(name));
    const spec = bench.webSpec(server(b), server(a, 'drain'));
    const { containerId, name } = await bench.apply(spec, allPass);
    await bench.untilKept(spec, containerId);
    unwrap(await bench.engine.stopContainer(b.id, 0));
    // Takes the address that b had.
    const squatter = await bench.replica('squatter');
    unwrap(await bench.engine.startContainer(b.id));
    const moved = unwrap(await bench.engine.inspectContainer(b.id)).addresses[bench.prefix];
    expect(moved).not.toBe(b.address);
    const [master = 0] = processesOf(containerId, 'haproxy -W');
    expect(master).toBeGreaterThan(1);
    process.kill(master, 'SIGKILL');
    while (unwrap(await bench.engine.inspectContainer(containerId)).restarts === 0) await pause(50);
    expect(await untilAnswered()).toBe(b.name);
    const facts = await bench.until(name, allPass);
    expect(serverOf(facts, b)?.address).toBe(moved);
    expect(changed).toContain(name);
    watching.dispose();
    unwrap(await bench.engine.removeContainer(squatter.id));
    b = { ...b, address: moved ?? '' };
  });

  it('serves while no app is there, and goes on with the next one', inTurn, async () => {
    const { containerId, name } = await bench.apply(bench.webSpec(server(a), server(b, 'drain')), allPass);
    const load = bench.load({ kept: 4, fresh: 2 });
    bench.edges.dispose();
    await pause(500);
    const next = bench.openEdges();
    expect(unwrap(await next.list(bench.labels))).toEqual([name]);
    expect(unwrap(await next.list({ 'gantry.instance': 'another' }))).toEqual([]);
    const read = unwrap(await next.read(name));
    expect(read).toMatchObject({ containerId, ports: [{ hostPort: bench.port }] });
    expect(serverOf(read, b)).toMatchObject({ state: 'drain', check: { passes: true } });
    const applied = unwrap(await next.apply(bench.webSpec(server(a, 'drain'), server(b))));
    expect(applied.containerId).toBe(containerId);
    await pause(300);
    const { failures, byReplica } = await load.stop();
    expect(failures).toEqual([]);
    expect(byReplica.get(b.name)).toBeGreaterThan(0);
    next.dispose();
  });

  it('is not held by an app that was killed', inTurn, async () => {
    const spec = bench.webSpec(server(a), server(b));
    const app = spawn(process.execPath, [fileURLToPath(new URL('mortal-app.fixture.ts', import.meta.url))], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    app.stdin.end(JSON.stringify(spec));
    let containerId = '';
    const sessions = (): number => processesOf(containerId, 'nc 127.0.0.2').length;
    try {
      const [said] = (await once(app.stdout, 'data')) as [Buffer];
      containerId = said.toString().trim();
      while (sessions() !== 1) await pause(50);
    } finally {
      app.kill('SIGKILL');
      await once(app, 'exit');
    }
    while (sessions() > 0) await pause(50);
    expect(await bench.ask()).toMatchObject({ status: 200 });
    const next = bench.openEdges();
    expect(unwrap(await next.apply(spec)).containerId).toBe(containerId);
    unwrap(await next.remove(spec.name));
    unwrap(await next.remove(spec.name));
    expect(await next.read(spec.name)).toMatchObject({ ok: false, error: { reason: 'no-such-container' } });
    expect(unwrap(await next.list(bench.labels))).toEqual([]);
    next.dispose();
  });
});

describe.skipIf(problem !== null)('an edge whose app has been gone for half a minute', suites, () => {
  let bench: EdgeBench;
  let a: ReplicaContainer;
  let b: ReplicaContainer;

  beforeAll(async () => {
    bench = new EdgeBench();
    await bench.begin();
    [a, b] = await Promise.all([bench.replica('a'), bench.replica('b')]);
  });

  afterAll(() => bench.dispose());

  it('follows its replicas by name, without a failed request, and the next app goes on from there', async () => {
    await bench.apply(bench.webSpec(server(a)), allPass);
    // Added while it runs: known by address only.
    const spec = bench.webSpec(server(a, 'ready', 70), server(b, 'ready', 30));
    const { containerId, name } = await bench.apply(spec, allPass);
    await bench.untilKept(spec, containerId);
    const load = bench.load({ kept: 1, fresh: 1, pauseMs: 10 });
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
      seen.add((await bench.ask()).replica);
      await pause(20);
    }
    expect([...seen].filter((replica) => replica !== a.name && replica !== b.name)).toEqual([]);

    const next = bench.openEdges();
    let facts = unwrap(await next.read(name));
    // A check that began before the replica listened may end after it has answered.
    while (serverOf(facts, b)?.state !== 'ready') {
      await pause(20);
      facts = unwrap(await next.read(name));
    }
    expect(serverOf(facts, a)).toMatchObject({ state: 'ready', weight: 70 });
    expect(serverOf(facts, b)).toMatchObject({ state: 'ready', weight: 30, address: moved });
    const applied = unwrap(await next.apply(bench.webSpec({ ...server(b), address: moved ?? '' }, server(a, 'drain'))));
    expect(applied.containerId).toBe(containerId);
    expect((await bench.ask()).replica).toBe(b.name);
    const one = unwrap(await next.apply(bench.webSpec({ ...server(b), address: moved ?? '' })));
    expect(one.servers.map(({ server: each }) => each)).toEqual([b.name]);
    next.dispose();
  }, 120_000);
});
