/**
 * A lane's branch as a stack of its own: its services are read from the branch, built from it, and
 * run on a network and ports of their own beside everything else. The stack goes with the lane.
 */
import type { Disposable } from '#shared/base/disposable.ts';
import { GantryError } from '#shared/contract/error.ts';
import type { PreviewView, ServiceView } from '#shared/contract/service-views.ts';
import type { CommitId, LaneId, ProjectId } from '#shared/model/ids.ts';
import type { Service } from '#shared/model/service.ts';
import { mainStack, type ServiceId, type StackName, serviceIdOf } from '#shared/model/service-ids.ts';
import type { Preview } from '#shared/model/service-resource.ts';
import type { ServiceSpec } from '#shared/model/service-spec.ts';
import { Loop } from '../../reactor/loop.ts';
import { propose, proposeOrThrow } from '../../reactor/propose.ts';
import { readResources } from '../files/read-resources.ts';
import type { PreviewRequests } from '../orchestrator.ts';
import type { LaneCode } from '../../ports/project-code.ts';
import type { OrchestratorCore } from './orchestrator-core.ts';
import type { ServiceDesk } from './service-desk.ts';

/** Where a branch says what it runs, the first that is there. */
const fileNames = [
  { fileName: 'gantry.services.yaml', format: 'gantry' as const },
  { fileName: 'compose.yaml', format: 'compose' as const },
  { fileName: 'compose.yml', format: 'compose' as const },
  { fileName: 'docker-compose.yaml', format: 'compose' as const },
  { fileName: 'docker-compose.yml', format: 'compose' as const },
];
const buildTailLines = 40;

export class Previews implements PreviewRequests, Disposable {
  readonly #core: OrchestratorCore;
  readonly #services: ServiceDesk;
  readonly #loop: Loop;
  readonly #subscription: Disposable;
  /** Lanes whose services are being deployed. */
  readonly #starting = new Set<LaneId>();

