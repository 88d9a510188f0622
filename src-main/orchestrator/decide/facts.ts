/** What the orchestrator's decisions are made from: stored nouns, and what was observed of the hosts. */
import type { Revision, Rollout, Service } from '#shared/model/service.ts';
import type { HostId, ImageDigest, ServiceId, ServiceName } from '#shared/model/service-ids.ts';
import type { Volume } from '#shared/model/service-resource.ts';

/** How a replica is, from whatever checks it: the edge (http, tcp), the engine (exec), or nothing but its running. */
export interface ReplicaHealth {
  /**
   * `starting`: it has not been healthy yet, and its checks still have time. `unhealthy`: it was
   * healthy, or what checks it has given up on it. `unknown`: nothing has checked it yet, or what
   * checks it does not answer.
   */
  readonly status: 'unknown' | 'starting' | 'healthy' | 'unhealthy';
  /** Since when it has this status. */
  readonly sinceMs: number;
  /** What the check said last: "L7STS 503", an exit code with its output. */
  readonly detail: string;
  /** Passed checks in a row. */
  readonly passes: number;
}

/** One container of a service, as observed. Everything but health and traffic survives the app in its labels. */
export interface Replica {
  readonly containerId: string;
  readonly name: string;
  readonly serviceId: ServiceId;
  readonly hostId: HostId;
  readonly revision: number;
  /** Hash of all that a container is made from: equal ones need no replacing. */
  readonly templateHash: string;
  /** 1–n for replicated services; for global ones always 1. */
  readonly slot: number;
  /** How many containers this slot has had with this template in a row that did not last, this one included. */
  readonly attempt: number;
  /** A container that crashed and that the engine is about to start again counts as ended. */
  readonly phase: 'created' | 'running' | 'ended';
  readonly createdAtMs: number;
  readonly startedAtMs: number | null;
  readonly endedAtMs: number | null;
  readonly exitCode: number | null;
  readonly wasOutOfMemory: boolean;
  /** Why it could not be started; empty if it could. */
  readonly error: string;
  /** How often the engine itself has started it again; it does so only once the replica was healthy. Each is a failure. */
  readonly restarts: number;
  readonly health: ReplicaHealth;
  /** How the edge treats it now; `none` while the edge does not have it. */
  readonly traffic: 'none' | 'ready' | 'drain';
  /** Requests or connections under way. */
  readonly active: number;
  /** Since when it takes nothing new; null while it does. */
  readonly drainingSinceMs: number | null;
  /** It was told to end, or is being removed: nothing can be given back to it. */
  readonly isStopping: boolean;
  /** Counters since it was added, for a canary's limits; null without an edge. */
  readonly counters: {
    readonly requests: number;
    readonly errors: number;
    readonly latency: readonly { readonly leMs: number; readonly count: number }[];
  } | null;
}

/** A host, as observed. What was known of one that is `down` is stale. */
export interface HostFacts {
  readonly id: HostId;
  readonly name: string;
  readonly architecture: string;
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly availability: 'active' | 'drain';
  readonly state: 'ready' | 'down';
  /** Why nothing can be run there, and what to do; null while it is ready. */
  readonly problem: string | null;
  /** Since when it does not answer. */
  readonly downSinceMs: number | null;
  /** When its engine was last started, or seen to be: nobody is to blame for what ended before. Null if that is not known. */
  readonly returnedAtMs: number | null;
  /** Images that are there. */
  readonly images: ReadonlySet<ImageDigest>;
  readonly diskFreeBytes: number | null;
  /** Host ports in use, with whose they are: a service's id for Gantry's own, else a container's or program's name. */
  readonly portsTaken: ReadonlyMap<number, string>;
}

/** A container that could not be made at all. The newest one of each slot is remembered while the app runs. */
export interface Refusal {
  readonly hostId: HostId;
  readonly revision: number;
  readonly slot: number;
  readonly attempt: number;
  /** What happened and what to do, for the person. */
  readonly message: string;
  readonly atMs: number;
}

/** An image that could not be had at the newest try. */
export interface ImageFailure {
  readonly hostId: HostId;
  readonly revision: number;
  readonly message: string;
  readonly atMs: number;
  /** Trying again would end the same: no such image, no access, another architecture, a build that fails. */
  readonly isFinal: boolean;
}

/** All facts about one service. */
export interface ServiceFacts {
  readonly service: Service;
  /** Those that may be needed: serving, target and previous ones, and all that replicas are of. */
  readonly revisions: ReadonlyMap<number, Revision>;
  /** The hash of a revision's containers, by number; missing while its digest is not known. */
  readonly templateHashes: ReadonlyMap<number, string>;
  /** The architecture of a revision's image, by number; missing while it is not known. */
  readonly architectures: ReadonlyMap<number, string>;
  /** The rollout under way. */
  readonly rollout: Rollout | null;
  /** The newest ended rollout that still keeps the replicas of before. */
  readonly keeping: Rollout | null;
  /** Newest stable revision other than the rollout's target, if any: where a failed rollout goes back to. */
  readonly stableRevision: number | null;
  readonly replicas: readonly Replica[];
  /** Since the present rollout began or was resumed; without a rollout, of the last ten minutes. Newest last. */
  readonly refusals: readonly Refusal[];
  readonly imageFailures: readonly ImageFailure[];
  /** What preflight says against the rollout's target, each a whole sentence; null while it is being looked at. */
  readonly preflightProblems: readonly string[] | null;
  readonly volumes: readonly Volume[];
  /** Where the services of its stack are that need each other; null without any host. */
  readonly home: HostId | null;
  /** Services that this one depends on, and whether they serve. Missing: no such service. */
  readonly dependencies: ReadonlyMap<ServiceName, boolean>;
  readonly nowMs: number;
}
