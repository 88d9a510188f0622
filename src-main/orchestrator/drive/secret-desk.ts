/** Secrets and configs as a person sets them. A value is sealed before anything else is done with it. */
import { GantryError } from '#shared/contract/error.ts';
import type { ProjectId } from '#shared/model/ids.ts';
import { type SecretName, secretNameSchema, type ServiceId } from '#shared/model/service-ids.ts';
import { proposeOrThrow } from '../../reactor/propose.ts';
import type { SecretRequests } from '../orchestrator.ts';
import type { OrchestratorCore } from './orchestrator-core.ts';
import type { ServiceDesk } from './service-desk.ts';

export class SecretDesk implements SecretRequests {
  readonly #core: OrchestratorCore;
  readonly #services: ServiceDesk;

  constructor(core: OrchestratorCore, services: ServiceDesk) {
    this.#core = core;
    this.#services = services;
  }

  /** Adds a version. What runs keeps its own until it is deployed again or `rollOut` is asked for. */
  async put(projectId: ProjectId, name: string, value: Uint8Array): Promise<{ version: number }> {
    const { world } = this.#core;
    const sealed = world.vault.seal(value);
    return proposeOrThrow(world, {
      kind: 'secret.put',
      projectId,
      name: nameOf(name),
      sealed,
      sizeBytes: value.byteLength,
    });
  }

  async remove(projectId: ProjectId, name: string): Promise<void> {
    await proposeOrThrow(this.#core.world, { kind: 'secret.remove', projectId, name: nameOf(name) });
  }

  /** A new revision, under its own update policy, of every service that uses an older version. */
  async rollOut(projectId: ProjectId, name: string): Promise<{ services: ServiceId[] }> {
    const { read } = this.#core.world.store;
    const secret = read.secret(projectId, nameOf(name));
    const newest = secret?.versions.at(-1);
    if (newest === undefined) throw new GantryError('unknown-secret', `There is no secret ${name}.`);
    const outdated = read.services(projectId).flatMap((service) => {
      const rollout = service.rolloutId === null ? null : read.rollout(service.rolloutId);
      const number = rollout?.toRevision ?? service.servingRevision;
      const revision = number === null ? null : read.revision(service.id, number);
      const used = revision?.secretVersions[name];
      if (revision === null || used === undefined || used >= newest.version || service.state !== 'active') return [];
      const { stack } = service;
      const { spec, digest, commit } = revision;
      const deploy = { projectId, stack, spec, origin: { kind: 'person' as const }, expectedRevisions: null };
      return [{ deploy, promoted: { digest, commit } }];
    });
    const deployed = await this.#services.deployAll(outdated, `The secret ${name} was not rolled out`);
    return { services: deployed.map(({ serviceId }) => serviceId) };
  }

  key(): { keyId: string; keptIn: string } {
    const { keyId, keptIn } = this.#core.world.vault;
    return { keyId, keptIn };
  }

  /** A new master key; every data key is wrapped anew, and only then are older ones forgotten. */
  async rotateKey(): Promise<{ keyId: string; secrets: number }> {
    const { world } = this.#core;
    const rotated = await world.vault.rotate();
    if (!rotated.ok) throw rotated.error;
    let secrets = 0;
    for (const project of world.store.read.projects()) {
      for (const secret of world.store.read.secrets(project.id)) {
        const versions = secret.versions
          .filter((version) => version.sealed.keyId !== rotated.value.keyId)
          .map(({ version, sealed }) => {
            const rewrapped = world.vault.rewrap(sealed);
            if (!rewrapped.ok) throw rewrapped.error;
            return { version, sealed: rewrapped.value };
          });
        if (versions.length === 0) continue;
        await proposeOrThrow(world, { kind: 'secret.rewrap', projectId: project.id, name: secret.name, versions });
        secrets += 1;
      }
    }
    await world.vault.forgetOldKeys();
    return { keyId: rotated.value.keyId, secrets };
  }

  async putConfig(projectId: ProjectId, name: string, text: string): Promise<{ version: number }> {
    return proposeOrThrow(this.#core.world, { kind: 'config.put', projectId, name: nameOf(name), text });
  }

  async removeConfig(projectId: ProjectId, name: string): Promise<void> {
    await proposeOrThrow(this.#core.world, { kind: 'config.remove', projectId, name: nameOf(name) });
  }
}

function nameOf(name: string): SecretName {
  return secretNameSchema.parse(name);
}
