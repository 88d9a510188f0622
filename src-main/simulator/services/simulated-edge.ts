/** A load balancer that is not there: it checks its servers and spreads requests over those that pass. */
import type { EdgeFacts, EdgeServer, EdgeServerFacts, EdgeSpec } from '../../ports/edge.ts';
import type { EventQueue } from '../event-queue.ts';
import type { SeededRandom } from '../seeded-random.ts';
import { worldNowMs } from './app-life.ts';
import type { SimulatedContainer, SimulatedEngine } from './simulated-engine.ts';

/** Answers that took at most this long, for the histogram. */
const bucketsMs = [10, 50, 250, 1_000, Number.POSITIVE_INFINITY];

/** A request on its way. */
export interface SimulatedRequest {
  readonly server: SimulatedServer;
  readonly container: SimulatedContainer;
  readonly startedAtMs: number;
}

/** A server of the pool. */
export interface SimulatedServer {
  readonly name: string;
  readonly hostName: string;
  address: string;
  state: EdgeServer['state'];
  weight: number;
  drainingSinceMs: number | null;
  passes: boolean;
  passingSinceMs: number;
  /** When it last passed a check, or was still believed to. */
  passedAtMs: number;
  hasResult: boolean;
  passesInARow: number;
  failuresInARow: number;
  readonly requests: Set<SimulatedRequest>;
  served: number;
  failed: number;
  readonly latency: number[];
}

/** What an edge is in. */
export interface EdgeWorld {
  readonly engine: SimulatedEngine;
  /** Its own, by which it comes and goes. */
  readonly container: SimulatedContainer;
  readonly queue: EventQueue;
  readonly random: SeededRandom;
  readonly onFlip: (edge: SimulatedEdge) => void;
}

/**
 * The edge of one service: a container that reaches those beside it on its engine. Outlives every
 * run of the app, and keeps what it was told last.
 */
export class SimulatedEdge {
  readonly servers = new Map<string, SimulatedServer>();
  readonly engine: SimulatedEngine;
  readonly container: SimulatedContainer;
  spec: EdgeSpec;
  /** It serves, and nobody can ask or tell it anything. */
  isDeaf = false;
  readonly #queue: EventQueue;
  readonly #random: SeededRandom;
  readonly #onFlip: (edge: SimulatedEdge) => void;
  #requests = 0;

  constructor(spec: EdgeSpec, { engine, container, queue, random, onFlip }: EdgeWorld) {
    this.spec = spec;
    this.engine = engine;
    this.container = container;
    this.#queue = queue;
    this.#random = random;
    this.#onFlip = onFlip;
    this.apply(spec);
    this.#check();
  }

