import type { Service } from '#shared/model/service.ts';
import type { ContainerFacts } from '../../ports/engine.ts';
import { serviceLabel } from '../../ports/service-labels.ts';
import { propose } from '../../reactor/propose.ts';
import { edgeName } from './edge-spec.ts';
import type { ObservedHost } from './host-fleet.ts';
import type { ServiceContext } from './service-context.ts';

/**
 * Takes everything of the service away, traffic first; then forgets it, unless `isMaking` says that
 * something of it is on its way still: whoever makes that calls again when it is there.
 */
export async function removeService(
  context: ServiceContext,
  service: Service,
  hosts: readonly ObservedHost[],
  isMaking: () => boolean,
): Promise<void> {
  const { world, onTraffic } = context;
  if (world.viewOnly) return;
  onTraffic(service);
  for (const host of hosts) {
    if (!host.isReady) throw new Error(`${host.id} does not answer, so what runs there could not be removed yet`);
    const removed = await host.edges.remove(edgeName(world.instance, service));
    if (!removed.ok) throw new Error(removed.error.message);
    const graceMs = Math.max(0, ...world.store.read.revisions(service.id).map(({ spec }) => spec.stopGraceMs));
    await Promise.all(
      containersOf(service, host).map(async (container) => {
        if (container.state === 'running') await host.engine.stopContainer(container.id, graceMs);
        const gone = await host.engine.removeContainer(container.id);
        if (!gone.ok) throw new Error(gone.error.message);
      }),
    );
    if (isMaking()) return;
    const released = await world.secretFiles.release(host.engine, world.instance, service.id, new Set());
    if (!released.ok) throw new Error(released.error.message);
    host.lookAgain();
    await host.idle();
    // One that an order had made of which nobody heard an answer.
    if (containersOf(service, host).length > 0) throw new Error(`${host.id} still has containers of ${service.name}`);
  }
  await propose(world, { kind: 'service.forget', serviceId: service.id });
}

/** All but the keeper of its secrets, which go as a whole, with the volume that is held, once nothing uses them. */
function containersOf({ id }: Service, host: ObservedHost): ContainerFacts[] {
  return [...host.containers.values()].filter(
    ({ labels }) => labels[serviceLabel.service] === id && labels[serviceLabel.role] !== 'keeper',
  );
}
