/** Engines, and the images, containers and volumes on them that Gantry made and nothing needs any more. */
import { createHash } from 'node:crypto';
import type { OutputOf, ParsedInputOf } from '#shared/contract/contract.ts';
import { GantryError } from '#shared/contract/error.ts';
import type { ImageView, PrunePlan } from '#shared/contract/service-views.ts';
import { type HostId, type ImageDigest, localHost } from '#shared/model/service-ids.ts';
import type { Revision, Service } from '#shared/model/service.ts';
import type { ImageFacts } from '../../ports/engine.ts';
import { serviceLabel } from '../../ports/service-labels.ts';
import { proposeOrThrow } from '../../reactor/propose.ts';
import type { EngineRequests } from '../orchestrator.ts';
import type { ObservedHost } from './host-fleet.ts';
import { removeRemains, whatIsOn } from './host-remains.ts';
import type { OrchestratorCore } from './orchestrator-core.ts';
import { valueOrThrow } from './value-or-throw.ts';

export class EngineDesk implements EngineRequests {
  readonly #core: OrchestratorCore;

  constructor(core: OrchestratorCore) {
    this.#core = core;
  }

  async put(host: ParsedInputOf<'engine.put'>): Promise<void> {
    await proposeOrThrow(this.#core.world, { kind: 'host.put', host });
  }

  /**
   * Forgets a host. Refused while anything of a service is there, or was when it last answered; unless
   * that is given up: it goes on as it is then, and the data of its volumes stays there.
   */
  async remove({ hostId, givingUp }: ParsedInputOf<'engine.remove'>): Promise<void> {
    const { world, fleet } = this.#core;
    // This machine's own is refused by the state, whatever is on it.
    const what = givingUp || hostId === localHost ? [] : whatIsOn(this.#core, hostId);
    if (what.length > 0) {
      throw new GantryError(
        'wrong-state',
        `${hostId} still has ${what.join(' and ')}. Nothing was changed. Drain it and remove its volumes first, or give up what is there.`,
        { data: what },
      );
    }
    const host = fleet.get(hostId);
    if (host?.isReady === true && !givingUp && hostId !== localHost) await removeRemains(world, host);
    await proposeOrThrow(world, { kind: 'host.remove', hostId });
  }

  /** Everything of it moves elsewhere, start first where it can; nothing new comes while it drains. */
  async drain(hostId: HostId, drain: boolean): Promise<void> {
    const { store } = this.#core.world;
    const host = store.read.serviceHosts().find((each) => each.id === hostId);
    if (host === undefined) throw new GantryError('not-found', `There is no host ${hostId}.`);
    await this.put({ ...host, availability: drain ? 'drain' : 'active' });
  }

  async listImages(): Promise<OutputOf<'image.list'>> {
    const uses = this.#uses();
    const images: ImageView[] = [];
    for (const host of this.#ready()) {
      for (const image of valueOrThrow(await host.engine.listImages())) {
        const usedBy = (uses.get(image.digest) ?? []).map(({ service, revisions }) => ({
          service: service.stack === 'main' ? service.name : `${service.stack}/${service.name}`,
          revisions,
          containers: [...host.containers.values()].filter(
            (each) => each.imageId === image.digest && each.labels[serviceLabel.service] === service.id,
          ).length,
        }));
        const { digest, sizeBytes, createdAtMs, architecture } = image;
        images.push({
          hostId: host.id,
          digest,
          tags: [...image.tags],
          sizeBytes,
          createdAtMs,
          architecture,
          usedBy,
          isGantrys: this.#isOwn(image),
        });
      }
    }
    return { images };
  }

  /** Refused while a revision that is kept was made from it: it could not be rolled back to. */
  async removeImage({ hostId, digest }: ParsedInputOf<'image.remove'>): Promise<void> {
    const uses = this.#uses().get(digest) ?? [];
    if (uses.length > 0) {
      const who = uses.map(({ service, revisions }) => `${service.name} (revision ${revisions.join(', ')})`).join(', ');
      throw new GantryError('wrong-state', `This image is kept for ${who}. Nothing was removed.`);
    }
    const host = this.#core.fleet.get(hostId);
    if (host === null) throw new GantryError('not-found', `There is no host ${hostId}.`);
    valueOrThrow(await host.engine.removeImage(digest));
    host.lookAgain();
  }

  /** What nothing uses and no rollback may need: of Gantry's own things only. */
  async prunePlan(): Promise<PrunePlan> {
    const uses = this.#uses();
    const plan: Omit<PrunePlan, 'fingerprint' | 'sizeBytes'> = { images: [], containers: [], volumes: [] };
    for (const host of this.#ready()) {
      for (const image of valueOrThrow(await host.engine.listImages())) {
        if (!this.#isOwn(image) || uses.has(image.digest) || this.#isRun(host, image)) continue;
        // The edges are made of it; without it none could be made while nothing can be pulled.
        if (image.tags.some((tag) => tag.startsWith('gantry/edge:'))) continue;
        const { digest, sizeBytes } = image;
        plan.images.push({ hostId: host.id, digest, tags: [...image.tags], sizeBytes });
      }
      this.#addContainers(host, plan);
      await this.#addVolumes(host, plan);
    }
    const sizeBytes =
      plan.images.reduce((sum, image) => sum + image.sizeBytes, 0) +
      plan.volumes.reduce((sum, volume) => sum + (volume.sizeBytes ?? 0), 0);
    const fingerprint = createHash('sha256').update(JSON.stringify(plan)).digest('hex').slice(0, 16);
    return { ...plan, sizeBytes, fingerprint };
  }

  /** Does exactly what the plan said, or nothing when there would be anything else to do by now. */
  async prune({ fingerprint, withVolumes }: ParsedInputOf<'image.prune'>): Promise<{ freedBytes: number }> {
    const plan = await this.prunePlan();
    if (plan.fingerprint !== fingerprint) {
      throw new GantryError(
        'outdated-plan',
        'What could be removed has changed since this was shown. Nothing was removed; look again.',
      );
    }
    let freedBytes = 0;
    for (const { hostId, id } of plan.containers) valueOrThrow(await this.#host(hostId).engine.removeContainer(id));
    for (const image of plan.images) {
      for (const reference of image.tags.length > 0 ? image.tags : [image.digest]) {
        valueOrThrow(await this.#host(image.hostId).engine.removeImage(reference));
      }
      freedBytes += image.sizeBytes;
    }
    if (withVolumes) {
      for (const volume of plan.volumes) {
        valueOrThrow(await this.#host(volume.hostId).engine.removeVolume(volume.name));
        freedBytes += volume.sizeBytes ?? 0;
      }
    }
    for (const host of this.#ready()) host.lookAgain();
    return { freedBytes };
  }

  #addContainers(host: ObservedHost, plan: Pick<PrunePlan, 'containers'>): void {
    const { read } = this.#core.world.store;
    for (const container of host.containers.values()) {
      const serviceId = container.labels[serviceLabel.service];
      if (serviceId === undefined || container.state === 'running') continue;
      if (read.service(serviceId as never) !== null) continue;
      plan.containers.push({ hostId: host.id, id: container.id, name: container.name, why: 'its service is gone' });
    }
  }

  async #addVolumes(host: ObservedHost, plan: Pick<PrunePlan, 'volumes'>): Promise<void> {
    const { store, instance } = this.#core.world;
    const projects = new Set<string>(store.read.projects().map((project) => project.id));
    const inUse = new Set([...host.containers.values()].flatMap((each) => each.mounts.map((mount) => mount.source)));
    for (const volume of valueOrThrow(await host.engine.listVolumes({ [serviceLabel.instance]: instance }))) {
      const projectId = volume.labels[serviceLabel.project] ?? '';
      if (inUse.has(volume.name)) continue;
      const isKnown =
        projects.has(projectId) &&
        store.read.volumes(projectId as never).some((each) => volume.name.endsWith(`-${each.stack}-${each.name}`));
      if (isKnown) continue;
      const why = projects.has(projectId) ? 'nothing declares it' : 'its project is gone';
      plan.volumes.push({ hostId: host.id, name: volume.name, sizeBytes: volume.sizeBytes, why });
    }
  }

  /** Built by this installation, or kept for a project of it and for nothing else: never what another one needs. */
  #isOwn({ tags, labels }: ImageFacts): boolean {
    const { store, instance } = this.#core.world;
    if (labels[serviceLabel.instance] === instance) return true;
    const kept = store.read.projects().map((project) => `gantry/${project.id}/`);
    return tags.length > 0 && tags.every((tag) => kept.some((prefix) => tag.startsWith(prefix)));
  }

  #isRun(host: ObservedHost, image: ImageFacts): boolean {
    return [...host.containers.values()].some((container) => container.imageId === image.digest);
  }

  /** By digest: the services of which a revision that is still stored was made from it. */
  #uses(): Map<ImageDigest, { service: Service; revisions: number[] }[]> {
    const { read } = this.#core.world.store;
    const uses = new Map<ImageDigest, { service: Service; revisions: number[] }[]>();
    const add = (service: Service, { digest, number }: Revision): void => {
      if (digest === null) return;
      const known = uses.get(digest) ?? [];
      const ofService = known.find((use) => use.service.id === service.id);
      if (ofService === undefined) known.push({ service, revisions: [number] });
      else ofService.revisions.push(number);
      uses.set(digest, known);
    };
    for (const service of read.allServices()) for (const revision of read.revisions(service.id)) add(service, revision);
    return uses;
  }

  #ready(): ObservedHost[] {
    const ready = this.#core.fleet.all().filter((host) => host.isReady);
    if (ready.length === 0) {
      throw new GantryError('engine-unavailable', 'No container engine answers, so its images cannot be listed.', {
        retryable: true,
      });
    }
    return ready;
  }

  #host(hostId: HostId): ObservedHost {
    const host = this.#core.fleet.get(hostId);
    if (host === null) throw new GantryError('not-found', `There is no host ${hostId}.`);
    return host;
  }
}
