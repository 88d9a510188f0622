/** Looks, before anything is touched, at all that could keep a revision from running. */
import type { PreflightFinding } from '#shared/contract/service-views.ts';
import type { Revision, Service } from '#shared/model/service.ts';
import type { HostFacts } from '../decide/facts.ts';
import { preflight } from '../decide/preflight.ts';
import { serviceLabel } from '../../ports/service-labels.ts';
import { hostPortOf } from './edge-spec.ts';
import type { HostFleet } from './host-fleet.ts';
import type { ServiceWorld } from './service-world.ts';

export class Preflight {
  readonly #world: ServiceWorld;
  readonly #fleet: HostFleet;

  constructor(world: ServiceWorld, fleet: HostFleet) {
    this.#world = world;
    this.#fleet = fleet;
  }

  /** What was found, the failed first. Changes nothing anywhere. */
  async check(
    service: Service,
    revision: Pick<Revision, 'spec' | 'digest'>,
    hosts: readonly HostFacts[],
  ): Promise<PreflightFinding[]> {
    const { read } = this.#world.store;
    const { spec } = revision;
    return preflight({
      service,
      spec,
      hosts,
      engines: this.#fleet.all().map((host) => ({ hostId: host.id, state: host.engine.state.state })),
      portsTaken: await this.#portsTaken(service, spec),
      secrets: new Set(read.secrets(service.projectId).map((secret) => secret.name)),
      configs: new Set(read.configs(service.projectId).map((config) => config.name)),
      volumes: read.volumes(service.projectId).filter((volume) => volume.stack === service.stack),
      services: read.services(service.projectId).filter((each) => each.stack === service.stack),
    });
  }

  /** The service's own host ports that somebody else has, and who that is. */
  async #portsTaken(service: Service, spec: Revision['spec']): Promise<ReadonlyMap<number, string>> {
    const taken = new Map<number, string>();
    const host = this.#fleet.all().find((each) => each.isReady);
    if (host === undefined) return taken;
    const ownPorts = new Set(
      [...host.containers.values()]
        .filter((container) => container.labels[serviceLabel.service] === service.id)
        .flatMap((container) => container.ports.map((port) => port.hostPort)),
    );
    const published = await host.engine.publishedPorts();
    for (const port of spec.ports) {
      const hostPort = hostPortOf(service, port);
      if (port.publish === null || hostPort === null || ownPorts.has(hostPort)) continue;
      const holder = published.ok ? published.value.find((each) => each.hostPort === hostPort) : undefined;
      if (holder !== undefined) taken.set(hostPort, `the container ${holder.containerName}`);
      else if (!(await this.#world.isPortFree(port.publish.address, hostPort))) taken.set(hostPort, 'another program');
    }
    return taken;
  }
}
