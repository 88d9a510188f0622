/** Volumes as a person handles them: backed up, put back, removed. */
import type { OutputOf, ParsedInputOf } from '#shared/contract/contract.ts';
import { GantryError } from '#shared/contract/error.ts';
import type { VolumeView } from '#shared/contract/service-views.ts';
import type { ProjectId } from '#shared/model/ids.ts';
import type { ServiceId, StackName, VolumeName } from '#shared/model/service-ids.ts';
import type { Volume } from '#shared/model/service-resource.ts';
import type { VolumeBackup, VolumeDriver } from '../../ports/volume-driver.ts';
import { proposeOrThrow } from '../../reactor/propose.ts';
import type { VolumeRequests } from '../orchestrator.ts';
import type { ObservedHost } from './host-fleet.ts';
import type { OrchestratorCore } from './orchestrator-core.ts';
import { engineVolumeName } from './replica-maker.ts';
import { valueOrThrow } from './value-or-throw.ts';
import { VolumeSizes } from './volume-sizes.ts';

export class VolumeDesk implements VolumeRequests {
  readonly #core: OrchestratorCore;
  /** As last listed: views are made without waiting. */
  readonly #backups = new Map<string, readonly VolumeBackup[]>();
  readonly #sizes: VolumeSizes;

  constructor(core: OrchestratorCore) {
    this.#core = core;
    this.#sizes = new VolumeSizes(core.world, () => {
      for (const { id } of core.world.store.read.projects()) core.feed.resourcesOf(id);
    });
  }

  /** Its data is gone afterwards, but for the backup that is made first. */
  async remove({ projectId, stack, name, withoutBackup }: ParsedInputOf<'volume.remove'>): Promise<void> {
    const volume = this.#stored(projectId, stack, name);
    const { world } = this.#core;
    const users = this.#users(volume);
    if (users.length > 0) {
      throw new GantryError(
        'wrong-state',
        `${users.join(', ')} mount${users.length === 1 ? 's' : ''} the volume ${name}. Nothing was removed.`,
      );
    }
    if (volume.hostId !== null && !(withoutBackup && this.#isOrphaned(volume))) {
      const { host, driver, engineName } = this.#place(volume);
      if (!withoutBackup) valueOrThrow(await driver.backUp(host.engine, engineName, 'before it was removed'));
      valueOrThrow(await driver.remove(host.engine, engineName));
    }
    await proposeOrThrow(world, { kind: 'volume.remove', projectId, stack, name });
  }

  async backUp({ projectId, stack, name }: ParsedInputOf<'volume.backUp'>): Promise<OutputOf<'volume.backUp'>> {
    return this.backUpBecause(this.#stored(projectId, stack, name), 'asked for by a person');
  }

  /** A backup with the reason for it, as before a rollback that could harm. */
  async backUpBecause(volume: Volume, why: string): Promise<{ id: string; sizeBytes: number }> {
    const { host, driver, engineName } = this.#place(volume);
    const { id, sizeBytes } = valueOrThrow(await driver.backUp(host.engine, engineName, why));
    this.#refresh(volume);
    return { id, sizeBytes };
  }

  /** Backs up all that these services write to, before their revisions are taken back. */
  async backUpFor(serviceIds: readonly ServiceId[], why: string): Promise<void> {
    const { read } = this.#core.world.store;
    for (const serviceId of serviceIds) {
      const service = read.service(serviceId);
      const revision = service?.servingRevision == null ? null : read.revision(serviceId, service.servingRevision);
      for (const mount of revision?.spec.mounts ?? []) {
        if (service === null || mount.kind !== 'volume' || mount.readOnly) continue;
        const volume = read.volume(service.projectId, service.stack, mount.volume);
        if (volume !== null && volume.hostId !== null) await this.backUpBecause(volume, why);
      }
    }
  }

  /** What is in it now is backed up first. */
  async restore({ projectId, stack, name, backupId }: ParsedInputOf<'volume.restore'>): Promise<void> {
    const volume = this.#stored(projectId, stack, name);
    const { host, driver, engineName } = this.#place(volume);
    const running = [...host.containers.values()].filter(
      (container) => container.state === 'running' && container.mounts.some((mount) => mount.source === engineName),
    );
    if (running.length > 0) {
      throw new GantryError(
        'wrong-state',
        `${running.map((container) => container.name).join(', ')} still use${running.length === 1 ? 's' : ''} the volume ${name}. Nothing was changed. Scale that service to 0 first.`,
      );
    }
    valueOrThrow(await driver.restore(host.engine, engineName, backupId));
    this.#refresh(volume);
  }

  /** By stack and name. */
  views(projectId: ProjectId): VolumeView[] {
    return this.#core.world.store.read.volumes(projectId).map((volume) => {
      const engineName = this.#engineName(volume);
      if (!this.#backups.has(engineName)) this.#refresh(volume);
      const host = volume.hostId === null ? null : this.#core.fleet.get(volume.hostId);
      return {
        name: volume.name,
        stack: volume.stack,
        driver: volume.driver,
        hostId: volume.hostId,
        engineName: volume.hostId === null ? null : engineName,
        sizeBytes: host === null ? null : this.#sizes.of(host, engineName),
        usedBy: this.#users(volume),
        backups: (this.#backups.get(engineName) ?? []).map(({ id, atMs, sizeBytes, why }) => ({
          id,
          atMs,
          sizeBytes,
          why,
        })),
      };
    });
  }

  #refresh(volume: Volume): void {
    const engineName = this.#engineName(volume);
    const driver = this.#core.world.volumeDrivers.get(volume.driver);
    if (driver === undefined) return;
    if (!this.#backups.has(engineName)) this.#backups.set(engineName, []);
    driver
      .backups(engineName)
      .then((backups) => {
        this.#backups.set(engineName, backups);
        this.#core.feed.resourcesOf(volume.projectId);
      })
      .catch((error: unknown) => {
        this.#core.world.log.warn('backups could not be listed', { volume: engineName, error: String(error) });
      });
  }

  #users(volume: Volume): VolumeView['usedBy'] {
    const { read } = this.#core.world.store;
    return read
      .services(volume.projectId)
      .filter((service) => {
        if (service.stack !== volume.stack || service.state !== 'active') return false;
        const rollout = service.rolloutId === null ? null : read.rollout(service.rolloutId);
        return [service.servingRevision, rollout?.toRevision ?? null].some(
          (number) =>
            number !== null &&
            read
              .revision(service.id, number)
              ?.spec.mounts.some((mount) => mount.kind === 'volume' && mount.volume === volume.name),
        );
      })
      .map((service) => service.name);
  }

  #stored(projectId: ProjectId, stack: StackName, name: VolumeName): Volume {
    const volume = this.#core.world.store.read.volume(projectId, stack, name);
    if (volume === null) throw new GantryError('not-found', `There is no volume ${name} in ${stack}.`);
    return volume;
  }

  #place(volume: Volume): { host: ObservedHost; driver: VolumeDriver; engineName: string } {
    if (this.#isOrphaned(volume)) {
      throw new GantryError(
        'wrong-state',
        `The data of the volume ${volume.name} is on ${volume.hostId}, which is not set up any more. Nothing was changed. Add that host again, or remove the volume without a backup.`,
      );
    }
    const host = volume.hostId === null ? null : this.#core.fleet.get(volume.hostId);
    const driver = this.#core.world.volumeDrivers.get(volume.driver);
    if (host === null || driver === undefined) {
      throw new GantryError(
        'wrong-state',
        `The volume ${volume.name} has not been made anywhere yet; there is nothing in it.`,
      );
    }
    return { host, driver, engineName: this.#engineName(volume) };
  }

  /** Its data is on a host that was given up. */
  #isOrphaned({ hostId }: Volume): boolean {
    return hostId !== null && this.#core.fleet.get(hostId) === null;
  }

  #engineName(volume: Volume): string {
    return engineVolumeName(this.#core.world.instance, volume, volume.name);
  }
}
