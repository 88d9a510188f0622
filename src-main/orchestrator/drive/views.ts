/** What the screens are shown, computed from the stored state and what was last observed. */
import type { Disposable } from '#shared/base/disposable.ts';
import type {
  ConfigView,
  ImageProgressView,
  LoadTest,
  PreviewView,
  RevisionView,
  RolloutView,
  SecretView,
  ServiceEvent,
  ServiceHostView,
  ServiceView,
  VolumeView,
} from '#shared/contract/service-views.ts';
import type { ProjectId } from '#shared/model/ids.ts';
import type { Rollout, Service } from '#shared/model/service.ts';
import type { ServiceId } from '#shared/model/service-ids.ts';
import type { EngineState } from '../../ports/engine.ts';
import { diffSpecs } from '../decide/spec-diff.ts';
import type { ServiceViews } from '../orchestrator.ts';
import type { LoadTests } from './load-tests.ts';
import type { OrchestratorCore } from './orchestrator-core.ts';
import type { Previews } from './previews.ts';
import { rolloutView } from './rollout-view.ts';
import { ServiceEvents } from './service-events.ts';
import { serviceView } from './service-view.ts';
import { UseMeter } from './use-meter.ts';
import type { VolumeDesk } from './volume-desk.ts';

const encoder = new TextEncoder();

export class Views implements ServiceViews, Disposable {
  readonly #core: OrchestratorCore;
  readonly #sources: { loads: LoadTests; previews: Previews; volumes: VolumeDesk };
  readonly #events: ServiceEvents;
  readonly #use: UseMeter;

  constructor(core: OrchestratorCore, sources: { loads: LoadTests; previews: Previews; volumes: VolumeDesk }) {
    this.#core = core;
    this.#sources = sources;
    this.#events = new ServiceEvents(core);
    this.#use = new UseMeter(core);
  }

  services(projectId: ProjectId): ServiceView[] {
    this.#use.watch();
    return this.#core.world.store.read.services(projectId).map((service) => this.#view(service));
  }

  service(serviceId: ServiceId): ServiceView | null {
    this.#use.watch();
    const service = this.#core.world.store.read.service(serviceId);
    return service === null ? null : this.#view(service);
  }

  revisions(serviceId: ServiceId): RevisionView[] {
    const { read } = this.#core.world.store;
    const service = read.service(serviceId);
    if (service === null) return [];
    const revisions = read.revisions(serviceId);
    const rollouts = read.rollouts(serviceId);
    const rollout = service.rolloutId === null ? null : read.rollout(service.rolloutId);
    const keeping = rollouts.find((each) => each.keepPreviousUntilMs !== null) ?? null;
    const weight = this.#weightOf(service);
    return revisions.map((revision, index): RevisionView => {
      const before = revisions[index + 1] ?? null;
      const isTarget = rollout?.toRevision === revision.number;
      const isServing = service.servingRevision === revision.number;
      const last = rollouts.find((each) => each.toRevision === revision.number && each.endedAtMs !== null);
      // A person who ends a rollout takes it back too, but that is told as what it is.
      const wasTakenBack =
        last?.stage.name === 'ended' &&
        last.stage.outcome === 'failed' &&
        rollouts.some((each) => each.kind === 'auto-rollback' && each.fromRevision === revision.number);
      const state: RevisionView['state'] = isTarget
        ? 'rolling-out'
        : isServing
          ? 'serving'
          : revision.state === 'failed'
            ? wasTakenBack
              ? 'rolled-back'
              : 'failed'
            : revision.state === 'stable'
              ? 'replaced'
              : 'candidate';
      return {
        revision,
        changes: diffSpecs(before, revision),
        state,
        word: wordOf(state, rollout, weight, last ?? null),
        isKept: keeping?.fromRevision === revision.number,
        canRollBack: !isServing && !isTarget && service.state === 'active' && revision.digest !== null,
      };
    });
  }