  get nowMs(): number {
    return worldNowMs(this.#queue);
  }

  /** Whether it serves. */
  get isRunning(): boolean {
    return this.container.state === 'running';
  }

  /** Whether it can be asked and told things. */
  get isReachable(): boolean {
    return this.isRunning && this.engine.isUp && !this.isDeaf;
  }

  /** Takes a newer spec: those that become ready do so before others drain, which here is one moment. */
  apply(spec: EdgeSpec): void {
    this.spec = spec;
    const wanted = new Map((spec.pools[0]?.servers ?? []).map((server) => [server.name, server]));
    for (const name of this.servers.keys()) if (!wanted.has(name)) this.servers.delete(name);
    for (const server of wanted.values()) {
      const { name, address, state, weight } = server;
      const known = this.servers.get(name);
      if (known === undefined) {
        this.servers.set(name, newServer(server, this.nowMs));
        continue;
      }
      known.address = address;
      if (state === 'ready') known.drainingSinceMs = null;
      else known.drainingSinceMs ??= this.nowMs;
      known.state = state;
      known.weight = weight;
    }
  }

  /** It was started again: its configuration is kept, and no server is known to work. */
  onStarted(): void {
    for (const server of this.servers.values()) {
      server.passes = false;
      server.hasResult = false;
      server.passesInARow = 0;
      server.requests.clear();
    }
  }

  /** Found by name, as a container's address changes with each start. */
  containerOf({ hostName }: SimulatedServer): SimulatedContainer | null {
    return this.engine.byName(hostName);
  }

  /** Servers that requests go to. */
  takers(): SimulatedServer[] {
    return [...this.servers.values()].filter(({ state, weight, passes }) => state === 'ready' && weight > 0 && passes);
  }

  /**
   * Sends a request to a server by weight; to another one if nobody answers at its address, once
   * for each. Null when none takes it.
   */
  send(): SimulatedRequest | null {
    const takers = this.takers();
    this.#requests += 1;
    while (takers.length > 0) {
      const server = this.#pick(takers);
      const container = this.containerOf(server);
      if (container !== null && container.state === 'running' && !container.isSick) {
        const request = { server, container, startedAtMs: this.nowMs };
        server.requests.add(request);
        return request;
      }
      takers.splice(takers.indexOf(server), 1);
    }
    return null;
  }

  /** A request has its answer, or never will. */
  finish(request: SimulatedRequest, isAnswered: boolean): void {
    const { server, startedAtMs } = request;
    server.requests.delete(request);
    server.served += 1;
    if (!isAnswered) server.failed += 1;
    const tookMs = this.nowMs - startedAtMs;
    bucketsMs.forEach((leMs, at) => {
      if (tookMs <= leMs) server.latency[at] = (server.latency[at] ?? 0) + 1;
    });
  }

  facts(): EdgeFacts {
    return {
      name: this.spec.name,
      atMs: this.nowMs,
      containerId: this.container.id,
      ports: [],
      servers: this.spec.pools.flatMap(({ name: pool }) =>
        [...this.servers.values()].map((server): EdgeServerFacts => {
          const { state, weight, passes, hasResult, passesInARow } = server;
          return {
            pool,
            server: server.name,
            address: server.address,
            state: state === 'drain' ? 'drain' : passes ? 'ready' : 'down',
            weight,
            check: { passes, hasResult, detail: passes ? 'L7OK 200' : 'L4CON refused', durationMs: 1, passesInARow },
            active: server.requests.size,
            requests: server.served,
            errors5xx: 0,
            failed: server.failed,
            retried: 0,
            receivedBytes: 0,
            sentBytes: 0,
            responseMs: null,
            totalMs: null,
            latency: bucketsMs.map((leMs, at) => ({ leMs, count: server.latency[at] ?? 0 })),
          };
        }),
      ),
      requests: this.#requests,
      connections: this.#requests,
    };
  }

  #pick(takers: readonly SimulatedServer[]): SimulatedServer {
    let at = this.#random.below(takers.reduce((sum, { weight }) => sum + weight, 0));
    for (const server of takers) {
      if (at < server.weight) return server;
      at -= server.weight;
    }
    return this.#random.pick(takers);
  }

  #check(): void {
    const check = this.spec.pools[0]?.check;
    this.#queue.after((check?.intervalMs ?? 1_000) * 1_000, () => {
      if (!this.engine.containers.has(this.container.id)) return;
      if (this.isRunning)
        for (const server of this.servers.values()) this.#checkServer(server, check?.failuresMax ?? 3);
      this.#check();
    });
  }

  #checkServer(server: SimulatedServer, failuresMax: number): void {
    const container = this.containerOf(server);
    const isWell = container !== null && this.engine.isAnswering(container);
    const before = server.passes;
    server.hasResult = true;
    server.passesInARow = isWell ? server.passesInARow + 1 : 0;
    server.failuresInARow = isWell ? 0 : server.failuresInARow + 1;
    if (isWell && !before) server.passingSinceMs = this.nowMs;
    if (isWell) server.passes = true;
    else if (server.failuresInARow >= failuresMax) server.passes = false;
    if (server.passes) server.passedAtMs = this.nowMs;
    if (server.passes !== before) this.#onFlip(this);
  }
}

function newServer({ name, hostName = '', address, state, weight }: EdgeServer, nowMs: number): SimulatedServer {
  return {
    name,
    hostName,
    address,
    state,
    weight,
    drainingSinceMs: state === 'drain' ? nowMs : null,
    passes: false,
    passingSinceMs: Number.POSITIVE_INFINITY,
    passedAtMs: Number.NEGATIVE_INFINITY,
    hasResult: false,
    passesInARow: 0,
    failuresInARow: 0,
    requests: new Set(),
    served: 0,
    failed: 0,
    latency: [],
  };
}