  constructor(core: OrchestratorCore, services: ServiceDesk) {
    this.#core = core;
    this.#services = services;
    const { clock, log, store } = core.world;
    this.#loop = new Loop({
      clock,
      pass: () => this.#pass(),
      onFailure: (error, { isNews }) => {
        if (isNews) log.warn('previews could not be brought forward', { error: String(error) });
      },
    });
    this.#subscription = store.onDidChange(({ changes }) => {
      if (changes.some(({ table }) => table === 'lane' || table === 'preview' || table === 'service'))
        this.#loop.request();
    });
    this.#loop.request();
  }

  /** Reads what the branch runs, and deploys it as the stack `lane-<n>`. Again, it brings the preview up to date. */
  async start(laneId: LaneId): Promise<void> {
    const { world } = this.#core;
    const lane = await world.code.lane(laneId);
    const { projectId } = lane;
    const stack = stackOf(lane);
    const found = await this.#readBranch(projectId, lane.commit);
    const base = { kind: 'preview.put' as const, projectId, stack, laneId, fileName: found.fileName };
    this.#starting.add(laneId);
    try {
      await proposeOrThrow(world, { ...base, state: 'building', detail: null });
      const names = new Set(found.specs.map((spec) => spec.name));
      for (const spec of inOrder(found.specs)) {
        await this.#services.deploy(
          { projectId, stack, spec: asPreview(spec), origin: { kind: 'preview', laneId }, expectedRevisions: null },
          { digest: null, commit: lane.commit },
        );
      }
      for (const service of this.#servicesOf(projectId, stack)) {
        if (!names.has(service.name)) await this.#services.remove(service.id);
      }
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      await propose(world, { ...base, state: 'failed', detail });
      throw error;
    } finally {
      this.#starting.delete(laneId);
      this.#loop.request();
    }
  }

  /** Takes everything of it away. The branch is not touched. */
  async stop(laneId: LaneId): Promise<void> {
    const preview = this.#find(laneId);
    if (preview === null) throw new GantryError('not-found', 'This lane has no preview.');
    await this.#remove(preview);
  }

  /** Rolls out to the main stack what the preview has built, image by image, under each service's own policy. */
  async promote(laneId: LaneId, services: readonly string[] | null): Promise<{ serviceIds: ServiceId[] }> {
    const { store } = this.#core.world;
    const preview = this.#find(laneId);
    const lane = this.#core.world.code.laneFacts(laneId);
    if (preview === null || lane === null) throw new GantryError('not-found', 'This lane has no preview.');
    const chosen = this.#servicesOf(preview.projectId, preview.stack).filter(
      (service) => services === null || services.includes(service.name),
    );
    const ready = chosen.map((service) => ({
      service,
      revision: service.servingRevision === null ? null : store.read.revision(service.id, service.servingRevision),
    }));
    const missing = ready.filter(({ revision }) => revision?.digest === null || revision === null);
    if (missing.length > 0 || ready.length === 0) {
      const who = missing.map(({ service }) => service.name).join(', ');
      throw new GantryError(
        'wrong-state',
        `${who === '' ? 'The preview has no services' : `${who} has not served in the preview`}, so there is nothing to promote. Nothing was changed.`,
      );
    }
    const promotions = ready.flatMap(({ revision, service }) => {
      if (revision === null) return [];
      const main = store.read.service(serviceIdOf(preview.projectId, mainStack, service.name));
      const deploy = {
        projectId: preview.projectId,
        stack: mainStack,
        spec: this.#asMain(revision.spec, main),
        origin: { kind: 'lane' as const, laneId, taskId: lane.taskId },
        expectedRevisions: null,
      };
      return [{ deploy, promoted: { digest: revision.digest, commit: revision.commit } }];
    });
    const deployed = await this.#services.deployAll(promotions, 'The preview was not promoted');
    return { serviceIds: deployed.map(({ serviceId }) => serviceId) };
  }

  /** In the order of their lanes. */
  views(projectId: ProjectId, viewOf: (service: Service) => ServiceView): PreviewView[] {
    const { store, code } = this.#core.world;
    return store.read.previews(projectId).map((preview) => {
      const lane = code.laneFacts(preview.laneId);
      const services = this.#servicesOf(projectId, preview.stack);
      return {
        preview,
        laneNumber: lane?.number ?? 0,
        title: lane?.title ?? preview.stack,
        services: services.map((service) => {
          const view = viewOf(service);
          return { id: service.id, name: service.name, status: view.status, url: urlOf(view) };
        }),
        buildTail: services
          .flatMap((service) => this.#core.images.buildTails.get(service.id) ?? [])
          .slice(-buildTailLines)
          .join('\n'),
      };
    });
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#loop.dispose();
  }

  /** Takes away what has outlived its lane, forgets what is gone, and says how those ended that were built. */
  async #pass(): Promise<void> {
    const { store, code, viewOnly } = this.#core.world;
    if (viewOnly) return;
    for (const project of store.read.projects()) {
      for (const preview of store.read.previews(project.id)) {
        const isLive = code.laneFacts(preview.laneId)?.isLive ?? false;
        if (preview.state === 'removing') {
          if (this.#servicesOf(project.id, preview.stack).length > 0) continue;
          await this.#removeVolumes(preview);
          await propose(this.#core.world, { kind: 'preview.forget', projectId: project.id, stack: preview.stack });
        } else if (!isLive) await this.#remove(preview);
        else if (preview.state === 'building' && !this.#starting.has(preview.laneId)) await this.#conclude(preview);
      }
    }
  }

  /** It runs, or has failed, once the rollouts of all its services are over. */
  async #conclude(preview: Preview): Promise<void> {
    const { world } = this.#core;
    const { projectId, stack, laneId, fileName } = preview;
    const services = this.#servicesOf(projectId, stack);
    if (services.some((service) => service.rolloutId !== null)) return;
    const failures = services.flatMap((service) => {
      // One that went back by itself has failed all the same: it does not run what the branch says.
      const rollout = world.store.read.rollouts(service.id).find(({ kind }) => kind === 'deploy');
      return rollout?.stage.name === 'ended' && rollout.stage.outcome !== 'succeeded'
        ? [`${service.name}: ${rollout.stage.detail}`]
        : [];
    });
    const state = failures.length === 0 ? 'running' : 'failed';
    const detail = failures.length === 0 ? null : failures.join('\n');
    await propose(world, { kind: 'preview.put', projectId, stack, laneId, fileName, state, detail });
  }

  async #remove(preview: Preview): Promise<void> {
    const { world } = this.#core;
    const { projectId, stack, laneId, fileName } = preview;
    await proposeOrThrow(world, {
      kind: 'preview.put',
      projectId,
      stack,
      laneId,
      fileName,
      state: 'removing',
      detail: null,
    });
    for (const service of this.#servicesOf(projectId, stack)) {
      if (service.state === 'active') await this.#services.remove(service.id);
    }
    this.#loop.request();
  }

  async #removeVolumes(preview: Preview): Promise<void> {
    const { world, fleet } = this.#core;
    const { projectId, stack } = preview;
    for (const volume of world.store.read.volumes(projectId)) {
      if (volume.stack !== stack) continue;
      const host = volume.hostId === null ? null : fleet.get(volume.hostId);
      const driver = world.volumeDrivers.get(volume.driver);
      if (host !== null && driver !== undefined) {
        const removed = await driver.remove(host.engine, this.#core.volumeName(volume));
        if (!removed.ok) throw new Error(removed.error.message);
      }
      await propose(world, { kind: 'volume.remove', projectId, stack, name: volume.name });
    }
  }

  async #readBranch(
    projectId: ProjectId,
    commit: CommitId,
  ): Promise<{ fileName: string; specs: readonly ServiceSpec[] }> {
    for (const { fileName, format } of fileNames) {
      const text = await this.#core.world.code.readFile(projectId, commit, fileName);
      if (text === null) continue;
      const resources = await readResources({ format, fileName, text, env: {} });
      if (resources.services.length === 0)
        throw new GantryError('invalid-spec', `${fileName} of this branch names no service.`);
      return { fileName, specs: resources.services };
    }
    throw new GantryError(
      'not-found',
      `This branch does not say what it runs. Add ${fileNames[0]?.fileName} or ${fileNames[1]?.fileName} to it, then start the preview again.`,
    );
  }

  /** The main stack's own host ports, routes and scale stay: only what was built and how it runs comes along. */
  #asMain(spec: ServiceSpec, main: Service | null): ServiceSpec {
    const { read } = this.#core.world.store;
    const number = main?.servingRevision ?? null;
    const before = main === null || number === null ? null : read.revision(main.id, number);
    if (before === null) return spec;
    const { ports, routes, mode, update, rollback } = before.spec;
    return { ...spec, ports, routes, mode, update, rollback };
  }

  #find(laneId: LaneId): Preview | null {
    const lane = this.#core.world.code.laneFacts(laneId);
    return lane === null ? null : this.#core.world.store.read.preview(lane.projectId, stackOf(lane));
  }

  #servicesOf(projectId: ProjectId, stack: StackName): Service[] {
    return this.#core.world.store.read.services(projectId).filter((service) => service.stack === stack);
  }
}

