/** What is not as it should be once nothing fails any more: the intended state, nothing mixed, nothing left over. */
import type { Service } from '#shared/model/service.ts';
import { serviceLabel } from '../../ports/service-labels.ts';
import { secretSetKey, templateHashOf } from '../../orchestrator/drive/replica-maker.ts';
import type { StateReader } from '../../state/control-store.ts';
import { simulatedProject } from './people.ts';
import { hashOf, type ServiceOracle } from './service-oracle.ts';
import type { SimulatedContainer, SimulatedEngine } from './simulated-engine.ts';

/** The world as it is looked at. */
export interface Examined {
  readonly read: StateReader;
  readonly engines: readonly SimulatedEngine[];
  readonly oracle: ServiceOracle;
  readonly instance: string;
}

/** The first thing that is wrong, as the end of a sentence; null when all is well. */
export function whyUnwell(world: Examined): string | null {
  if (world.engines.some(({ isUp }) => !isUp)) return 'an engine is away';
  for (const service of world.read.services(simulatedProject)) {
    const why = whyServiceIsUnwell(world, service);
    if (why !== null) return `${service.name}: ${why}`;
  }
  return whatIsLeft(world);
}

function whyServiceIsUnwell({ read, oracle, engines }: Examined, service: Service): string | null {
  if (service.state === 'removing') return 'it is still being removed';
  const rollout = service.rolloutId === null ? null : read.rollout(service.rolloutId);
  if (rollout !== null) {
    return `rollout ${rollout.number} is still ${rollout.stage.name}${rollout.paused === null ? '' : ', paused'}`;
  }
  if (read.keepingRollout(service.id) !== null) {
    return 'it still keeps replicas of before';
  }
  const replicas = oracle.replicasOf(service.id);
  const live = replicas.filter(({ container: { state } }) => state === 'running' || state === 'restarting');
  const ended = replicas.length - live.length;
  if (ended > 1) return `${ended} ended containers are left`;
  const edges = oracle.edgesOf(service.id);
  if (edges.length > 1) return `it has ${edges.length} edges`;
  const takers = edges.flatMap((edge) => edge.takers());
  const revision = service.servingRevision === null ? null : read.revision(service.id, service.servingRevision);
  if (revision === null) {
    if (live.length > 0) return `no revision serves, and ${live.length} replicas run`;
    return takers.length > 0 ? 'no revision serves, and its edge has replicas' : null;
  }
  const { mode, ports } = revision.spec;
  const wanted = mode.kind === 'replicated' ? mode.replicas : engines.length;
  const hash = templateHashOf(revision);
  const other = live.filter(({ container }) => hashOf(container) !== hash).length;
  if (other > 0) return `revision ${revision.number} serves, and ${other} replicas of others run`;
  if (live.length !== wanted) return `${live.length} replicas run where ${wanted} are wanted`;
  // What nobody checks is well while it runs.
  const isChecked = ports.length > 0 || revision.spec.health !== null;
  const well = live.filter(({ engine, container }) => !isChecked || engine.isAnswering(container)).length;
  if (well !== wanted) return `${well} of ${wanted} replicas answer`;
  if (ports.length > 0 && takers.length !== wanted) return `${takers.length} of ${wanted} replicas take traffic`;
  if (new Set(takers.map(({ weight }) => weight)).size > 1) return 'its replicas share the traffic unevenly';
  return null;
}

/** What belongs to nothing that is stored. */
function whatIsLeft(world: Examined): string | null {
  const { read, engines } = world;
  const services = new Map(read.services(simulatedProject).map((service) => [service.id as string, service]));
  for (const engine of engines) {
    const own = [...engine.containers.values()].filter(
      ({ spec }) => spec.labels[serviceLabel.instance] === world.instance,
    );
    const stray = own.find(({ spec }) => !services.has(spec.labels[serviceLabel.service] ?? ''));
    if (stray !== undefined) return `${stray.spec.name} is left of a service that was removed`;
    const old = oldSecret(world, engine, own);
    if (old !== null) return old;
    for (const { name, isInMemory } of engine.volumes.byName.values()) {
      const isStored = read.volumes(simulatedProject).some((volume) => name.endsWith(`-${volume.name}`));
      if (!isInMemory && !isStored) return `the volume ${name} is left`;
    }
    if (services.size === 0 && engine.networks.size > 0) return 'a network is left of a stack that has no services';
  }
  return null;
}

/** A volume of secrets that nothing mounts but what keeps it, and that what serves has no use for. */
function oldSecret(
  { read }: Examined,
  { volumes, hostId }: SimulatedEngine,
  containers: readonly SimulatedContainer[],
): string | null {
  for (const { name, isInMemory, labels } of volumes.byName.values()) {
    if (!isInMemory) continue;
    const service = read.services(simulatedProject).find(({ id }) => id === labels[serviceLabel.service]);
    const serving = service?.servingRevision ?? null;
    const revision = service === undefined || serving === null ? null : read.revision(service.id, serving);
    const isServing =
      service !== undefined && revision !== null && secretSetKey(service, revision) === labels[serviceLabel.secrets];
    const isMounted = containers.some(
      ({ spec }) =>
        spec.labels[serviceLabel.role] === 'replica' &&
        spec.mounts.some((mount) => mount.kind === 'volume' && mount.volume === name),
    );
    if (!isServing && !isMounted) return `${name} on ${hostId} holds secrets that nothing uses`;
  }
  return null;
}
