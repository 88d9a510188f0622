/**
 * The data path as the orchestrator drives it. An edge is one load balancer in a managed
 * container: each service with ports has its own (its stable address and name), and each stack
 * with routes has an ingress. It goes on serving when the app is gone: it checks its servers
 * itself and keeps its newest configuration for its own restart.
 */
import type { Disposable } from '#shared/base/disposable.ts';
import type { Event } from '#shared/base/emitter.ts';
import type { EngineResult } from './engine.ts';

/** No listener can be here: it is the edge's own. */
export const edgePrivatePort = 65_535;

/** One replica behind a pool. */
export interface EdgeServer {
  /** Unique within the pool and stable for the replica's life: letters, digits, dot, dash, underscore. */
  readonly name: string;
  readonly address: string;
  /**
   * By which the network's name service knows it, for as long as its container is the same. Addresses
   * change with each start of a container: while nobody drives the edge, it follows the name.
   */
  readonly hostName?: string;
  /** Where it listens. */
  readonly port: number;
  /**
   * How it is checked, for all its life: another check is another server. One whose kind is not the
   * pool's cannot be checked beside the others: it keeps the state that it has, and a new one is trusted.
   */
  readonly check: {
    readonly kind: 'http' | 'tcp';
    /** For `http`. */
    readonly path: string;
    /** May be another port of the replica. */
    readonly port: number;
  };
  /** Which revision it is of, for counters. */
  readonly revision: number;
  /**
   * `ready` takes traffic by its weight while its checks pass; `drain` finishes what it has and
   * takes nothing new, and its checks go on.
   */
  readonly state: 'ready' | 'drain';
  /** 0–256; relative to the others that are ready. */
  readonly weight: number;
}

/** The replicas that answer for one port of one service. */
export interface EdgePool {
  /** Unique within the edge. */
  readonly name: string;
  readonly protocol: 'http' | 'tcp';
  readonly check: {
    readonly kind: 'http' | 'tcp';
    readonly intervalMs: number;
    readonly timeoutMs: number;
    readonly failuresMax: number;
  };
  readonly servers: readonly EdgeServer[];
}

/** Where an edge listens inside its container, and where that leads. */
export type EdgeListener =
  /** One port of a service. */
  | { readonly kind: 'pool'; readonly port: number; readonly pool: string }
  /** HTTP by host and path, longest path first; with `certificates`, TLS. */
  | {
      readonly kind: 'routes';
      readonly port: number;
      readonly routes: readonly { readonly host: string | null; readonly path: string; readonly pool: string }[];
      /** PEM bundles (chain and key) by name; empty for plain HTTP. */
      readonly certificates: readonly {
        readonly name: string;
        readonly pem: string;
        readonly hosts: readonly string[];
      }[];
      /** Hosts whose plain requests are sent to HTTPS. */
      readonly redirectToTls: readonly string[];
    };

/** All that one edge is to be. What can be changed without a restart is changed so. */
export interface EdgeSpec {
  /** Also the container's name. */
  readonly name: string;
  readonly network: string;
  /** Names by which others on the network reach it. Changing these, or `publish`, makes a new container. */
  readonly aliases: readonly string[];
  readonly publish: readonly { readonly containerPort: number; readonly address: string; readonly hostPort: number }[];
  readonly labels: Readonly<Record<string, string>>;
  readonly listeners: readonly EdgeListener[];
  readonly pools: readonly EdgePool[];
  readonly drainMs: number;
}

/** What an edge knows of a server: from its own checks and counters. Counters only grow while it lives. */
export interface EdgeServerFacts {
  readonly pool: string;
  readonly server: string;
  /** Where the edge reaches it now; empty while its name is not known on the network. */
  readonly address: string;
  readonly state: 'ready' | 'drain' | 'down';
  readonly weight: number;
  /** The outcome of its last checks. */
  readonly check: {
    readonly passes: boolean;
    /** Checked at least once since it was added. */
    readonly hasResult: boolean;
    /** "L7STS 503", "L4CON refused": as the balancer says it, with what it means. */
    readonly detail: string;
    readonly durationMs: number | null;
    readonly passesInARow: number;
  };
  /** Requests (http) or connections (tcp) under way. */
  readonly active: number;
  readonly requests: number;
  readonly errors5xx: number;
  /** Connections or responses that failed on the server's side. */
  readonly failed: number;
  readonly retried: number;
  readonly receivedBytes: number;
  readonly sentBytes: number;
  /** Over the last 1,024 requests: mean times. Null without any. */
  readonly responseMs: number | null;
  readonly totalMs: number | null;
  /** Cumulative counts of answers that took at most `leMs`, ascending; the last bound is Infinity. Empty for tcp. */
  readonly latency: readonly { readonly leMs: number; readonly count: number }[];
}

/** One edge as it was last heard. */
export interface EdgeFacts {
  readonly name: string;
  readonly atMs: number;
  readonly containerId: string;
  readonly ports: readonly { readonly containerPort: number; readonly address: string; readonly hostPort: number }[];
  readonly servers: readonly EdgeServerFacts[];
  readonly requests: number;
  readonly connections: number;
}

/** Disposing lets go of the edges; they go on serving. */
export interface Edges extends Disposable {
  /**
   * Brings an edge to its spec: makes or adopts its container, adds and removes servers, sets states
   * and weights in one go, reloads without losing a connection where that is needed, and keeps the
   * configuration for a restart. Idempotent; resolves when the edge answers that it is so.
   */
  apply(spec: EdgeSpec): Promise<EngineResult<EdgeFacts>>;
  /** Asks an edge for its servers and counters. */
  read(name: string): Promise<EngineResult<EdgeFacts>>;
  /** Ends and removes it. Gone already is accepted. */
  remove(name: string): Promise<EngineResult<null>>;
  /** Names of the edges that run on the host for this project and stack. */
  list(labels: Readonly<Record<string, string>>): Promise<EngineResult<string[]>>;
  /** The image that edges are made of is there, or how it came there; may pull or build it. */
  prepare(onProgress: (line: string) => void): Promise<EngineResult<{ image: string }>>;
  /** A server's check changed its mind, or an edge went away: names the edge. */
  readonly onDidChange: Event<string>;
}
