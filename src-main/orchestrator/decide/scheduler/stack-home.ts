/**
 * Which host a stack is on. The network of a stack is the engine's own and ends at its host: an edge
 * reaches the replicas that are beside it, and services reach each other by name there alone. So all
 * services that are reached, or say that they need others, are on one host.
 */
import { type HostId, localHost, type VolumeName } from '#shared/model/service-ids.ts';
import type { ServiceSpec } from '#shared/model/service-spec.ts';
import type { HostFacts } from '../facts.ts';
import { hasLost } from '../lost-host.ts';
import { satisfies } from './filters.ts';

/** What of a spec decides about its place. */
type Placed = Pick<ServiceSpec, 'ports' | 'dependsOn' | 'constraints' | 'mounts'>;

/** A service that has to be beside the others of its stack. */
export interface StackMember {
  readonly spec: Placed;
  /** Its replicas that run or are about to, by host. */
  readonly replicas: ReadonlyMap<HostId, number>;
}

/** What a stack's home is chosen by. */
export interface StackFacts {
  readonly hosts: readonly HostFacts[];
  readonly members: readonly StackMember[];
  /** Where data is that cannot move. */
  readonly volumes: ReadonlyMap<VolumeName, HostId>;
  /** Replicas of all stacks on a host. */
  readonly loadOf: (hostId: HostId) => number;
  readonly nowMs: number;
}

/** Whether a service has to be beside the others of its stack: it is reached by requests, or waits for others. */
export function needsStack({ ports, dependsOn }: Pick<ServiceSpec, 'ports' | 'dependsOn'>): boolean {
  return ports.length > 0 || dependsOn.length > 0;
}

/**
 * The host of a stack: where most of it is, so that nothing moves without need; not one that is drained
 * or lost while there are others. A stack that is nowhere goes where most of its services may run; when
 * it publishes ports, to this machine, whose addresses people are shown; else to the host with the
 * least to do. Null without any host.
 */
export function stackHome(facts: StackFacts): HostId | null {
  const open = facts.hosts.filter((host) => host.availability === 'active' && !hasLost(host, facts.nowMs));
  let best: { readonly id: HostId; readonly rank: readonly number[] } | null = null;
  for (const host of open.length > 0 ? open : facts.hosts) {
    const rank = rankOf(host, facts);
    if (best === null || isHigher(rank, best.rank)) best = { id: host.id, rank };
  }
  return best?.id ?? null;
}

/** What speaks for a host, the weightiest first. */
function rankOf(host: HostFacts, { members, volumes, loadOf }: StackFacts): number[] {
  const isPublished = members.some(({ spec }) => spec.ports.some(({ publish }) => publish !== null));
  return [
    members.reduce((sum, { replicas }) => sum + (replicas.get(host.id) ?? 0), 0),
    members.filter(({ spec }) => mayRun(host, spec, volumes)).length,
    host.state === 'ready' ? 1 : 0,
    isPublished && host.id === localHost ? 1 : 0,
    -loadOf(host.id) / Math.max(1, host.cpus),
  ];
}

function mayRun(host: HostFacts, { constraints, mounts }: Placed, volumes: StackFacts['volumes']): boolean {
  return (
    constraints.every((constraint) => satisfies(host, constraint)) &&
    mounts.every((mount) => mount.kind !== 'volume' || (volumes.get(mount.volume) ?? host.id) === host.id)
  );
}

function isHigher(a: readonly number[], b: readonly number[]): boolean {
  for (const [at, value] of a.entries()) {
    const other = b[at] ?? 0;
    if (value !== other) return value > other;
  }
  return false;
}
