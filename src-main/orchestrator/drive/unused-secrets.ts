/** Takes sets of secrets out of memory that nothing of a service uses any more: those of older versions. */
import type { Revision, Service } from '#shared/model/service.ts';
import type { HostId } from '#shared/model/service-ids.ts';
import type { ContainerFacts } from '../../ports/engine.ts';
import { serviceLabel } from '../../ports/service-labels.ts';
import type { ObservedHost } from './host-fleet.ts';
import { secretSetKey } from './replica-maker.ts';
import type { ServiceWorld } from './service-world.ts';

/** A host where sets may be left, and those that are to stay there. */
export interface SecretsLeft {
  readonly host: ObservedHost;
  readonly used: ReadonlySet<string>;
}

export class UnusedSecrets {
  readonly #world: ServiceWorld;
  /**
   * What each host was cleared of all others for; empty after a start, so that each is looked at once: a
   * keeper may have gone without what it kept.
   */
  readonly #cleared = new Map<HostId, string>();

  constructor(world: ServiceWorld) {
    this.#world = world;
  }

  /** Where something may be left. Nothing for a service that never had secrets. */
  left(service: Service, revisions: ReadonlyMap<number, Revision>, hosts: readonly ObservedHost[]): SecretsLeft[] {
    if ([...revisions.values()].every(({ spec }) => spec.secrets.length === 0)) return [];
    return hosts.flatMap((host): SecretsLeft[] => {
      if (!host.isReady) return [];
      const used = setsInUse(host, service, revisions);
      const isLeft = containersOf(host, service, 'keeper').some(
        ({ labels }) => !used.has(labels[serviceLabel.secrets] ?? ''),
      );
      return isLeft || this.#cleared.get(host.id) !== this.#textOf(service, used) ? [{ host, used }] : [];
    });
  }

  /** Each rollout may have made a set and failed before there was a keeper to be seen. */
  #textOf({ id }: Service, used: ReadonlySet<string>): string {
    const newest = this.#world.store.read.rollouts(id, 1)[0]?.number ?? 0;
    return [newest, ...[...used].sort()].join(' ');
  }

  /** Harmless to repeat. What could not be done is left for a later pass. */
  async clear(service: Service, { host, used }: SecretsLeft): Promise<void> {
    this.#cleared.delete(host.id);
    const released = await this.#world.secretFiles.release(host.engine, this.#world.instance, service.id, used);
    if (!released.ok) throw new Error(released.error.message);
    this.#cleared.set(host.id, this.#textOf(service, used));
    host.lookAgain();
    await host.idle();
  }
}

/** The sets that a container on the host mounts, ended ones too, or that what serves will. */
function setsInUse(host: ObservedHost, service: Service, revisions: ReadonlyMap<number, Revision>): Set<string> {
  const numbers = new Set(
    containersOf(host, service, 'replica').map(({ labels }) => Number(labels[serviceLabel.revision])),
  );
  if (service.servingRevision !== null) numbers.add(service.servingRevision);
  const keys = [...numbers].map((number) => {
    const revision = revisions.get(number);
    return revision === undefined ? null : secretSetKey(service, revision);
  });
  return new Set(keys.filter((key) => key !== null));
}

function containersOf({ containers }: ObservedHost, { id }: Service, role: 'replica' | 'keeper'): ContainerFacts[] {
  return [...containers.values()].filter(
    ({ labels }) => labels[serviceLabel.service] === id && labels[serviceLabel.role] === role,
  );
}
