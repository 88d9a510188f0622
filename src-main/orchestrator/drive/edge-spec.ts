/** What the edge of one service is to be: pure, from its spec and the shares of traffic. */
import type { Service } from '#shared/model/service.ts';
import type { ServicePort, ServiceSpec } from '#shared/model/service-spec.ts';
import { type EdgeFacts, edgePrivatePort, type EdgePool, type EdgeServer, type EdgeSpec } from '../../ports/edge.ts';
import { containerLabels, networkName } from '../../ports/service-labels.ts';
import type { Replica } from '../decide/facts.ts';
import type { TrafficShare } from '../decide/service-plan.ts';

/** A replica with the address at which the edge reaches it. */
export interface AddressedReplica {
  readonly replica: Replica;
  readonly address: string;
  /** What it was made by, which says where it listens and how it is checked; null when that is forgotten. */
  readonly spec: ServiceSpec | null;
}

/** The name of a service's edge, which is also its container's. */
export function edgeName(instance: string, service: Service): string {
  return `${networkName(instance, service.projectId, service.stack)}-${service.name}-edge`;
}

/** The name of a stack's ingress, which is also its container's. */
export function ingressName(instance: string, { projectId, stack }: Pick<Service, 'projectId' | 'stack'>): string {
  return `${networkName(instance, projectId, stack)}-ingress`;
}

/** The name of a port's pool. */
export function poolName(containerPort: number): string {
  return `port-${containerPort}`;
}

/** The server that a replica is in a pool: stable for the container's life. */
export function serverName(replica: Pick<Replica, 'containerId'>): string {
  return `c-${replica.containerId.slice(0, 12)}`;
}

/** The host port that a service's port is published at; null while it has none. */
export function hostPortOf(
  service: Pick<Service, 'publishedPorts'>,
  port: ServiceSpec['ports'][number],
): number | null {
  if (port.publish === null) return null;
  return (
    port.publish.port ??
    service.publishedPorts.find((published) => published.containerPort === port.containerPort)?.hostPort ??
    null
  );
}

/**
 * The pools of a service: one for each port of the spec, with every replica that has a share. One of
 * another revision is reached where it listens, and checked by the probe that it was made with.
 */
export function poolsOf(
  spec: ServiceSpec,
  replicas: readonly AddressedReplica[],
  shares: readonly TrafficShare[],
  prefix = '',
): EdgePool[] {
  const byContainer = new Map(replicas.map((each) => [each.replica.containerId, each]));
  const pairs = new Map<ServiceSpec, ReadonlyMap<number, number>>();
  return spec.ports.map(({ containerPort, protocol }): EdgePool => {
    const servers = shares.flatMap(({ containerId, state, weight }): EdgeServer[] => {
      const found = byContainer.get(containerId);
      if (found === undefined) return [];
      const { replica, address } = found;
      const own = found.spec ?? spec;
      const ownPairs = pairs.get(own) ?? pairPorts(own, spec);
      pairs.set(own, ownPairs);
      const port = ownPairs.get(containerPort);
      if (port === undefined) return [];
      // Networks of the engine know each container by the beginning of its id.
      const hostName = replica.containerId.slice(0, 12);
      const { revision } = replica;
      return [
        { name: serverName(replica), address, hostName, port, check: checkOf(own, port), revision, state, weight },
      ];
    });
    const check = {
      kind: checkOf(spec, containerPort).kind,
      intervalMs: spec.health?.intervalMs ?? 2_000,
      timeoutMs: spec.health?.timeoutMs ?? 2_000,
      failuresMax: spec.health?.retries ?? 3,
    };
    return { name: `${prefix}${poolName(containerPort)}`, protocol, check, servers };
  });
}

/** What the edge checks behind one port: the probe, if it is the edge's to make, else whether something listens there. */
function checkOf({ health }: ServiceSpec, port: number): EdgeServer['check'] {
  const probe = health?.probe ?? null;
  if (probe === null || probe.kind === 'exec') return { kind: 'tcp', path: '/', port };
  return { kind: probe.kind, path: probe.kind === 'http' ? probe.path : '/', port: probe.port };
}

/**
 * Which port of a replica made by `own` answers for each port of `shown`: the same number, else what
 * was published at the same port of the host, else what is left, in order. Ports that have no
 * counterpart are not in it: such a replica does not answer there.
 */
function pairPorts(own: ServiceSpec, shown: ServiceSpec): ReadonlyMap<number, number> {
  const pairs = new Map<number, number>();
  const used = new Set<number>();
  const rules: readonly ((port: ServicePort, other: ServicePort) => boolean)[] = [
    (port, other) => port.containerPort === other.containerPort,
    (port, other) => port.publish?.port != null && port.publish.port === other.publish?.port,
    () => true,
  ];
  for (const isPair of rules) {
    for (const port of shown.ports) {
      if (pairs.has(port.containerPort)) continue;
      const found = own.ports.find((other) => !used.has(other.containerPort) && isPair(port, other));
      if (found === undefined) continue;
      pairs.set(port.containerPort, found.containerPort);
      used.add(found.containerPort);
    }
  }
  return pairs;
}

/**
 * The edge of a service. Null for one without ports. For a port of the host it listens at the same
 * number inside, where that is free: then a revision that listens elsewhere changes nothing of where
 * the edge is published, which only a new container could have.
 */
export function edgeSpecOf(
  instance: string,
  service: Service,
  spec: ServiceSpec,
  replicas: readonly AddressedReplica[],
  shares: readonly TrafficShare[],
): EdgeSpec | null {
  if (spec.ports.length === 0) return null;
  const listeners = new Map(spec.ports.map(({ containerPort }) => [containerPort, poolName(containerPort)]));
  const publish = spec.ports.flatMap((port) => {
    const hostPort = hostPortOf(service, port);
    if (port.publish === null || hostPort === null) return [];
    const pool = poolName(port.containerPort);
    const isFree = hostPort !== edgePrivatePort && (listeners.get(hostPort) ?? pool) === pool;
    const containerPort = isFree ? hostPort : port.containerPort;
    listeners.set(containerPort, pool);
    return [{ containerPort, address: port.publish.address, hostPort }];
  });
  return {
    name: edgeName(instance, service),
    network: networkName(instance, service.projectId, service.stack),
    aliases: [service.name],
    publish,
    labels: containerLabels(instance, service.projectId, service.stack, service.id, 'edge'),
    listeners: [...listeners].map(([port, pool]) => ({ kind: 'pool', port, pool })),
    pools: poolsOf(spec, replicas, shares),
    drainMs: spec.update.drainMs,
  };
}

/** Whether an edge's servers are what they should be. */
export function isAsPlanned(edge: EdgeFacts, spec: EdgeSpec): boolean {
  const actual = new Map(edge.servers.map((server) => [`${server.pool} ${server.server}`, server]));
  const wanted = spec.pools.flatMap((pool) =>
    pool.servers.map((server) => [`${pool.name} ${server.name}`, server] as const),
  );
  return (
    wanted.length === actual.size &&
    wanted.every(([key, server]) => {
      const known = actual.get(key);
      if (known === undefined || known.weight !== server.weight || known.address !== server.address) return false;
      return (server.state === 'drain') === (known.state === 'drain');
    })
  );
}