  rollouts(serviceId: ServiceId): RolloutView[] {
    const { store, clock } = this.#core.world;
    return store.read.rollouts(serviceId).map((rollout) => rolloutView(this.#core, rollout, clock.nowMs()));
  }

  events(projectId: ProjectId): ServiceEvent[] {
    return this.#events.of(projectId);
  }

  progress(projectId: ProjectId): ImageProgressView[] {
    return [...this.#core.images.progress.values()].filter(
      (each) => this.#core.world.store.read.service(each.serviceId)?.projectId === projectId,
    );
  }

  hosts(): ServiceHostView[] {
    this.#use.watch();
    const stored = new Map(this.#core.world.store.read.serviceHosts().map((host) => [host.id, host]));
    return this.#core.fleet.all().flatMap((host): ServiceHostView[] => {
      const settings = stored.get(host.id);
      if (settings === undefined) return [];
      const { state } = host.engine;
      const containers = [...host.containers.values()];
      return [
        {
          id: host.id,
          name: host.id,
          endpoint: settings.endpoint,
          labels: settings.labels,
          availability: settings.availability,
          engine: engineView(state),
          replicas: containers.filter((each) => each.labels['gantry.role'] === 'replica' && each.state === 'running')
            .length,
          containers: containers.length,
          cpuPercent: this.#use.ofHost(host.id),
          diskFreeBytes: host.diskFreeBytes,
          observedAtMs: host.observedAtMs,
        },
      ];
    });
  }

  secrets(projectId: ProjectId): SecretView[] {
    const { read } = this.#core.world.store;
    return read.secrets(projectId).map((secret) => ({
      name: secret.name,
      versions: secret.versions.map(({ version, sizeBytes, createdAtMs, sealed }) => ({
        version,
        sizeBytes,
        createdAtMs,
        keyId: sealed.keyId,
      })),
      usedBy: this.#uses(projectId, (revision) => revision.secretVersions[secret.name]),
    }));
  }

  configs(projectId: ProjectId): ConfigView[] {
    const { read } = this.#core.world.store;
    return read.configs(projectId).map((config) => ({
      name: config.name,
      versions: config.versions.map(({ version, text, createdAtMs }) => ({
        version,
        sizeBytes: encoder.encode(text).length,
        createdAtMs,
      })),
      text: config.versions.at(-1)?.text ?? '',
      usedBy: this.#uses(projectId, (revision) => revision.configVersions[config.name]),
    }));
  }

  volumes(projectId: ProjectId): VolumeView[] {
    return this.#sources.volumes.views(projectId);
  }

  previews(projectId: ProjectId): PreviewView[] {
    return this.#sources.previews.views(projectId, (service) => this.#view(service));
  }

  loads(projectId: ProjectId): LoadTest[] {
    return this.#sources.loads.of(projectId);
  }

  dispose(): void {
    this.#events.dispose();
    this.#use.dispose();
  }

  #view(service: Service): ServiceView {
    return serviceView(this.#core, service, this.#use);
  }

  #weightOf(service: Service): number {
    return Math.round(this.#core.driver(service.id)?.observation.plan?.progress?.weightPercent ?? 0);
  }

  #uses(
    projectId: ProjectId,
    versionOf: (revision: {
      secretVersions: Record<string, number>;
      configVersions: Record<string, number>;
    }) => number | undefined,
  ): SecretView['usedBy'] {
    const { read } = this.#core.world.store;
    return read.services(projectId).flatMap((service) => {
      const rollout = service.rolloutId === null ? null : read.rollout(service.rolloutId);
      const number = rollout?.toRevision ?? service.servingRevision;
      const revision = number === null ? null : read.revision(service.id, number);
      const version = revision === null ? undefined : versionOf(revision);
      return version === undefined ? [] : [{ service: service.name, stack: service.stack, version }];
    });
  }
}

function wordOf(state: RevisionView['state'], rollout: Rollout | null, weight: number, last: Rollout | null): string {
  switch (state) {
    case 'rolling-out':
      return rollout?.kind === 'deploy' ? `rolling out, ${weight} %` : `going back to it, ${weight} %`;
    case 'serving':
      return rollout === null || weight === 0 ? 'serving' : `serving ${100 - weight} %`;
    case 'rolled-back':
      return 'rolled back by itself';
    case 'failed':
      return last?.stage.name === 'ended' && last.stage.outcome === 'aborted' ? 'aborted' : 'failed';
    case 'replaced':
      return 'replaced';
    case 'candidate':
      return last?.stage.name === 'ended' && last.stage.outcome === 'superseded' ? 'superseded' : 'never served';
  }
}

function engineView(state: EngineState): ServiceHostView['engine'] {
  if (state.state !== 'ready') return state;
  const { name, version, apiVersion, architecture, cpus, memoryBytes } = state;
  return { state: 'ready', name, version, apiVersion, architecture, cpus, memoryBytes };
}
