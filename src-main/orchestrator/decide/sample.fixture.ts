/** Small facts for tests. Texts stand for branded ids, and a revision's hash is `h<number>`, as in tables of cases. */
import type { Revision, Rollout, RolloutDecision, Service } from '#shared/model/service.ts';
import type { HostId, ImageDigest, RolloutId, ServiceId, ServiceName } from '#shared/model/service-ids.ts';
import {
  type ServiceSpecInput,
  serviceSpecSchema,
  type UpdatePolicy,
  updatePolicySchema,
} from '#shared/model/service-spec.ts';
import type { HostFacts, Replica, ReplicaHealth, ServiceFacts } from './facts.ts';
import { planService } from './plan-service.ts';
import { Placement } from './scheduler/placement.ts';
import type { ServicePlan } from './service-plan.ts';

export const serviceId = 'parcel/main/api' as ServiceId;
export const hostId = (text: string): HostId => text as HostId;
export const digest = (number: number): ImageDigest => `sha256:${number.toString(16).padStart(64, '0')}` as ImageDigest;
/** The present of all samples. */
export const nowMs = 1_000_000;

export function sampleSpec(rest: Partial<ServiceSpecInput> = {}): Revision['spec'] {
  return serviceSpecSchema.parse({
    name: 'api',
    image: { kind: 'image', reference: 'parcel/api:1' },
    mode: { kind: 'replicated', replicas: 3 },
    ports: [{ containerPort: 8080 }],
    ...rest,
  });
}

export function sampleRevision(
  number: number,
  spec: Partial<ServiceSpecInput> = {},
  rest: Partial<Revision> = {},
): Revision {
  return {
    serviceId,
    number,
    spec: sampleSpec(spec),
    digest: digest(number),
    secretVersions: {},
    configVersions: {},
    origin: { kind: 'person' },
    commit: null,
    state: 'stable',
    failure: null,
    createdAtMs: 0,
    ...rest,
  };
}

export function sampleService(rest: Partial<Service> = {}): Service {
  return {
    id: serviceId,
    projectId: 'parcel' as Service['projectId'],
    stack: 'main' as Service['stack'],
    name: 'api' as ServiceName,
    state: 'active',
    servingRevision: 1,
    rolloutId: null,
    publishedPorts: [],
    revisions: 1,
    createdAtMs: 0,
    ...rest,
  };
}

export function sampleRollout(rest: Partial<Rollout> = {}): Rollout {
  return {
    id: 'rollout-00000001' as RolloutId,
    serviceId,
    projectId: 'parcel' as Rollout['projectId'],
    number: 1,
    kind: 'deploy',
    fromRevision: 1,
    toRevision: 2,
    policy: updatePolicySchema.parse({}),
    stage: { name: 'replacing', lastBatchAtMs: null },
    progressAtMs: nowMs - 1_000,
    paused: null,
    promoted: false,
    failures: 0,
    decisions: [],
    checkpointId: null,
    origin: { kind: 'person' },
    startedAtMs: nowMs - 10_000,
    endedAtMs: null,
    keepPreviousUntilMs: null,
    ...rest,
  };
}

/** A policy whose rest is as it is by default. */
export function policyOf(policy: object): UpdatePolicy {
  return updatePolicySchema.parse(policy);
}

/** A rollout from revision 1 to 2 that has come to `stage`. */
export function rolloutAt(stage: Rollout['stage'], policy: object = {}, rest: Partial<Rollout> = {}): Rollout {
  return sampleRollout({ stage, policy: policyOf(policy), ...rest });
}

/** What a rollout has recorded of a replica's health. */
export function told(containerId: string, verdict: 'passed' | 'failed' = 'passed'): RolloutDecision {
  return { atMs: nowMs - 3_000, gate: 'health', verdict, detail: '', durationMs: null, evidence: { containerId } };
}

const healthy: ReplicaHealth = { status: 'healthy', sinceMs: nowMs - 50_000, detail: 'L7OK 200', passes: 3 };

/** A replica that runs, is healthy and takes traffic. Its id is `<revision>.<slot>`. */
export function sampleReplica(revision: number, slot: number, rest: Partial<Replica> = {}): Replica {
  const containerId = `${revision}.${slot}`;
  return {
    containerId,
    name: `gantry-parcel-main-api-${slot}-${containerId}`,
    serviceId,
    hostId: hostId('a'),
    revision,
    templateHash: `h${revision}`,
    slot,
    attempt: 1,
    phase: 'running',
    createdAtMs: nowMs - 60_000,
    startedAtMs: nowMs - 60_000,
    endedAtMs: null,
    exitCode: null,
    wasOutOfMemory: false,
    error: '',
    restarts: 0,
    health: healthy,
    traffic: 'ready',
    active: 0,
    drainingSinceMs: null,
    isStopping: false,
    counters: null,
    ...rest,
  };
}

