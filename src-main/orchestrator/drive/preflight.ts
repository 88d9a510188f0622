/** Looks, before anything is touched, at all that could keep a revision from running. */
import type { PreflightFinding } from '#shared/contract/service-views.ts';
import type { Revision, Service } from '#shared/model/service.ts';
import type { HostId, ImageDigest, ServiceId } from '#shared/model/service-ids.ts';
import type { HostFacts } from '../decide/facts.ts';
import { type Claims, claimsOf } from '../decide/claims.ts';
import { preflight } from '../decide/preflight.ts';
import { serviceLabel } from '../../ports/service-labels.ts';
import { hostPortOf } from './edge-spec.ts';
import type { HostFleet } from './host-fleet.ts';
import type { ServiceWorld } from './service-world.ts';

/** The host of a stack, as if a spec were deployed to it. */
type HomeOf = (
  stack: Pick<Service, 'projectId' | 'stack'>,
  also: { readonly serviceId: ServiceId; readonly spec: Revision['spec'] },
) => HostId | null;

export class Preflight {
  readonly #world: ServiceWorld;
  readonly #fleet: HostFleet;
  readonly #serves: (serviceId: ServiceId) => boolean;
  readonly #homeOf: HomeOf;
  readonly #architectureOf: (digest: ImageDigest) => string | null;

  constructor(
    world: ServiceWorld,
    fleet: HostFleet,
    known: {
      serves: (serviceId: ServiceId) => boolean;
      homeOf: HomeOf;
      architectureOf: (digest: ImageDigest) => string | null;
    },
  ) {
    this.#world = world;
    this.#fleet = fleet;
    this.#serves = known.serves;
    this.#homeOf = known.homeOf;
    this.#architectureOf = known.architectureOf;
  }

  /** What was found. Changes nothing anywhere. */
  async check(
    service: Pick<Service, 'id' | 'projectId' | 'stack' | 'publishedPorts' | 'servingRevision'>,
    revision: Pick<Revision, 'spec' | 'digest'>,
    hosts: readonly HostFacts[],
  ): Promise<PreflightFinding[]> {
    const { read } = this.#world.store;
    const { projectId, stack } = service;
    const { spec } = revision;
    const home = this.#homeOf(service, { serviceId: service.id, spec });
    const taken = await this.#portsTaken(service, spec, home);
    const services = read.services(projectId).filter((each) => each.stack === stack && each.state === 'active');
    return preflight({
      serviceId: service.id,
      spec,
      publishedPorts: service.publishedPorts,
      architecture: revision.digest === null ? null : this.#architectureOf(revision.digest),
      hosts: hosts.map((host) =>
        host.id === home ? { ...host, portsTaken: new Map([...host.portsTaken, ...taken]) } : host,
      ),
      home,
      volumes: read.volumes(projectId).filter((volume) => volume.stack === stack),
      claims: this.#claims(service, spec),
      secrets: new Set(read.secrets(projectId).map((secret) => secret.name)),
      configs: new Set(read.configs(projectId).map((config) => config.name)),
      services: new Map(
        services.map((each) => [
          each.name,
          { dependsOn: this.#wanted(each)?.spec.dependsOn ?? [], serves: this.#serves(each.id) },
        ]),
      ),
    });
  }

  /** What all other services have, as far as this spec could want it. */
  #claims(service: Pick<Service, 'id' | 'projectId' | 'stack'>, spec: Revision['spec']): Claims[] {
    const { read } = this.#world.store;
    const wantsPorts = spec.ports.some(({ publish }) => publish !== null && publish.port !== null);
    if (!wantsPorts && spec.routes.length === 0) return [];
    return read.allServices().flatMap((other) => {
      const isSameStack = other.projectId === service.projectId && other.stack === service.stack;
      if (other.id === service.id || !(wantsPorts || isSameStack)) return [];
      const isGoing = other.state === 'removing';
      const owner = `service ${other.name} of ${other.projectId}/${other.stack}${isGoing ? ', which is being removed' : ''}`;
      const given = other.publishedPorts.map(({ hostPort }) => ({ address: null, port: hostPort }));
      const serving = other.servingRevision === null ? null : read.revision(other.id, other.servingRevision);
      return [
        { owner, ports: given, routes: [] },
        ...[serving, this.#wanted(other)].flatMap((revision) => {
          if (revision === null) return [];
          const claims = claimsOf(revision.spec, owner);
          return [{ ...claims, routes: isSameStack && !isGoing ? claims.routes : [] }];
        }),
      ];
    });
  }

  #wanted(service: Service): Revision | null {
    const { read } = this.#world.store;
    const rollout = service.rolloutId === null ? null : read.rollout(service.rolloutId);
    const number = rollout?.toRevision ?? service.servingRevision;
    return number === null ? null : read.revision(service.id, number);
  }

  /** The service's own host ports that somebody else has where its edge is, and who that is. */
  async #portsTaken(
    service: Pick<Service, 'id' | 'publishedPorts' | 'servingRevision'>,
    spec: Revision['spec'],
    home: HostId | null,
  ): Promise<ReadonlyMap<number, string>> {
    const taken = new Map<number, string>();
    const host = home === null ? null : this.#fleet.get(home);
    if (host === null || !host.isReady) return taken;
    const { state } = host.engine;
    const isHere = state.state === 'ready' && state.isLocal;
    const ownPorts = new Set(
      [...host.containers.values()]
        .filter((container) => container.labels[serviceLabel.service] === service.id)
        .flatMap((container) => container.ports.map((port) => port.hostPort)),
    );
    const published = await host.engine.publishedPorts();
    for (const port of spec.ports) {
      const hostPort = hostPortOf(service, port);
      if (port.publish === null || hostPort === null || ownPorts.has(hostPort)) continue;
      // One that was chosen and never used: another one is, when the edge is refused it.
      if (port.publish.port === null && service.servingRevision === null) continue;
      const holder = published.ok ? published.value.find((each) => each.hostPort === hostPort) : undefined;
      if (holder !== undefined) taken.set(hostPort, `the container ${holder.containerName}`);
      else if (isHere && !(await this.#world.isPortFree(port.publish.address, hostPort)))
        taken.set(hostPort, 'another program');
    }
    return taken;
  }
}
