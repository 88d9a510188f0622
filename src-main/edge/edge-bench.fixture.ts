/** Edges on a real engine: a network of their own, replicas behind them, and everything removed at the end. */
import { execFileSync } from 'node:child_process';
import { createServer } from 'node:net';
import { openDockerEngine } from '../docker/open-docker-engine.ts';
import { systemClock } from '../platform/clock.ts';
import type { EdgeFacts, EdgePool, Edges, EdgeServer, EdgeServerFacts, EdgeSpec } from '../ports/edge.ts';
import type { ContainerEngine, EngineResult } from '../ports/engine.ts';
import type { Log } from '../ports/log.ts';
import { configFile, serverStateFile } from './edge-layout.ts';
import { renderConfig } from './haproxy-config.ts';
import { type Answer, ask, type AskOptions, type Load, type LoadOptions, startLoad } from './load-client.fixture.ts';
import { openEdges } from './open-edges.ts';
import { type ReplicaContainer, replicaPorts, startReplica } from './replica.fixture.ts';
import { keptServerState } from './server-state.ts';

/** Why there can be no test on an engine here; null if there can. In continuous integration there must be one. */
export function engineProblem(): string | null {
  try {
    execFileSync('docker', ['info'], { stdio: 'pipe', timeout: 10_000 });
    return null;
  } catch (error) {
    const problem = `no container engine answers: ${error instanceof Error ? error.message : String(error)}`;
    if (process.env['CI'] === 'true') throw new Error(problem, { cause: error });
    console.log(`Skipped: edges on a real engine. ${problem}`);
    return problem;
  }
}

const silent: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: (message, fields) => console.log(message, fields),
  error: (message, fields) => console.log(message, fields),
  child: () => silent,
};

let count = 0;

/** A bench; dispose it. */
export class EdgeBench {
  readonly engine: ContainerEngine;
  readonly edges: Edges;
  readonly prefix: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Of the host: where `webSpec` is published. Nobody listened there when the bench began. */
  port = 0;
  readonly #others: Edges[] = [];

  constructor() {
    count += 1;
    this.prefix = `gantry-edgetest-${process.pid}-${count}`;
    this.labels = { 'gantry.managed': 'true', 'gantry.instance': this.prefix };
    this.engine = openDockerEngine({ endpoint: null, instance: this.prefix, clock: systemClock, log: silent });
    this.edges = this.openEdges();
  }

  async begin(): Promise<void> {
    unwrap(await this.edges.prepare(() => undefined));
    unwrap(await this.engine.ensureNetwork(this.prefix, this.labels));
    this.port = await freePort();
  }

  /** As an app that was started anew would. */
  openEdges(): Edges {
    const edges = openEdges({ engine: this.engine, clock: systemClock, log: silent });
    this.#others.push(edges);
    return edges;
  }

  replica(name: string, startsAfterMs = 0): Promise<ReplicaContainer> {
    const { engine, labels, prefix: network } = this;
    return startReplica(engine, { name: `${network}-${name}`, network, labels, startsAfterMs });
  }

  spec(pools: readonly EdgePool[], changes: Partial<EdgeSpec> = {}): EdgeSpec {
    return {
      name: `${this.prefix}-edge`,
      network: this.prefix,
      aliases: ['web'],
      publish: [],
      labels: { ...this.labels, 'gantry.role': 'edge' },
      listeners: pools.map(({ name, protocol }) => ({
        kind: 'pool',
        port: protocol === 'http' ? 80 : 5_432,
        pool: name,
      })),
      pools,
      drainMs: 10_000,
      ...changes,
    };
  }

  /** An edge with one pool of http replicas, published at the bench's port. */
  webSpec(...servers: readonly EdgeServer[]): EdgeSpec {
    return this.spec([httpPool(servers)], { publish: publishAt(this.port) });
  }

  /** One request at the bench's port. */
  ask(options: Omit<AskOptions, 'port'> = {}): Promise<Answer> {
    return ask({ port: this.port, ...options });
  }

  /** Begins a load on the bench's port. */
  load(options: Omit<LoadOptions, 'port'>): Load {
    return startLoad({ port: this.port, ...options });
  }

  /** Applies, and waits until `isSo` of what is read: the edge itself decides when that is. */
  async apply(spec: EdgeSpec, isSo?: (facts: EdgeFacts) => boolean): Promise<EdgeFacts> {
    const applied = unwrap(await this.edges.apply(spec));
    return isSo === undefined ? applied : this.until(spec.name, isSo);
  }

  async until(name: string, isSo: (facts: EdgeFacts) => boolean): Promise<EdgeFacts> {
    for (;;) {
      const facts = unwrap(await this.edges.read(name));
      if (isSo(facts)) return facts;
      await pause(20);
    }
  }

  /** Waits until a restart would begin with this spec: it is written behind. */
  async untilKept(spec: EdgeSpec, containerId: string): Promise<void> {
    const wanted = renderConfig(spec, 'kept') + keptServerState(spec);
    while (unwrap(await this.engine.run(containerId, ['cat', configFile, serverStateFile])).output !== wanted) {
      await pause(100);
    }
  }

  /** Runs a command in a container that is neither a replica nor an edge, on the same network. */
  async fromNeighbour(command: string): Promise<string> {
    const neighbour = await this.replica(`neighbour-${Math.random().toString(36).slice(2, 8)}`);
    const run = unwrap(await this.engine.run(neighbour.id, ['sh', '-c', command]));
    unwrap(await this.engine.removeContainer(neighbour.id));
    return run.output;
  }

  async dispose(): Promise<void> {
    for (const edges of this.#others) edges.dispose();
    for (const { id } of unwrap(await this.engine.listContainers(this.labels))) {
      unwrap(await this.engine.removeContainer(id));
    }
    unwrap(await this.engine.removeNetwork(this.prefix));
    this.engine.dispose();
  }
}

/** A server of an http replica, checked at `/health`. */
export function server(replica: ReplicaContainer, state: EdgeServer['state'] = 'ready', weight = 100): EdgeServer {
  const { id, name, address } = replica;
  const { http: port } = replicaPorts;
  const check = { kind: 'http', path: '/health', port } as const;
  return { name, address, hostName: id.slice(0, 12), port, check, revision: 1, state, weight };
}

/** Port 80 of an edge at a port of the host. */
export function publishAt(hostPort: number): EdgeSpec['publish'] {
  return [{ containerPort: 80, address: '127.0.0.1', hostPort }];
}

/** A pool of http replicas. */
export function httpPool(servers: readonly EdgeServer[], changes: Partial<EdgePool> = {}): EdgePool {
  const check = { kind: 'http', intervalMs: 1_000, timeoutMs: 500, failuresMax: 2 } as const;
  return { name: 'port-80', protocol: 'http', check, servers, ...changes };
}

export function serverOf(facts: EdgeFacts, replica: ReplicaContainer): EdgeServerFacts | undefined {
  return facts.servers.find(({ server: name }) => name === replica.name);
}

/** Whether every server passes its checks. */
export function allPass({ servers }: EdgeFacts): boolean {
  return servers.every(({ check }) => check.passes);
}

/** The value, or a test that fails with the engine's words. */
export function unwrap<T>(result: EngineResult<T>): T {
  if (!result.ok) throw new Error(`${result.error.message} (${result.error.reason}: ${result.error.detail})`);
  return result.value;
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

/** A port that nobody listens on just now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const listener = createServer();
    listener.once('error', reject);
    listener.listen(0, '127.0.0.1', () => {
      const address = listener.address();
      listener.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
