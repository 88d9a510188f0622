/** From what an engine and an edge tell to the replicas that decisions are made from. */
import type { HostId, ServiceId } from '#shared/model/service-ids.ts';
import type { ServiceSpec } from '#shared/model/service-spec.ts';
import type { EdgeServerFacts } from '../../ports/edge.ts';
import type { ContainerFacts } from '../../ports/engine.ts';
import { serviceLabel } from '../../ports/service-labels.ts';
import type { Replica, ReplicaHealth } from '../decide/facts.ts';

/** What has to be remembered between two looks; begun afresh by a new program without harm. */
export interface ReplicaMemory {
  health: ReplicaHealth;
  traffic: Replica['traffic'];
  active: number;
  drainingSinceMs: number | null;
}

/** What is known of one container. */
export interface ReplicaSources {
  readonly container: ContainerFacts;
  readonly hostId: HostId;
  /** The spec of its revision; null when that is not stored any more. */
  readonly spec: ServiceSpec | null;
  /** Its server in each pool of the service's edge; empty without an edge or while it is not there. */
  readonly servers: readonly EdgeServerFacts[];
  /** The same in the ingress of its stack; empty for a service without routes. */
  readonly ingress: readonly EdgeServerFacts[];
  readonly memory: ReplicaMemory | null;
  /** There may be an edge, and it does not answer: it goes on as it was told last. */
  readonly isEdgeSilent: boolean;
  /** What it was told, as far as that can be assumed, where nothing is remembered. */
  readonly assumedTraffic: Replica['traffic'];
  /** Its stop or removal is under way. */
  readonly isStopping: boolean;
  readonly nowMs: number;
}

/** The replica that a container is. Null for a container that is none. */
export function replicaOf(sources: ReplicaSources): { replica: Replica; memory: ReplicaMemory } | null {
  const { container, hostId, servers } = sources;
  const { labels } = container;
  if (labels[serviceLabel.role] !== 'replica') return null;
  const revision = Number(labels[serviceLabel.revision]);
  const slot = Number(labels[serviceLabel.slot]);
  const attempt = Number(labels[serviceLabel.attempt]);
  if (!Number.isInteger(revision) || !Number.isInteger(slot) || !Number.isInteger(attempt)) return null;
  const traffic = sources.isEdgeSilent ? (sources.memory?.traffic ?? sources.assumedTraffic) : trafficOf(servers);
  const active = activeOf(sources);
  const counted = [...servers, ...sources.ingress];
  const health = healthOf(sources);
  const drainingSinceMs = traffic === 'drain' ? (sources.memory?.drainingSinceMs ?? null) : null;
  const replica: Replica = {
    containerId: container.id,
    name: container.name,
    serviceId: labels[serviceLabel.service] as ServiceId,
    hostId,
    revision,
    templateHash: labels[serviceLabel.template] ?? '',
    slot,
    attempt,
    phase: phaseOf(container),
    restarts: container.restarts,
    createdAtMs: container.createdAtMs,
    startedAtMs: container.startedAtMs,
    endedAtMs: container.finishedAtMs,
    exitCode: container.exitCode,
    wasOutOfMemory: container.wasOutOfMemory,
    error: container.error,
    health,
    traffic,
    active,
    drainingSinceMs,
    isStopping: sources.isStopping,
    counters:
      servers.length === 0
        ? null
        : {
            requests: counted.reduce((sum, server) => sum + server.requests, 0),
            errors: counted.reduce((sum, server) => sum + server.errors5xx + server.failed, 0),
            latency: mergedLatency(counted),
          },
  };
  return { replica, memory: { health, traffic, active, drainingSinceMs } };
}

/** One that may have been given requests since it was last heard of is taken to have some. */
function activeOf({ servers, ingress, isEdgeSilent, memory }: ReplicaSources): number {
  if (!isEdgeSilent) {
    const isDraining = trafficOf(servers) === 'drain';
    // An ingress that has not heard yet that it drains may send it a request at any moment.
    const sends = isDraining ? ingress.filter((server) => server.state === 'ready' && server.weight > 0).length : 0;
    return [...servers, ...ingress].reduce((sum, server) => sum + server.active, sends);
  }
  return memory === null || memory.traffic === 'ready' ? 1 : memory.active;
}

function phaseOf({ state }: ContainerFacts): Replica['phase'] {
  if (state === 'created') return 'created';
  return state === 'running' || state === 'paused' ? 'running' : 'ended';
}

function trafficOf(servers: readonly EdgeServerFacts[]): Replica['traffic'] {
  if (servers.length === 0) return 'none';
  // One that fails its checks still is given requests by those who decide, as soon as it passes them.
  return servers.some((server) => server.state !== 'drain' && server.weight > 0) ? 'ready' : 'drain';
}

/** The worse of what the engine's check and the edge's say; a replica that does not run has no health. */
function healthOf({ container, spec, servers, memory, isEdgeSilent, nowMs }: ReplicaSources): ReplicaHealth {
  const judged = judge();
  const before = memory?.health;
  const sinceMs = before?.status === judged.status ? before.sinceMs : nowMs;
  return { ...judged, sinceMs };

  function judge(): Omit<ReplicaHealth, 'sinceMs'> {
    if (container.state !== 'running') return { status: 'unknown', detail: '', passes: 0 };
    const probe = spec?.health?.probe ?? null;
    const startPeriodMs = spec?.health?.startPeriodMs ?? 0;
    const isNew = nowMs - (container.startedAtMs ?? nowMs) < startPeriodMs;
    if (probe?.kind === 'exec') {
      const { health } = container;
      if (health === null) return { status: 'unknown', detail: 'The engine does not check it.', passes: 0 };
      const detail = health.last === null ? '' : `exit code ${health.last.exitCode}: ${health.last.output.trim()}`;
      if (health.status !== 'healthy') {
        const status = health.status === 'unhealthy' && !isNew ? 'unhealthy' : 'starting';
        return { status, detail, passes: 0 };
      }
    }
    if ((spec?.ports.length ?? 0) === 0) return { status: 'healthy', detail: 'runs', passes: 1 };
    if (isEdgeSilent) return { status: 'unknown', detail: 'Its edge does not answer.', passes: 0 };
    if (servers.length === 0) return { status: 'starting', detail: 'is not behind its edge yet', passes: 0 };
    const failing = servers.find((server) => !server.check.passes);
    if (failing === undefined) {
      const passes = Math.min(...servers.map((server) => server.check.passesInARow));
      return { status: 'healthy', detail: servers[0]?.check.detail ?? '', passes };
    }
    // One that has never passed is still starting; the health deadline ends that.
    const wasHealthy = memory?.health.status === 'healthy' || memory?.health.status === 'unhealthy';
    const status = failing.check.hasResult && wasHealthy && !isNew ? 'unhealthy' : 'starting';
    return { status, detail: failing.check.detail, passes: 0 };
  }
}

function mergedLatency(servers: readonly EdgeServerFacts[]): { leMs: number; count: number }[] {
  const counts = new Map<number, number>();
  for (const { latency } of servers) {
    for (const { leMs, count } of latency) counts.set(leMs, (counts.get(leMs) ?? 0) + count);
  }
  return [...counts].map(([leMs, count]) => ({ leMs, count })).toSorted((a, b) => a.leMs - b.leMs);
}
