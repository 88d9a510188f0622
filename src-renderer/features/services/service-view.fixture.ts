/** Services as the host shows them, for tests: healthy, with one replica, unless told otherwise. */
import {
  type ReplicaView,
  replicaViewSchema,
  type RevisionView,
  revisionViewSchema,
  type RolloutView,
  rolloutViewSchema,
  type ServiceView,
  serviceViewSchema,
} from '#shared/contract/service-views.ts';
import { serviceSpecSchema } from '#shared/model/service-spec.ts';

export const noonMs = new Date(2025, 10, 21, 12).getTime();
const digest = `sha256:${'e07a'.padEnd(64, '0')}`;

type Change = Readonly<Record<string, unknown>>;

export function replica(slot: number, change: Change = {}): ReplicaView {
  const revision = change['revision'] ?? 1;
  return replicaViewSchema.parse({
    containerId: `container-${slot}-${String(revision)}`,
    name: `api.${slot}`,
    containerName: `gantry-parcel-main-api-${slot}-abcdef`,
    slot,
    revision,
    hostId: 'local',
    state: 'healthy',
    detail: '',
    isCanary: false,
    trafficPercent: null,
    requestsPerSecond: null,
    p99Ms: null,
    cpuPercent: null,
    memoryBytes: null,
    restarts: 0,
    startedAtMs: noonMs,
    exitCode: null,
    ...change,
  });
}

export function service(name: string, change: Change = {}): ServiceView {
  return serviceViewSchema.parse({
    id: `parcel/main/${name}`,
    projectId: 'parcel',
    stack: 'main',
    name,
    status: 'healthy',
    sentence: `${name} is as it is.`,
    servingRevision: 1,
    revisions: 1,
    image: { reference: `parcel/${name}`, digest },
    origin: { kind: 'person' },
    taskKey: null,
    commit: null,
    wanted: 1,
    isGlobal: false,
    replicas: [replica(1)],
    pending: [],
    rollout: null,
    lastRollout: null,
    ports: [],
    routes: [],
    dependsOn: [],
    volumes: [],
    secrets: [],
    traffic: null,
    cpuCores: null,
    memoryBytes: null,
    history: { requests: [], p99Ms: [], cpuCores: [], memoryBytes: [] },
    observedAtMs: noonMs,
    can: { deploy: true, rollBack: true, remove: true, scale: true },
    ...change,
  });
}

/** What an edge counts. */
export function traffic(requestsPerSecond: number, change: Change = {}): Change {
  return { requestsPerSecond, errorsPerSecond: 0, p99Ms: 64, active: 0, failed: 0, sinceMs: noonMs, ...change };
}

/** A canary from revision 14 to 15 that has 10 % of the traffic. */
export function rollout(change: Change = {}, view: Change = {}): RolloutView {
  return rolloutViewSchema.parse({
    rollout: {
      id: 'rollout-abcdefgh',
      serviceId: 'parcel/main/api',
      projectId: 'parcel',
      number: 7,
      kind: 'deploy',
      fromRevision: 14,
      toRevision: 15,
      policy: serviceSpecSchema.shape.update.parse({ strategy: 'canary' }),
      stage: { name: 'shifting', step: 0, sinceMs: noonMs },
      progressAtMs: noonMs,
      paused: null,
      promoted: false,
      failures: 0,
      decisions: [],
      checkpointId: null,
      origin: { kind: 'person' },
      startedAtMs: noonMs,
      endedAtMs: null,
      keepPreviousUntilMs: null,
      ...change,
    },
    steps: [],
    weightPercent: 9.96,
    healthy: 1,
    wanted: 1,
    waitsFor: null,
    can: { promote: true, pause: true, resume: false, abort: true },
    ...view,
  });
}

export function revision(number: number, change: Change = {}, spec: Change = {}): RevisionView {
  return revisionViewSchema.parse({
    revision: {
      serviceId: 'parcel/main/api',
      number,
      spec: serviceSpecSchema.parse({ name: 'api', image: { kind: 'image', reference: 'parcel/api' }, ...spec }),
      digest,
      secretVersions: {},
      configVersions: {},
      origin: { kind: 'person' },
      commit: null,
      state: 'stable',
      failure: null,
      createdAtMs: noonMs,
    },
    changes: [{ field: 'image', kind: 'changed', text: `image ${number}` }],
    state: 'replaced',
    word: 'replaced',
    isKept: false,
    canRollBack: true,
    ...change,
  });
}