/** All replicas of revision 1. */
export const old: readonly Replica[] = [1, 2, 3].map((slot) => sampleReplica(1, slot));

/** A replica of revision 2 that is healthy since a short while. */
export function freshReplica(slot: number, rest: Partial<Replica> = {}): Replica {
  return sampleReplica(2, slot, { createdAtMs: nowMs - 5_000, startedAtMs: nowMs - 5_000, ...rest });
}

/** A new replica that its edge checks and that has not passed yet. */
export function startingReplica(revision: number, slot: number, rest: Partial<Replica> = {}): Replica {
  return sampleReplica(revision, slot, {
    createdAtMs: nowMs - 2_000,
    startedAtMs: nowMs - 2_000,
    health: { status: 'starting', sinceMs: nowMs - 2_000, detail: '', passes: 0 },
    traffic: 'drain',
    drainingSinceMs: nowMs - 2_000,
    ...rest,
  });
}

/** A replica that ended. */
export function endedReplica(revision: number, slot: number, rest: Partial<Replica> = {}): Replica {
  return sampleReplica(revision, slot, {
    phase: 'ended',
    endedAtMs: nowMs - 1_000,
    exitCode: 1,
    health: { status: 'unknown', sinceMs: nowMs - 1_000, detail: '', passes: 0 },
    traffic: 'none',
    ...rest,
  });
}

/** Takes nothing new and has nothing under way. */
export const drained = { traffic: 'drain', active: 0, drainingSinceMs: nowMs - 1_000 } as const;

export function sampleHost(id: string, rest: Partial<HostFacts> = {}): HostFacts {
  return {
    id: hostId(id),
    name: `dock-${id}`,
    architecture: 'amd64',
    cpus: 4,
    memoryBytes: 8 * 1_024 ** 3,
    labels: {},
    availability: 'active',
    state: 'ready',
    problem: null,
    downSinceMs: null,
    returnedAtMs: null,
    images: new Set([1, 2, 3].map(digest)),
    diskFreeBytes: null,
    portsTaken: new Map(),
    ...rest,
  };
}

/** What tests say of a service: everything else is as it is by default. */
export interface SampleFacts extends Partial<Omit<ServiceFacts, 'revisions' | 'templateHashes' | 'dependencies'>> {
  readonly revisions?: readonly Revision[];
  readonly hashes?: Readonly<Record<number, string>>;
  readonly dependencies?: Readonly<Record<string, boolean>>;
  readonly hosts?: readonly HostFacts[];
}

export function sampleFacts(sample: SampleFacts = {}): ServiceFacts {
  const {
    revisions = [sampleRevision(1), sampleRevision(2)],
    hashes = {},
    dependencies = {},
    hosts: _,
    ...rest
  } = sample;
  return {
    service: sampleService(),
    revisions: new Map(revisions.map((revision) => [revision.number, revision])),
    templateHashes: new Map(
      revisions
        .filter((revision) => revision.digest !== null)
        .map(({ number }) => [number, hashes[number] ?? `h${number}`]),
    ),
    architectures: new Map(),
    rollout: null,
    keeping: null,
    stableRevision: null,
    replicas: [],
    refusals: [],
    imageFailures: [],
    preflightProblems: [],
    volumes: [],
    home: null,
    dependencies: new Map(Object.entries(dependencies) as [ServiceName, boolean][]),
    nowMs,
    ...rest,
  };
}

/** The plan of a sample; on one host unless it names some. */
export function planOf(sample: SampleFacts = {}): ServicePlan {
  return planService(sampleFacts(sample), new Placement(sample.hosts ?? [sampleHost('a')]));
}

/** A plan's actions in short: "create 2/1 on a", "stop 1.3", "remove 2.1". */
export function actionsOf({ actions }: ServicePlan): string[] {
  return actions.map((action) => {
    if (action.kind !== 'create') return `${action.kind} ${action.containerId}`;
    const attempt = action.attempt === 1 ? '' : `#${action.attempt}`;
    return `create ${action.revision}.${action.slot}${attempt} on ${action.hostId}`;
  });
}

/** A plan's traffic in short: "1.1 256", "2.1 drain". */
export function trafficOf({ traffic }: ServicePlan): string[] {
  return traffic.map(({ containerId, state, weight }) => `${containerId} ${state === 'drain' ? state : weight}`);
}
