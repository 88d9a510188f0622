/** What the drivers of all services share, and what each of them shows. */
import type { Revision, Service } from '#shared/model/service.ts';
import type { HostId, ServiceId } from '#shared/model/service-ids.ts';
import type { EdgeFacts } from '../../ports/edge.ts';
import type { Replica } from '../decide/facts.ts';
import type { Placement } from '../decide/scheduler/placement.ts';
import type { ServicePlan } from '../decide/service-plan.ts';
import type { HostFleet } from './host-fleet.ts';
import type { HostPorts } from './host-ports.ts';
import type { ImagePreparer } from './image-preparer.ts';
import type { ReplicaMaker } from './replica-maker.ts';
import type { ServiceWorld } from './service-world.ts';

/** What the drivers of all services share. */
export interface ServiceContext {
  readonly world: ServiceWorld;
  readonly fleet: HostFleet;
  readonly images: ImagePreparer;
  readonly maker: ReplicaMaker;
  readonly hostPorts: HostPorts;
  /** The hosts with what runs there now. Each driver says what its own service has. */
  readonly placement: Placement;
  /** The host of a service's stack: where its edge is, and what needs others. Null without any host. */
  readonly homeOf: (service: Pick<Service, 'projectId' | 'stack'>) => HostId | null;
  /** Whether a service answers: what those that depend on it wait for. */
  readonly serves: (serviceId: ServiceId) => boolean;
  /** What stands against a revision, found without touching anything; null when nothing does. */
  readonly preflight: (service: Service, revision: Revision) => Promise<readonly string[]>;
  /** The service's view looks different. */
  readonly announce: (serviceId: ServiceId) => void;
  /** Its traffic is part of the stack's ingress. */
  readonly onTraffic: (service: Service) => void;
}

/** What the views show of a driver's last pass. */
export interface ServiceObservation {
  readonly replicas: readonly Replica[];
  readonly plan: ServicePlan | null;
  readonly edge: EdgeFacts | null;
  /** Why the edge is not as it should be; null when it is. */
  readonly edgeProblem: string | null;
  readonly observedAtMs: number;
  /** False while no host has been looked at, or one that it runs on does not answer. */
  readonly isFresh: boolean;
}
