// Edges outlive the app, and come back as they were when the engine starts them anew.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
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

describe.skipIf(engineProblem() !== null)('an edge', () => {
  let bench: EdgeBench;
  let a: ReplicaContainer;
  let b: ReplicaContainer;
  let port: number;

  const specOf = (...servers: readonly EdgeServer[]): EdgeSpec =>
    bench.spec([httpPool(servers)], { publish: [{ containerPort: 80, address: '127.0.0.1', hostPort: port }] });

  async function untilAnswered(): Promise<string> {
    for (;;) {
      const answer = await ask({ port });
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
    [a, b, port] = await Promise.all([bench.replica('a'), bench.replica('b'), freePort()]);
  });

  afterAll(() => bench.dispose());

  it('has the newest servers, states and weights after its container was restarted', async () => {
    await bench.apply(specOf(server(a)), allPass);
    const spec = specOf(server(a, 'drain', 20), server(b, 'ready', 40));
    const { containerId, name } = await bench.apply(spec, allPass);
    await bench.untilKept(spec, containerId);
    unwrap(await bench.engine.restartContainer(containerId, 1_000));
    expect(await untilAnswered()).toBe(b.name);
    const facts = await bench.until(name, allPass);
    expect(facts.containerId).toBe(containerId);
    expect(serverOf(facts, a)).toMatchObject({ state: 'drain', weight: 20 });
    expect(serverOf(facts, b)).toMatchObject({ state: 'ready', weight: 40 });
    // And is driven on as before.
    await bench.apply(specOf(server(a), server(b, 'drain')), allPass);
    expect((await ask({ port })).replica).toBe(a.name);
  });

  it('is started again by the engine when its process is killed, and finds replicas that moved', async () => {
    const changed: string[] = [];
    const watching = bench.edges.onDidChange((name) => changed.push(name));
    const spec = specOf(server(b), server(a, 'drain'));
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

  it('serves while no app is there, and goes on with the next one', async () => {
    const { containerId, name } = await bench.apply(specOf(server(a), server(b, 'drain')), allPass);
    const load = startLoad({ port, kept: 4, fresh: 2 });
    bench.edges.dispose();
    await pause(500);
    const next = bench.openEdges();
    expect(unwrap(await next.list(bench.labels))).toEqual([name]);
    expect(unwrap(await next.list({ 'gantry.instance': 'another' }))).toEqual([]);
    const read = unwrap(await next.read(name));
    expect(read).toMatchObject({ containerId, ports: [{ hostPort: port }] });
    expect(serverOf(read, b)).toMatchObject({ state: 'drain', check: { passes: true } });
    const applied = unwrap(await next.apply(specOf(server(a, 'drain'), server(b))));
    expect(applied.containerId).toBe(containerId);
    await pause(300);
    const { failures, byReplica } = await load.stop();
    expect(failures).toEqual([]);
    expect(byReplica.get(b.name)).toBeGreaterThan(0);
    next.dispose();
  });

  it('is not held by an app that was killed', async () => {
    const spec = specOf(server(a), server(b));
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
    expect(await ask({ port })).toMatchObject({ status: 200 });
    const next = bench.openEdges();
    expect(unwrap(await next.apply(spec)).containerId).toBe(containerId);
    unwrap(await next.remove(spec.name));
    unwrap(await next.remove(spec.name));
    expect(await next.read(spec.name)).toMatchObject({ ok: false, error: { reason: 'no-such-container' } });
    expect(unwrap(await next.list(bench.labels))).toEqual([]);
    next.dispose();
  });
});
