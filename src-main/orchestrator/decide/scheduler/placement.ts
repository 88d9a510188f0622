/** Where replicas are: all hosts, and how many replicas of which service each of them has. */
import type { HostId, ServiceId } from '#shared/model/service-ids.ts';
import type { HostFacts, Replica } from '../facts.ts';
import type { ServicePlan } from '../service-plan.ts';

/**
 * The hosts with their load. Kept by whoever plans, one for all services, and changed in small
 * steps: a pass over one service costs nothing for the others. Planning only reads it.
 */
export class Placement {
  readonly #hosts = new Map<HostId, HostFacts>();
  readonly #load = new Map<HostId, number>();
  readonly #services = new Map<ServiceId, ReadonlyMap<HostId, number>>();
  #sorted: readonly HostFacts[] | null = null;

  constructor(hosts: Iterable<HostFacts> = []) {
    for (const host of hosts) this.setHost(host);
  }

  /** Adds a host, or takes its newer facts. */
  setHost(host: HostFacts): void {
    this.#hosts.set(host.id, host);
    this.#sorted = null;
  }

  /** Forgets a host. What ran there counts as lost. */
  removeHost(id: HostId): void {
    this.#hosts.delete(id);
    this.#sorted = null;
  }

  host(id: HostId): HostFacts | null {
    return this.#hosts.get(id) ?? null;
  }

  /** All hosts in the order of their ids. */
  hosts(): readonly HostFacts[] {
    this.#sorted ??= [...this.#hosts.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
    return this.#sorted;
  }

  /** Says where a service's replicas are, instead of what was said before. */
  setLoad(serviceId: ServiceId, hostIds: Iterable<HostId>): void {
    this.forget(serviceId);
    const counts = new Map<HostId, number>();
    for (const hostId of hostIds) {
      counts.set(hostId, (counts.get(hostId) ?? 0) + 1);
      this.#load.set(hostId, this.load(hostId) + 1);
    }
    if (counts.size > 0) this.#services.set(serviceId, counts);
  }

  /**
   * Counts what a service has and what its plan makes, so that the next service is placed with
   * that in mind, before any container of it exists.
   */
  count(serviceId: ServiceId, replicas: readonly Replica[], plan: ServicePlan | null): void {
    const hostIds = replicas.filter(({ phase }) => phase !== 'ended').map(({ hostId }) => hostId);
    for (const action of plan?.actions ?? []) if (action.kind === 'create') hostIds.push(action.hostId);
    this.setLoad(serviceId, hostIds);
  }

  /** The service has nothing anywhere. */
  forget(serviceId: ServiceId): void {
    for (const [hostId, count] of this.#services.get(serviceId) ?? []) {
      const left = this.load(hostId) - count;
      if (left > 0) this.#load.set(hostId, left);
      else this.#load.delete(hostId);
    }
    this.#services.delete(serviceId);
  }

  /** Replicas of all services on a host. */
  load(hostId: HostId): number {
    return this.#load.get(hostId) ?? 0;
  }

  /** Replicas of one service on a host. */
  loadOf(serviceId: ServiceId, hostId: HostId): number {
    return this.#services.get(serviceId)?.get(hostId) ?? 0;
  }
}
