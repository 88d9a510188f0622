/** What services have on a host: what stands against forgetting it, and what is taken away with it. */
import type { HostId, ServiceId } from '#shared/model/service-ids.ts';
import { serviceLabel } from '../../ports/service-labels.ts';
import type { ObservedHost } from './host-fleet.ts';
import type { OrchestratorCore } from './orchestrator-core.ts';
import type { ServiceWorld } from './service-world.ts';
import { valueOrThrow } from './value-or-throw.ts';

/** "replicas of api, web", "the volume data of main"; empty when nothing would be lost. */
export function whatIsOn({ world, fleet }: Pick<OrchestratorCore, 'world' | 'fleet'>, hostId: HostId): string[] {
  const { read } = world.store;
  const names = new Map(read.allServices().map((service) => [service.id, `${service.stack}/${service.name}`]));
  const replicas = new Set<string>();
  const edges = new Set<string>();
  for (const { labels, state } of fleet.get(hostId)?.containers.values() ?? []) {
    if (state === 'exited' || state === 'dead') continue;
    const role = labels[serviceLabel.role];
    const name = names.get(labels[serviceLabel.service] as ServiceId) ?? labels[serviceLabel.stack] ?? '';
    if (role === 'replica') replicas.add(name);
    else if (role === 'edge') edges.add(name);
  }
  const volumes = read
    .projects()
    .flatMap((project) => read.volumes(project.id))
    .filter((volume) => volume.hostId === hostId)
    .map(({ stack, name }) => `${stack}/${name}`);
  return [
    ...(replicas.size === 0 ? [] : [`replicas of ${[...replicas].sort().join(', ')}`]),
    ...(edges.size === 0 ? [] : [`the addresses of ${[...edges].sort().join(', ')}`]),
    ...(volumes.length === 0 ? [] : [`the data of ${volumes.sort().join(', ')}`]),
  ];
}

/** Takes away what nothing needs once no replica is there: ended containers, secrets and networks. */
export async function removeRemains(world: ServiceWorld, { engine }: ObservedHost): Promise<void> {
  const own = { [serviceLabel.instance]: world.instance };
  const containers = valueOrThrow(await engine.listContainers(own));
  const services = new Set(containers.map(({ labels }) => labels[serviceLabel.service] as ServiceId | undefined));
  for (const { id, labels } of containers) {
    if (labels[serviceLabel.role] === 'replica') valueOrThrow(await engine.removeContainer(id));
  }
  for (const serviceId of services) {
    if (serviceId === undefined) continue;
    valueOrThrow(await world.secretFiles.release(engine, world.instance, serviceId, new Set()));
  }
  for (const { name } of valueOrThrow(await engine.listNetworks(own))) valueOrThrow(await engine.removeNetwork(name));
}
