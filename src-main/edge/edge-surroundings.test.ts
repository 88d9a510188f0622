// Edges among other things: neighbours that must not drive them, ports and names that others have, raw connections.
import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EdgePool, EdgeSpec } from '../ports/edge.ts';
import type { ContainerSpec } from '../ports/engine.ts';
import {
  allPass,
  EdgeBench,
  engineProblem,
  freePort,
  httpPool,
  publishAt,
  server,
  serverOf,
  unwrap,
} from './edge-bench.fixture.ts';
import { edgeLabel, nextName } from './edge-container.ts';
import { edgeImage } from './edge-image.ts';
import { masterCli } from './edge-layout.ts';
import { ask } from './load-client.fixture.ts';
import { type ReplicaContainer, replicaPorts } from './replica.fixture.ts';

/** A container that was created, and no more. */
function halfMade(name: string, network: string): ContainerSpec {
  const nothing = { workingDirectory: null, user: null, hostname: null, cpus: null, memoryBytes: null, pids: null };
  return {
    ...{ name, image: edgeImage, entrypoint: ['sleep'], command: ['60'], env: {}, labels: {}, ...nothing },
    ...{ networks: [{ network, aliases: [] }], publish: [], mounts: [], restart: 'no', health: null },
    ...{ stopSignal: null, stopGraceMs: null, logBytesMax: 100_000 },
  };
}

