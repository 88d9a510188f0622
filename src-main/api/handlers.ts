/** Every entry of the contract with what implements it. Handlers validate nothing and decide nothing. */
import type { ContractHandlers } from '#shared/contract/handlers.ts';
import type { ProjectView } from '#shared/contract/views.ts';
import type { Coordinator } from '../coordinator/open-coordinator.ts';
import type { WorkerPort } from '../ports/worker.ts';
import { type ClusterServices, clusterHandlers } from './cluster-handlers.ts';
import { type HostServices, hostHandlers } from './host-handlers.ts';
import { laneHandlers } from './lane-handlers.ts';
import { projectHandlers } from './project-handlers.ts';
import type { Orchestrator } from '../orchestrator/orchestrator.ts';
import { resourceHandlers } from './resource-handlers.ts';
import { serviceHandlers } from './service-handlers.ts';
import { taskHandlers } from './task-handlers.ts';
import { timelineHandlers } from './timeline-handlers.ts';

/** What stands behind the contract. */
export interface Services {
  readonly host: HostServices;
  readonly cluster: ClusterServices;
  readonly coordinator: Coordinator;
  readonly orchestrator: Orchestrator;
  readonly worker: WorkerPort;
  readonly openDemo: () => Promise<ProjectView>;
}

/** The handlers of all nouns. */
export function contractHandlers(services: Services): ContractHandlers {
  const { coordinator } = services;
  return {
    ...hostHandlers(services.host),
    ...projectHandlers(coordinator, services.openDemo),
    ...taskHandlers(coordinator),
    ...laneHandlers(coordinator, services.worker),
    ...timelineHandlers(coordinator),
    ...serviceHandlers(services.orchestrator),
    ...resourceHandlers(services.orchestrator),
    ...clusterHandlers(services.cluster),
  };
}
