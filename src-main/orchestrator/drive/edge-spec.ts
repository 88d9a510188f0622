/** What the edge of one service is to be: pure, from its spec and the shares of traffic. */
import type { Service } from '#shared/model/service.ts';
import type { ServiceSpec } from '#shared/model/service-spec.ts';
import type { EdgePool, EdgeServer, EdgeSpec } from '../../ports/edge.ts';
import { containerLabels, networkName } from '../../ports/service-labels.ts';
import type { Replica } from '../decide/facts.ts';
import type { TrafficShare } from '../decide/service-plan.ts';

/** A replica with the address at which the edge reaches it. */
export interface AddressedReplica {
  readonly replica: Replica;
  readonly address: string;
}

/** The name of a service's edge, which is also its container's. */
export function edgeName(instance: string, service: Service): string {
  return `${networkName(instance, service.projectId, service.stack)}-${service.name}-edge`;
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

/** The pools of a service: every replica with a share, checked as the spec's probe says. */
export function poolsOf(
  spec: ServiceSpec,
  replicas: readonly AddressedReplica[],
  shares: readonly TrafficShare[],
  prefix = '',
): EdgePool[] {
  const byContainer = new Map(replicas.map((each) => [each.replica.containerId, each]));
  const servers = shares.flatMap((share): EdgeServer[] => {
    const found = byContainer.get(share.containerId);
    if (found === undefined) return [];
    const { replica, address } = found;
    const { state, weight } = share;
    // Networks of the engine know each container by the beginning of its id.
    const hostName = replica.containerId.slice(0, 12);
    return [{ name: serverName(replica), address, hostName, revision: replica.revision, state, weight }];
  });
  const probe = spec.health?.probe ?? null;
  return spec.ports.map((port) => {
    const isChecked = probe !== null && probe.kind !== 'exec';
    return {
      name: `${prefix}${poolName(port.containerPort)}`,
      protocol: port.protocol,
      containerPort: port.containerPort,
      check: {
        kind: probe?.kind === 'http' ? 'http' : 'tcp',
        path: probe?.kind === 'http' ? probe.path : '/',
        port: isChecked ? probe.port : port.containerPort,
        intervalMs: spec.health?.intervalMs ?? 2_000,
        timeoutMs: spec.health?.timeoutMs ?? 2_000,
        failuresMax: spec.health?.retries ?? 3,
      },
      servers,
    };
  });
}

/** The edge of a service. Null for one without ports. */
export function edgeSpecOf(
  instance: string,
  service: Service,
  spec: ServiceSpec,
  replicas: readonly AddressedReplica[],
  shares: readonly TrafficShare[],
): EdgeSpec | null {
  if (spec.ports.length === 0) return null;
  return {
    name: edgeName(instance, service),
    network: networkName(instance, service.projectId, service.stack),
    aliases: [service.name],
    publish: spec.ports.flatMap((port) => {
      const hostPort = hostPortOf(service, port);
      if (port.publish === null || hostPort === null) return [];
      return [{ containerPort: port.containerPort, address: port.publish.address, hostPort }];
    }),
    labels: containerLabels(instance, service.projectId, service.stack, service.id, 'edge'),
    listeners: spec.ports.map((port) => ({
      kind: 'pool',
      port: port.containerPort,
      pool: poolName(port.containerPort),
    })),
    pools: poolsOf(spec, replicas, shares),
    drainMs: spec.update.drainMs,
  };
}
