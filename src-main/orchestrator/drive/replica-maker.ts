/** Makes the container of a replica: spec, network, volumes, configs and secrets, in the order in which they are needed. */
import { createHash } from 'node:crypto';
import { assertDefined } from '#shared/base/assert.ts';
import { fail, ok } from '#shared/base/result.ts';
import type { Revision, Service } from '#shared/model/service.ts';
import type { VolumeName } from '#shared/model/service-ids.ts';
import type { ContainerSpec, EngineRefusal, EngineResult } from '../../ports/engine.ts';
import type { SecretFile } from '../../ports/secrets.ts';
import { containerLabels, networkName, serviceLabel, stackLabels } from '../../ports/service-labels.ts';
import { proposeOrThrow } from '../../reactor/propose.ts';
import { containerTemplate } from '../decide/container-template.ts';
import type { ReplicaAction } from '../decide/service-plan.ts';
import { isExclusive } from '../decide/update-order.ts';
import type { ObservedHost } from './host-fleet.ts';
import type { ServiceWorld } from './service-world.ts';
import { tarOf } from '../../platform/tar.ts';

const logBytesMax = 50 * 1_024 * 1_024;
const secretsFolder = '/run/secrets';

/** The hash of all that a revision's containers are made from; null while its image is not pinned. */
export function templateHashOf(revision: Revision): string | null {
  if (revision.digest === null) return null;
  return createHash('sha256').update(containerTemplate(revision)).digest('hex').slice(0, 16);
}

/** The engine's name of a volume. */
export function engineVolumeName(
  instance: string,
  service: Pick<Service, 'projectId' | 'stack'>,
  volume: VolumeName,
): string {
  return `${networkName(instance, service.projectId, service.stack)}-${volume}`;
}

/** Names the set of secrets that a revision's replicas mount; null when it uses none. */
export function secretSetKey(service: Service, revision: Revision): string | null {
  if (revision.spec.secrets.length === 0) return null;
  const uses = revision.spec.secrets.map(({ secret, file }) => [secret, file, revision.secretVersions[secret]]);
  return createHash('sha256')
    .update(JSON.stringify([service.id, uses]))
    .digest('hex')
    .slice(0, 16);
}

type Create = Extract<ReplicaAction, { kind: 'create' }>;

export class ReplicaMaker {
  readonly #world: ServiceWorld;

  constructor(world: ServiceWorld) {
    this.#world = world;
  }

  /** Creates and starts the container. One that was created and could not be started stays, as evidence. */
  async create(
    service: Service,
    revision: Revision,
    action: Create,
    host: ObservedHost,
  ): Promise<EngineResult<{ id: string }>> {
    const { instance, random } = this.#world;
    const { engine } = host;
    const { spec } = revision;
    const network = networkName(instance, service.projectId, service.stack);
    const labels = stackLabels(instance, service.projectId, service.stack);
    const joined = host.hasNetwork(network) ? ok(null) : await engine.ensureNetwork(network, labels);
    if (!joined.ok) return joined;
    const volumes = await this.#ensureVolumes(service, revision, host);
    if (!volumes.ok) return volumes;
    const secrets = await this.ensureSecrets(service, revision, host);
    if (!secrets.ok) return secrets;
    const alone = isExclusive(spec) ? await this.#makeAlone(service, host) : ok(null);
    if (!alone.ok) return alone;

    const container: ContainerSpec = {
      name: `${network}-${service.name}-${action.slot}-${random.id(6)}`,
      image: assertDefined(revision.digest, 'an image is pinned before containers are made of it'),
      entrypoint: spec.entrypoint,
      command: spec.command,
      env: spec.env,
      labels: {
        ...spec.labels,
        ...containerLabels(instance, service.projectId, service.stack, service.id, 'replica'),
        [serviceLabel.revision]: String(revision.number),
        [serviceLabel.template]: assertDefined(templateHashOf(revision), 'a pinned revision has a template'),
        [serviceLabel.slot]: String(action.slot),
        [serviceLabel.attempt]: String(action.attempt),
      },
      workingDirectory: spec.workingDirectory,
      user: spec.user,
      hostname: `${service.name}-${action.slot}`,
      networks: [{ network, aliases: [`${service.name}-${action.slot}`] }],
      publish: [],
      mounts: [
        ...spec.mounts.map((mount) =>
          mount.kind === 'volume'
            ? { ...mount, volume: engineVolumeName(instance, service, mount.volume) }
            : { ...mount },
        ),
        ...(secrets.value === null
          ? []
          : [{ kind: 'volume' as const, volume: secrets.value, target: secretsFolder, readOnly: true }]),
      ],
      cpus: spec.limits.cpus,
      memoryBytes: spec.limits.memoryBytes,
      pids: spec.limits.pids,
      // Until it was healthy once its restarts are counted here; see `ServiceDriver#letEngineRestart`.
      restart: 'no',
      health:
        spec.health?.probe.kind === 'exec'
          ? {
              command: spec.health.probe.command,
              intervalMs: spec.health.intervalMs,
              timeoutMs: spec.health.timeoutMs,
              retries: spec.health.retries,
              startPeriodMs: spec.health.startPeriodMs,
            }
          : null,
      stopSignal: spec.stopSignal,
      stopGraceMs: spec.stopGraceMs,
      logBytesMax,
    };
    const created = await engine.createContainer(container);
    if (!created.ok) return created;
    const configured = await this.#putConfigs(service, revision, host, created.value.id);
    if (!configured.ok) return configured;
    const { id } = created.value;
    const started = await host.changing(id, () => engine.startContainer(id));
    return started.ok ? created : started;
  }