function stackOf({ number }: Pick<LaneCode, 'number'>): StackName {
  return `lane-${number}` as StackName;
}

/** Its own free host ports instead of those of the main stack, and no part in the ingress or in scale. */
function asPreview(spec: ServiceSpec): ServiceSpec {
  return {
    ...spec,
    mode: { kind: 'replicated', replicas: 1 },
    routes: [],
    ports: spec.ports.map((port) => ({ ...port, publish: { address: '127.0.0.1', port: null } })),
  };
}

/** Those that others depend on first. */
function inOrder(specs: readonly ServiceSpec[]): ServiceSpec[] {
  const byName = new Map(specs.map((spec) => [spec.name, spec]));
  const done = new Set<string>();
  const ordered: ServiceSpec[] = [];
  const visit = (spec: ServiceSpec): void => {
    if (done.has(spec.name)) return;
    done.add(spec.name);
    for (const name of spec.dependsOn) {
      const other = byName.get(name);
      if (other !== undefined) visit(other);
    }
    ordered.push(spec);
  };
  for (const spec of specs) visit(spec);
  return ordered;
}

function urlOf(view: ServiceView): string | null {
  const port = view.ports.find((each) => each.protocol === 'http' && each.hostPort !== null);
  return port === undefined ? null : `http://${port.address ?? '127.0.0.1'}:${port.hostPort}`;
}
