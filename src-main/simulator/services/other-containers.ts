/** Containers that are no replicas: edges, and what is not ours, of somebody or of another installation of Gantry. */
import type { ContainerSpec } from '../../ports/engine.ts';
import { containerLabels, serviceLabel } from '../../ports/service-labels.ts';
import type { EdgeSpec } from '../../ports/edge.ts';
import { simulatedProject, simulatedServiceId } from './people.ts';
import { mainStack } from '#shared/model/service-ids.ts';
import { type SimulatedEngine, toolImage } from './simulated-engine.ts';

/** What an edge is made from. */
export function edgeContainerOf({ name, labels }: EdgeSpec): ContainerSpec {
  return specOf(name, labels);
}

/** Starts what is not ours. The oracle sees to it that the app never touches them. */
export function placeForeigners(engine: SimulatedEngine): void {
  const service = simulatedServiceId('api');
  const replica = {
    ...containerLabels('other', simulatedProject, mainStack, service, 'replica'),
    [serviceLabel.revision]: '1',
    [serviceLabel.template]: 'other',
    [serviceLabel.slot]: '1',
    [serviceLabel.attempt]: '1',
  };
  const keeper = containerLabels('other', simulatedProject, mainStack, service, 'keeper');
  for (const [name, labels] of Object.entries({
    'database-of-somebody': {},
    'other-replica': replica,
    'other-keeper': keeper,
  })) {
    engine.start(engine.create(specOf(name, labels)));
  }
}

function specOf(name: string, labels: Readonly<Record<string, string>>): ContainerSpec {
  return {
    name,
    image: toolImage.digest,
    entrypoint: null,
    command: null,
    env: {},
    labels,
    workingDirectory: null,
    user: null,
    hostname: null,
    networks: [],
    publish: [],
    mounts: [],
    cpus: null,
    memoryBytes: null,
    pids: null,
    restart: 'unless-stopped',
    health: null,
    stopSignal: null,
    stopGraceMs: null,
    logBytesMax: 4_096,
  };
}
