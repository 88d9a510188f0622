/** Places the replicas that one plan makes. */
import { assertDefined } from '#shared/base/assert.ts';
import type { Revision } from '#shared/model/service.ts';
import type { HostId } from '#shared/model/service-ids.ts';
import type { HostFacts, ServiceFacts } from '../facts.ts';
import { explain } from './explain.ts';
import { type PlacementNeeds, rejection } from './filters.ts';
import type { Placement } from './placement.ts';
import { bestHost } from './score.ts';
import { needsStack } from './stack-home.ts';

/** Where a replica goes, or why it goes nowhere. */
export type PlacementAnswer =
  | { readonly kind: 'placed'; readonly host: HostFacts }
  | { readonly kind: 'nowhere'; readonly why: string };

/** For one plan of one service: remembers what it has placed, so that the next replica goes elsewhere. */
export class Scheduler {
  readonly #facts: ServiceFacts;
  readonly #placement: Placement;
  readonly #own = new Map<HostId, number>();
  readonly #planned = new Map<HostId, number>();
  readonly #needs = new Map<number, PlacementNeeds>();
  readonly #fitting = new Map<number, readonly HostFacts[]>();
  /** Where the volumes that exist nowhere yet will be, once a replica of this plan has made them. */
  #newVolumesAt: HostId | null = null;

  constructor(facts: ServiceFacts, placement: Placement) {
    this.#facts = facts;
    this.#placement = placement;
    for (const { hostId, phase } of facts.replicas) {
      if (phase !== 'ended') this.#own.set(hostId, (this.#own.get(hostId) ?? 0) + 1);
    }
  }

  /** A host for one more replica of `revision`, only `at` unless that is null. `avoid` is taken only if nothing else fits. */
  place(revision: Revision, at: HostId | null = null, avoid: HostId | null = null): PlacementAnswer {
    const makesVolumes = this.#makesVolumes(revision);
    const newVolumesAt = makesVolumes ? this.#newVolumesAt : null;
    const candidates = this.fitting(revision).filter(
      ({ id }) => (at === null || id === at) && (newVolumesAt === null || id === newVolumesAt),
    );
    const host = bestHost(candidates, (id) => this.#loadOf(id), avoid);
    if (host === null) return { kind: 'nowhere', why: this.explain(revision) };
    this.#planned.set(host.id, (this.#planned.get(host.id) ?? 0) + 1);
    if (makesVolumes) this.#newVolumesAt = host.id;
    return { kind: 'placed', host };
  }

  /** All hosts that a replica of `revision` may be started on, by id. */
  fitting(revision: Revision): readonly HostFacts[] {
    let fitting = this.#fitting.get(revision.number);
    if (fitting === undefined) {
      const needs = this.#needsOf(revision);
      const withoutPorts = { ...needs, hostPorts: [] };
      // Where the service runs already, its published ports are held by its own edge.
      fitting = this.#placement
        .hosts()
        .filter((host) => rejection(host, this.#own.has(host.id) ? withoutPorts : needs) === null);
      this.#fitting.set(revision.number, fitting);
    }
    return fitting;
  }

  /** Why a replica of `revision` fits nowhere. */
  explain(revision: Revision): string {
    return explain(this.#placement.hosts(), this.#needsOf(revision));
  }

  #loadOf(hostId: HostId): { ofService: number; total: number } {
    const planned = this.#planned.get(hostId) ?? 0;
    const own = (this.#own.get(hostId) ?? 0) + planned;
    const others = this.#placement.load(hostId) - this.#placement.loadOf(this.#facts.service.id, hostId);
    return { ofService: own, total: others + own };
  }

  #needsOf(revision: Revision): PlacementNeeds {
    let needs = this.#needs.get(revision.number);
    if (needs === undefined) {
      needs = placementNeeds(this.#facts, revision);
      this.#needs.set(revision.number, needs);
    }
    return needs;
  }

  #makesVolumes({ spec }: Revision): boolean {
    return spec.mounts.some((mount) => {
      if (mount.kind !== 'volume') return false;
      const volume = this.#facts.volumes.find(({ name }) => name === mount.volume);
      return volume === undefined || (volume.driver === 'local' && volume.hostId === null);
    });
  }
}

/** What the replicas of a revision ask of a host. Data of volumes whose driver is not `local` is everywhere. */
export function placementNeeds(
  { service, volumes, architectures, home }: Pick<ServiceFacts, 'service' | 'volumes' | 'architectures' | 'home'>,
  { number, spec }: Pick<Revision, 'number' | 'spec'>,
): PlacementNeeds {
  const mounted = new Set(spec.mounts.flatMap((mount) => (mount.kind === 'volume' ? [mount.volume] : [])));
  return {
    constraints: spec.constraints,
    architecture: architectures.get(number) ?? null,
    home: needsStack(spec) ? home : null,
    volumes: volumes
      .filter(({ name, hostId, driver }) => hostId !== null && driver === 'local' && mounted.has(name))
      .map(({ name, hostId }) => ({ name, hostId: assertDefined(hostId, 'only placed ones are left') })),
    hostPorts: spec.ports.flatMap(({ publish, containerPort }) => {
      if (publish === null) return [];
      const given = service.publishedPorts.find((port) => port.containerPort === containerPort);
      const port = publish.port ?? given?.hostPort;
      return port === undefined ? [] : [port];
    }),
    owner: service.id,
  };
}
