/** Host ports for services whose specs leave the choice. A service keeps what it was given. */
import { GantryError } from '#shared/contract/error.ts';
import type { Service } from '#shared/model/service.ts';
import type { ServiceId } from '#shared/model/service-ids.ts';
import type { ServiceSpec } from '#shared/model/service-spec.ts';
import { proposeOrThrow } from '../../reactor/propose.ts';
import type { ServiceWorld } from './service-world.ts';

/** Host ports from which one is chosen. */
const firstPort = 20_000;
const lastPort = 29_999;

/** Whether a service has all host ports that its spec leaves open. */
export function hasHostPorts(service: Pick<Service, 'publishedPorts'>, spec: ServiceSpec): boolean {
  return missingPorts(spec, service.publishedPorts).length === 0;
}

/** Chooses one after the other, so that no two services are given the same port. */
export class HostPorts {
  readonly #world: ServiceWorld;
  #last: Promise<unknown> = Promise.resolve();

  constructor(world: ServiceWorld) {
    this.#world = world;
  }

  /**
   * Gives the service a host port for each one that its spec leaves open and that it does not have
   * yet: that of a port which the spec no longer has, so that its address stays, else a free one. It
   * keeps those of earlier revisions, which may come back. `anew` gives up all that it has, as when
   * somebody else took one before it was ever used.
   */
  choose(serviceId: ServiceId, spec: ServiceSpec, anew = false): Promise<void> {
    const chosen = this.#last.then(() => this.#choose(serviceId, spec, anew));
    // Whoever asked hears of its failure; the next one does not depend on it.
    this.#last = chosen.catch((error: unknown) => error);
    return chosen;
  }

  async #choose(serviceId: ServiceId, spec: ServiceSpec, anew: boolean): Promise<void> {
    const service = this.#world.store.read.service(serviceId);
    if (service === null) return;
    const kept = anew ? [] : service.publishedPorts;
    const missing = missingPorts(spec, kept);
    if (missing.length === 0) return;
    const taken = new Set(
      this.#world.store.read.allServices().flatMap((each) => each.publishedPorts.map((port) => port.hostPort)),
    );
    const chosen = [...kept];
    let candidate = firstPort;
    for (const port of missing) {
      const isUsed = (hostPort: number): boolean =>
        spec.ports.some(({ containerPort }) =>
          chosen.some((each) => each.containerPort === containerPort && each.hostPort === hostPort),
        );
      const left = chosen.find(({ hostPort }) => !isUsed(hostPort));
      if (left !== undefined) {
        chosen.push({ containerPort: port.containerPort, hostPort: left.hostPort });
        continue;
      }
      const address = port.publish?.address ?? '127.0.0.1';
      while (candidate <= lastPort && (taken.has(candidate) || !(await this.#world.isPortFree(address, candidate)))) {
        candidate += 1;
      }
      if (candidate > lastPort) {
        throw new GantryError(
          'port-taken',
          `No free port was found from ${firstPort} to ${lastPort} for ${spec.name}. End what listens there, or name a port in its spec.`,
        );
      }
      chosen.push({ containerPort: port.containerPort, hostPort: candidate });
      candidate += 1;
    }
    await proposeOrThrow(this.#world, { kind: 'service.publish', serviceId, ports: chosen });
  }
}

function missingPorts(spec: ServiceSpec, kept: Service['publishedPorts']): ServiceSpec['ports'] {
  return spec.ports.filter(
    (port) =>
      port.publish !== null &&
      port.publish.port === null &&
      !kept.some((each) => each.containerPort === port.containerPort),
  );
}
