/** Which host each stack is on, from what is stored and what runs. Nothing of it is stored itself. */
import type { Service } from '#shared/model/service.ts';
import type { HostId, ServiceId } from '#shared/model/service-ids.ts';
import type { ServiceSpec } from '#shared/model/service-spec.ts';
import { serviceLabel } from '../../ports/service-labels.ts';
import type { HostFacts } from '../decide/facts.ts';
import { needsStack, type StackMember, stackHome } from '../decide/scheduler/stack-home.ts';
import type { HostFleet } from './host-fleet.ts';
import type { ServiceWorld } from './service-world.ts';

type Stack = Pick<Service, 'projectId' | 'stack'>;

/** What others know of it. */
export interface HomeSources {
  readonly hostFacts: () => readonly HostFacts[];
  /** Replicas of all services on a host. */
  readonly loadOf: (hostId: HostId) => number;
  /** Where the newest plan of a service makes replicas that are not there yet. */
  readonly plannedOf: (serviceId: ServiceId) => readonly HostId[];
}

export class StackHomes {
  readonly #world: ServiceWorld;
  readonly #fleet: HostFleet;
  readonly #sources: HomeSources;

  constructor(world: ServiceWorld, fleet: HostFleet, sources: HomeSources) {
    this.#world = world;
    this.#fleet = fleet;
    this.#sources = sources;
  }

  /** Its host; `also` is looked at as if it were deployed. Null without any host. */
  of(stack: Stack, also: { readonly serviceId: ServiceId; readonly spec: ServiceSpec } | null = null): HostId | null {
    const hosts = this.#fleet.all();
    const [only] = hosts;
    if (only === undefined || hosts.length === 1) return only?.id ?? null;
    const specs = this.#specs(stack);
    if (also !== null) specs.set(also.serviceId, also.spec);
    const running = this.#running(stack);
    const members: StackMember[] = [];
    for (const [serviceId, spec] of specs) {
      if (!needsStack(spec)) continue;
      const replicas = new Map(running.get(serviceId));
      for (const hostId of this.#sources.plannedOf(serviceId)) replicas.set(hostId, (replicas.get(hostId) ?? 0) + 1);
      members.push({ spec, replicas });
    }
    return stackHome({
      hosts: this.#sources.hostFacts(),
      members,
      volumes: new Map(
        this.#world.store.read
          .volumes(stack.projectId)
          .flatMap(({ stack: of, name, hostId, driver }) =>
            of === stack.stack && hostId !== null && driver === 'local' ? [[name, hostId] as const] : [],
          ),
      ),
      loadOf: this.#sources.loadOf,
      nowMs: this.#world.clock.nowMs(),
    });
  }

  /** What each service of the stack is to be. */
  #specs({ projectId, stack }: Stack): Map<ServiceId, ServiceSpec> {
    const { read } = this.#world.store;
    const specs = new Map<ServiceId, ServiceSpec>();
    for (const service of read.services(projectId)) {
      if (service.stack !== stack || service.state !== 'active') continue;
      const rollout = service.rolloutId === null ? null : read.rollout(service.rolloutId);
      const number = rollout?.toRevision ?? service.servingRevision;
      const revision = number === null ? null : read.revision(service.id, number);
      if (revision !== null) specs.set(service.id, revision.spec);
    }
    return specs;
  }

  /** The stack's replicas that have not ended, by service and host. */
  #running({ projectId, stack }: Stack): Map<ServiceId, Map<HostId, number>> {
    const running = new Map<ServiceId, Map<HostId, number>>();
    for (const { id, containers } of this.#fleet.all()) {
      for (const { labels, state } of containers.values()) {
        if (labels[serviceLabel.role] !== 'replica' || state === 'exited' || state === 'dead') continue;
        if (labels[serviceLabel.project] !== projectId || labels[serviceLabel.stack] !== stack) continue;
        const serviceId = labels[serviceLabel.service] as ServiceId;
        const counts = running.get(serviceId) ?? new Map<HostId, number>();
        running.set(serviceId, counts.set(id, (counts.get(id) ?? 0) + 1));
      }
    }
    return running;
  }
}
