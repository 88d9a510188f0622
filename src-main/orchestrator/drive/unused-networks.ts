import { serviceLabel } from '../../ports/service-labels.ts';
import type { HostFleet } from './host-fleet.ts';
import type { ServiceWorld } from './service-world.ts';

/**
 * Removes the networks of stacks that have no service any more; volumes stay, they hold data.
 * Answers whether all are gone: one that somebody has joined, or on a host that does not answer,
 * stays for a later time.
 */
export async function removeUnusedNetworks({ world, fleet }: Owner): Promise<boolean> {
  let areAllGone = true;
  for (const { id, engine, isReady } of fleet.all()) {
    const listed = isReady ? await engine.listNetworks({ [serviceLabel.instance]: world.instance }) : null;
    if (listed === null || !listed.ok) {
      areAllGone = false;
      continue;
    }
    for (const { labels, name } of listed.value) {
      const project = labels[serviceLabel.project];
      const stack = labels[serviceLabel.stack];
      if (project === undefined || stack === undefined || isStored(world, project, stack)) continue;
      const removed = await engine.removeNetwork(name);
      if (removed.ok) continue;
      areAllGone = false;
      world.log.debug('a network stays for now', { host: id, network: name, why: removed.error.message });
    }
  }
  return areAllGone;
}

/** Asked right before each removal: a service may have been deployed meanwhile. */
function isStored({ store }: ServiceWorld, project: string, stack: string): boolean {
  return store.read.allServices().some((service) => service.projectId === project && service.stack === stack);
}

/** Whose networks they are. */
interface Owner {
  readonly world: ServiceWorld;
  readonly fleet: HostFleet;
}