describe.skipIf(engineProblem() !== null)('an edge', () => {
  let bench: EdgeBench;
  let a: ReplicaContainer;
  let b: ReplicaContainer;

  function tcpPool(state: 'ready' | 'drain'): EdgePool {
    const at = { port: replicaPorts.tcp, check: { kind: 'tcp', path: '/', port: replicaPorts.tcp } } as const;
    const servers = [server(a, state), server(b, state === 'ready' ? 'drain' : 'ready')];
    const pool = httpPool(servers.map((each) => ({ ...each, ...at })));
    return { ...pool, name: 'db', protocol: 'tcp', check: { ...pool.check, kind: 'tcp' } };
  }

  beforeAll(async () => {
    bench = new EdgeBench();
    await bench.begin();
    [a, b] = await Promise.all([bench.replica('a'), bench.replica('b')]);
  });

  afterAll(() => bench.dispose());

  it('is not driven by its neighbours: its command line answers inside its container only', async () => {
    const { containerId } = await bench.apply(bench.spec([httpPool([server(a)])]), allPass);
    const address = unwrap(await bench.engine.inspectContainer(containerId)).addresses[bench.prefix] ?? '';
    const asked = (host: string): string => `echo 'show proc' | nc -w 3 ${host} ${masterCli.port} 2>&1; echo "exit $?"`;
    expect(await bench.fromNeighbour(asked(address))).toMatch(/refused\s+exit 1/i);
    expect(await bench.fromNeighbour(asked('web'))).toMatch(/refused\s+exit 1/i);
    const inside = unwrap(await bench.engine.run(containerId, ['sh', '-c', asked(masterCli.address)]));
    expect(inside.output).toContain('worker');
    unwrap(await bench.edges.remove(bench.spec([]).name));
  });

  it('runs without privileges', async () => {
    const { containerId, name } = await bench.apply(bench.spec([httpPool([server(a)])]));
    const status = unwrap(await bench.engine.run(containerId, ['sh', '-c', 'id -u; grep Cap /proc/1/status']));
    expect(status.output).toMatch(/^99\n/);
    expect(status.output).toMatch(/CapEff:\s+0+\n/);
    expect(status.output).toMatch(/CapBnd:\s+0+\n/);
    unwrap(await bench.edges.remove(name));
  });

  it('gets a new container when it is to be published elsewhere, and other names', async () => {
    const other = await freePort();
    const spec = bench.spec([httpPool([server(a)])], { publish: publishAt(bench.port) });
    const first = await bench.apply(spec, allPass);
    // The same port of the host: only one of both can run at a time.
    const renamed = await bench.apply({ ...spec, aliases: ['web', 'www'] }, allPass);
    expect(renamed.containerId).not.toBe(first.containerId);
    expect(await bench.ask()).toMatchObject({ status: 200 });
    expect(await bench.fromNeighbour('wget -q -O - http://www/')).toBe(a.name);
    const moved = await bench.apply({ ...spec, publish: publishAt(other) }, allPass);
    expect(moved.ports).toEqual([{ containerPort: 80, address: '127.0.0.1', hostPort: other }]);
    expect(await ask({ port: other })).toMatchObject({ status: 200, replica: a.name });
    expect(await bench.ask()).toMatchObject({ failure: 'ECONNREFUSED' });
    const containers = unwrap(await bench.engine.listContainers({ [edgeLabel]: spec.name }));
    expect(containers.map(({ id, name }) => ({ id, name }))).toEqual([{ id: moved.containerId, name: spec.name }]);
    unwrap(await bench.edges.remove(spec.name));
  });

  it('serves on when its new container needs nothing that the old one has', async () => {
    const spec = bench.spec([httpPool([server(a)])]);
    const first = await bench.apply(spec, allPass);
    const loop = 'for i in $(seq 400); do wget -q -O - http://web/ || echo " failed"; echo; done';
    const asked = bench.fromNeighbour(loop);
    await bench.until(spec.name, ({ requests }) => requests > 20);
    const second = await bench.apply({ ...spec, aliases: ['web', 'www'] }, allPass);
    expect(second.containerId).not.toBe(first.containerId);
    const answers = (await asked).trim().split('\n');
    expect(answers).toHaveLength(400);
    expect(answers.filter((answer) => answer !== a.name)).toEqual([]);
    unwrap(await bench.edges.remove(spec.name));
  });

  it('goes on with what an app that was killed had begun', async () => {
    const spec = bench.spec([httpPool([server(a)])], { publish: publishAt(bench.port) });
    const { containerId } = await bench.apply(spec, allPass);
    const next = nextName(spec.name);
    // Before the new container got its name.
    unwrap(await bench.engine.renameContainer(containerId, next));
    const adopting = bench.openEdges();
    expect(unwrap(await adopting.apply(spec)).containerId).toBe(containerId);
    // Before it was started, without the files that it needs.
    unwrap(await bench.engine.renameContainer(containerId, next));
    const [facts] = unwrap(await bench.engine.listContainers({ [edgeLabel]: spec.name }));
    unwrap(await bench.engine.removeContainer(containerId));
    const half = { ...halfMade(spec.name, bench.prefix), labels: facts?.labels ?? {} };
    unwrap(await bench.engine.createContainer(half));
    const made = unwrap(await bench.openEdges().apply(spec));
    expect(await bench.ask()).toMatchObject({ status: 200 });
    // Stopped by a person.
    unwrap(await bench.engine.stopContainer(made.containerId, 0));
    expect(unwrap(await bench.openEdges().apply(spec)).containerId).toBe(made.containerId);
    await bench.until(spec.name, allPass);
    expect(await bench.ask()).toMatchObject({ status: 200 });
    unwrap(await bench.edges.remove(spec.name));
  });

  it('tells whose a taken port is, before anything that runs is touched', async () => {
    const taken = bench.spec([httpPool([server(a)])], {
      name: `${bench.prefix}-other`,
      publish: publishAt(bench.port),
    });
    await bench.apply(taken, allPass);
    const spec = bench.spec([httpPool([server(b)])]);
    const running = await bench.apply(spec, allPass);
    const refused = await bench.edges.apply({ ...spec, publish: publishAt(bench.port) });
    expect(refused).toMatchObject({ ok: false, error: { reason: 'port-taken' } });
    expect(!refused.ok && refused.error.message).toContain(
      `Port ${bench.port} is taken by the container ${taken.name}`,
    );
    expect(unwrap(await bench.edges.read(spec.name)).containerId).toBe(running.containerId);
    // Nor is there a trace of a first edge that could not be published.
    const newcomer = { ...spec, name: `${bench.prefix}-new`, publish: publishAt(bench.port) };
    expect(await bench.edges.apply(newcomer)).toMatchObject({ ok: false, error: { reason: 'port-taken' } });
    expect(await bench.edges.read(newcomer.name)).toMatchObject({ ok: false, error: { reason: 'no-such-container' } });
    for (const name of [taken.name, spec.name]) unwrap(await bench.edges.remove(name));
  });

  it('never takes over a container that is not an edge', async () => {
    const spec = bench.spec([httpPool([server(a)])], { name: b.name });
    for (const done of [
      await bench.edges.apply(spec),
      await bench.edges.read(b.name),
      await bench.edges.remove(b.name),
    ]) {
      expect(done).toMatchObject({ ok: false, error: { reason: 'name-taken' } });
    }
    expect(unwrap(await bench.engine.inspectContainer(b.id)).state).toBe('running');
  });

  it('leads raw connections: established ones stay, new ones go where traffic goes', async () => {
    const spec = (state: 'ready' | 'drain'): EdgeSpec =>
      bench.spec([tcpPool(state)], { publish: [{ containerPort: 5_432, address: '127.0.0.1', hostPort: bench.port }] });
    const sockets: Socket[] = [];
    const say = async (socket: Socket, line: string): Promise<string> => {
      socket.write(line);
      return String((await once(socket, 'data'))[0]).trim();
    };
    const open = async (): Promise<{ socket: Socket; greeting: string }> => {
      const socket = connect(bench.port, '127.0.0.1');
      sockets.push(socket);
      return { socket, greeting: String((await once(socket, 'data'))[0]).trim() };
    };
    const { name } = await bench.apply(spec('ready'), allPass);
    const long = await open();
    expect(long.greeting).toBe(a.name);
    const drained = await bench.apply(spec('drain'), allPass);
    expect(serverOf(drained, a)).toMatchObject({ state: 'drain', active: 1, latency: [] });
    expect((await open()).greeting).toBe(b.name);
    expect(await say(long.socket, 'still here\n')).toBe('still here');
    for (const socket of sockets) socket.destroy();
    const done = await bench.until(name, (facts) => serverOf(facts, a)?.active === 0);
    expect(serverOf(done, a)).toMatchObject({ requests: 1, receivedBytes: 11 });
  });
});