  /**
   * Sees to it that nothing else writes to the volume of what must be alone. Asked of the engine itself:
   * it may have started again what crashed, or be about to, and nobody here has heard of it.
   */
  async #makeAlone({ id, name }: Service, { engine }: ObservedHost): Promise<EngineResult<null>> {
    const others = await engine.listContainers({
      [serviceLabel.instance]: this.#world.instance,
      [serviceLabel.service]: id,
      [serviceLabel.role]: 'replica',
    });
    if (!others.ok) return others;
    for (const other of others.value) {
      if (other.state === 'running' || other.state === 'paused') {
        const message = `${other.name} runs, and two replicas of ${name} must not write to its volume. Nothing was started.`;
        return fail({ reason: 'in-use', message, detail: '' });
      }
      if (other.state !== 'restarting') continue;
      const stopped = await engine.stopContainer(other.id, 0);
      if (!stopped.ok) return stopped;
    }
    return ok(null);
  }

  /** The volume with the revision's secrets, filled; null when it uses none. */
  async ensureSecrets(service: Service, revision: Revision, host: ObservedHost): Promise<EngineResult<string | null>> {
    const key = secretSetKey(service, revision);
    if (key === null) return ok(null);
    const files: SecretFile[] = [];
    for (const { secret: name, file } of revision.spec.secrets) {
      const secret = this.#world.store.read.secret(service.projectId, name);
      const version = secret?.versions.find((each) => each.version === revision.secretVersions[name]);
      if (version === undefined) {
        return fail(
          refusal(
            `Version ${revision.secretVersions[name]} of the secret ${name} is not stored any more. Nothing was started. Deploy again to use the newest one.`,
          ),
        );
      }
      const opened = this.#world.vault.open(version.sealed);
      if (!opened.ok) return fail(refusal(opened.error.message));
      files.push({ file: file ?? name, bytes: opened.value });
    }
    const keeper = await host.edges.prepare(() => undefined);
    if (!keeper.ok) return keeper;
    const { projectId, stack, id: serviceId } = service;
    const ensured = await this.#world.secretFiles.ensure({
      engine: host.engine,
      instance: this.#world.instance,
      projectId,
      stack,
      serviceId,
      key,
      files,
      keeperImage: keeper.value.image,
    });
    return ensured.ok ? ok(ensured.value.volume) : ensured;
  }

  async #ensureVolumes(service: Service, revision: Revision, host: ObservedHost): Promise<EngineResult<null>> {
    const { store, instance, volumeDrivers } = this.#world;
    const { projectId, stack } = service;
    for (const mount of revision.spec.mounts) {
      if (mount.kind !== 'volume') continue;
      const { volume: name } = mount;
      let volume = store.read.volume(projectId, stack, name);
      if (volume === null) {
        await proposeOrThrow(this.#world, { kind: 'volume.put', projectId, stack, name, driver: 'local', options: {} });
        volume = assertDefined(store.read.volume(projectId, stack, name), 'a volume that was put is stored');
      }
      const driver = volumeDrivers.get(volume.driver);
      if (driver === undefined) {
        return fail(
          refusal(
            `There is no volume driver ${volume.driver} here, which the volume ${name} asks for. Nothing was started.`,
          ),
        );
      }
      if (driver.isBoundToHost && volume.hostId !== null && volume.hostId !== host.id) {
        return fail(
          refusal(`The data of the volume ${name} is on ${volume.hostId}, not on ${host.id}. Nothing was started.`),
        );
      }
      const engineName = engineVolumeName(instance, service, name);
      const made = await driver.ensure(
        host.engine,
        engineName,
        volume.options,
        stackLabels(instance, projectId, stack),
      );
      if (!made.ok) return made;
      if (volume.hostId === null) {
        await proposeOrThrow(this.#world, { kind: 'volume.place', projectId, stack, name, hostId: host.id });
      }
    }
    return ok(null);
  }

  async #putConfigs(
    service: Service,
    revision: Revision,
    host: ObservedHost,
    containerId: string,
  ): Promise<EngineResult<null>> {
    const files = revision.spec.configs.map(({ config: name, target }) => {
      const config = this.#world.store.read.config(service.projectId, name);
      const version = config?.versions.find((each) => each.version === revision.configVersions[name]);
      return { name, target, text: version?.text ?? null };
    });
    const missing = files.find((file) => file.text === null);
    if (missing !== undefined) {
      return fail(
        refusal(
          `Version ${revision.configVersions[missing.name]} of the config ${missing.name} is not stored any more. Nothing was started. Deploy again to use the newest one.`,
        ),
      );
    }
    if (files.length === 0) return ok(null);
    const tar = tarOf(
      files.map(({ target, text }) => ({ path: target.slice(1), bytes: Buffer.from(text ?? ''), mode: 0o444 })),
    );
    return host.engine.putArchive(containerId, '/', tar);
  }
}

function refusal(message: string): EngineRefusal {
  return { reason: 'refused', message, detail: '' };
}
