/** One service as its row, its node and the head of its page show it. */
import type { ReplicaView, ServiceView } from '#shared/contract/service-views.ts';
import type { Revision, Service } from '#shared/model/service.ts';
import type { ServiceSpec } from '#shared/model/service-spec.ts';
import type { Replica } from '../decide/facts.ts';
import { needsStack } from '../decide/scheduler/stack-home.ts';
import { replicaState, type ServiceCondition, serviceSentence, serviceStatus } from '../decide/service-words.ts';
import { hostPortOf, serverName } from './edge-spec.ts';
import type { OrchestratorCore } from './orchestrator-core.ts';
import type { UseMeter } from './use-meter.ts';
import { rolloutView } from './rollout-view.ts';

/** Computes the view now. */
export function serviceView(core: OrchestratorCore, service: Service, use: UseMeter): ServiceView {
  const { store, clock } = core.world;
  const { read } = store;
  const nowMs = clock.nowMs();
  const driver = core.driver(service.id);
  const observation = driver?.observation ?? null;
  const rollout = service.rolloutId === null ? null : read.rollout(service.rolloutId);
  const lastRollout = read.lastRollout(service.id);
  const shownNumber = service.servingRevision ?? rollout?.toRevision ?? service.revisions;
  const shown = read.revision(service.id, rollout?.toRevision ?? shownNumber);
  const wanted = wantedReplicas(core, service, shown?.spec ?? null);
  const replicas = observation?.replicas ?? [];
  const condition: ServiceCondition = {
    service,
    spec: shown?.spec ?? null,
    rollout,
    lastRollout,
    replicas,
    plan: observation?.plan ?? null,
    wanted,
    isFresh: observation?.isFresh ?? false,
  };
  const weightPercent = observation?.plan?.progress?.weightPercent ?? 0;
  const meter = use.trafficOf(service.id);
  const keeping = read.keepingRollout(service.id);
  const views = replicas.map((replica) => replicaView(replica));
  const taskKey = originTask(shown);
  return {
    id: service.id,
    projectId: service.projectId,
    stack: service.stack,
    name: service.name,
    status: serviceStatus(condition),
    sentence: serviceSentence(condition, weightPercent),
    servingRevision: service.servingRevision,
    revisions: service.revisions,
    image: {
      reference: shown === null ? '' : imageText(shown.spec),
      digest: shown?.digest ?? null,
    },
    origin: shown?.origin ?? null,
    taskKey,
    commit: shown?.commit ?? null,
    wanted,
    isGlobal: shown?.spec.mode.kind === 'global',
    replicas: views,
    pending: (observation?.plan?.pending ?? []).map(({ slot, revision, why, retryAtMs }) => ({
      slot,
      revision,
      why,
      retryAtMs,
    })),
    rollout: rollout === null ? null : rolloutView(core, rollout, nowMs),
    lastRollout,
    ports: (shown?.spec.ports ?? []).map((port) => ({
      containerPort: port.containerPort,
      protocol: port.protocol,
      address: port.publish?.address ?? null,
      hostPort: hostPortOf(service, port),
    })),
    routes: (shown?.spec.routes ?? []).map((route) => ({ ...route, url: routeUrl(core, service, route) })),
    dependsOn: shown?.spec.dependsOn ?? [],
    volumes: (shown?.spec.mounts ?? []).flatMap((mount) => (mount.kind === 'volume' ? [mount.volume] : [])),
    secrets: (shown?.spec.secrets ?? []).map((each) => each.secret),
    traffic:
      meter?.rate === undefined || meter.rate === null || meter.failed === null
        ? null
        : {
            requestsPerSecond: meter.rate.requestsPerSecond,
            errorsPerSecond: meter.rate.errorsPerSecond,
            p99Ms: meter.rate.p99Ms,
            active: replicas.reduce((sum, replica) => sum + replica.active, 0),
            failed: meter.failed.count,
            sinceMs: meter.failed.sinceMs,
          },
    cpuCores: sum(views.map((view) => (view.cpuPercent === null ? null : view.cpuPercent / 100))),
    memoryBytes: sum(views.map((view) => view.memoryBytes)),
    history: use.historyOf(service.id),
    observedAtMs: observation?.observedAtMs ?? 0,
    can: {
      deploy: service.state === 'active',
      rollBack: service.state === 'active' && service.revisions > 1,
      remove: service.state === 'active',
      scale: service.state === 'active' && shown?.spec.mode.kind === 'replicated',
    },
  };

  function replicaView(replica: Replica): ReplicaView {
    const rate = meter?.of(serverName(replica)) ?? null;
    const used = use.ofContainer(replica.containerId);
    const share = observation?.plan?.traffic.find((each) => each.containerId === replica.containerId);
    const weights = (observation?.plan?.traffic ?? [])
      .filter((each) => each.state === 'ready')
      .reduce((total, each) => total + each.weight, 0);
    return {
      containerId: replica.containerId,
      name: `${service.name}.${replica.slot}`,
      containerName: replica.name,
      slot: replica.slot,
      revision: replica.revision,
      hostId: replica.hostId,
      state: replicaState(replica, keeping?.fromRevision ?? null),
      detail: replica.error !== '' ? replica.error : replica.health.status === 'healthy' ? '' : replica.health.detail,
      isCanary: rollout?.stage.name === 'shifting' && replica.revision === rollout.toRevision,
      trafficPercent:
        (shown?.spec.ports.length ?? 0) === 0
          ? null
          : share?.state === 'ready' && weights > 0
            ? Math.round((share.weight / weights) * 100)
            : 0,
      requestsPerSecond: rate?.requestsPerSecond ?? null,
      p99Ms: rate?.p99Ms ?? null,
      cpuPercent: used?.cpuPercent ?? null,
      memoryBytes: used?.memoryBytes ?? null,
      restarts: replica.restarts + replica.attempt - 1,
      startedAtMs: replica.startedAtMs,
      exitCode: replica.exitCode,
    };
  }

  function originTask(revision: Revision | null): ServiceView['taskKey'] {
    if (revision?.origin.kind !== 'lane' || revision.origin.taskId === null) return null;
    return read.task(revision.origin.taskId)?.key ?? null;
  }
}

/** How many replicas a spec asks for on the hosts that there are. */
function wantedReplicas(core: OrchestratorCore, service: Service, spec: ServiceSpec | null): number {
  if (spec === null) return 0;
  if (spec.mode.kind === 'replicated') return spec.mode.replicas;
  const home = needsStack(spec) ? core.homes.of(service) : null;
  return core
    .hostFacts()
    .filter(({ id, availability, state }) => availability === 'active' && state === 'ready' && (home ?? id) === id)
    .length;
}

function imageText({ image }: ServiceSpec): string {
  return image.kind === 'image' ? image.reference : `built from ${image.context}`;
}

function routeUrl(core: OrchestratorCore, service: Service, route: ServiceSpec['routes'][number]): string | null {
  const ports = core.ingresses.ports(service);
  if (ports === null) return null;
  const host = route.host ?? '127.0.0.1';
  return route.certificate === null
    ? `http://${host}:${ports.http}${route.path}`
    : `https://${host}:${ports.https}${route.path}`;
}

/** The sum of what is known; null when nothing is. */
function sum(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((total, value) => total + value, 0);
}
