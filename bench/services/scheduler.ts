/** The planner on simulated hosts: every service planned once, then one replica lost. */
import { planService } from '#main/orchestrator/decide/plan-service.ts';
import { Placement } from '#main/orchestrator/decide/scheduler/placement.ts';
import type { HostFacts, Replica, ServiceFacts } from '#main/orchestrator/decide/facts.ts';
import type { Revision, Service } from '#shared/model/service.ts';
import type { HostId, ImageDigest, ServiceId } from '#shared/model/service-ids.ts';
import { serviceSpecSchema } from '#shared/model/service-spec.ts';
import { rounded } from '../benchmark.ts';

const hostCount = 100;
const serviceCount = 1_000;
const replicasEach = 10;
const changes = 200;
const digest = `sha256:${'a'.repeat(64)}` as ImageDigest;
const hash = 'template';
const nowMs = 1_000_000;

/** Full pass over nothing that runs yet, the same again once all of it does, and single changes. */
export function benchScheduler(say: (line: string) => void): Record<string, number> {
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  const placement = new Placement(Array.from({ length: hostCount }, (_, at) => host(at)));
  const services = Array.from({ length: serviceCount }, (_, at) => emptyFacts(at));

  const passStartedMs = performance.now();
  const placed = services.map((facts) => place(facts, placement));
  const fullPassMs = performance.now() - passStartedMs;
  const counts = new Map<HostId, number>();
  for (const { replicas } of placed) {
    for (const { hostId } of replicas) counts.set(hostId, (counts.get(hostId) ?? 0) + 1);
  }
  const spread = [Math.min(...counts.values()), Math.max(...counts.values())];

  const steadyStartedMs = performance.now();
  let asked = 0;
  for (const facts of placed) asked += planService(facts, placement).actions.length;
  const steadyMs = performance.now() - steadyStartedMs;
  if (asked > 0) throw new Error(`${asked} actions were planned although nothing was missing`);
  const memory = process.memoryUsage().heapUsed - before;

  let worstMs = 0;
  for (let change = 0; change < changes; change += 1) {
    const at = (change * 7) % serviceCount;
    const facts = placed[at];
    if (facts === undefined) throw new Error('every service was placed');
    const startedMs = performance.now();
    const lost = { ...facts, replicas: facts.replicas.slice(1) };
    placement.count(facts.service.id, lost.replicas, null);
    const plan = planService(lost, placement);
    placement.count(facts.service.id, lost.replicas, plan);
    worstMs = Math.max(worstMs, performance.now() - startedMs);
    if (plan.actions.length !== 1) throw new Error('one lost replica asks for exactly one');
    placement.count(facts.service.id, facts.replicas, null);
  }
  say(
    `Scheduler: ${serviceCount * replicasEach} replicas placed in ${Math.round(fullPassMs)} ms (${spread.join(' to ')} a host), looked at again in ${Math.round(steadyMs)} ms`,
  );
  return {
    scheduler_full_pass_ms: rounded(Math.max(fullPassMs, steadyMs)),
    scheduler_change_ms: rounded(worstMs),
    scheduler_memory_mb: rounded(memory / 1_048_576),
  };
}

/** Plans a service that has nothing, and answers it with all that the plan makes running. */
function place(facts: ServiceFacts, placement: Placement): ServiceFacts {
  const plan = planService(facts, placement);
  placement.count(facts.service.id, facts.replicas, plan);
  const replicas = plan.actions.flatMap((action) =>
    action.kind === 'create' ? [replica(facts.service.id, action.slot, action.hostId)] : [],
  );
  if (replicas.length !== replicasEach) {
    throw new Error(`${facts.service.id} got ${replicas.length} replicas: ${JSON.stringify(plan.pending[0] ?? plan)}`);
  }
  return { ...facts, replicas };
}

function host(at: number): HostFacts {
  const id = `host-${String(at).padStart(3, '0')}` as HostId;
  return {
    id,
    name: id,
    architecture: 'amd64',
    cpus: 16,
    memoryBytes: 64 * 2 ** 30,
    labels: { zone: at % 2 === 0 ? 'a' : 'b' },
    availability: 'active',
    state: 'ready',
    problem: null,
    downSinceMs: null,
    returnedAtMs: null,
    images: new Set([digest]),
    diskFreeBytes: null,
    portsTaken: new Map(),
  };
}

function emptyFacts(at: number): ServiceFacts {
  const id = `bench/main/s-${at}` as ServiceId;
  const spec = serviceSpecSchema.parse({
    name: `s-${at}`,
    image: { kind: 'image', reference: 'bench' },
    mode: { kind: 'replicated', replicas: replicasEach },
    constraints: at % 4 === 0 ? [{ attribute: 'node.labels.zone', operator: '==', value: 'a' }] : [],
  });
  const service: Service = {
    id,
    projectId: 'bench' as never,
    stack: 'main' as never,
    name: spec.name,
    state: 'active',
    servingRevision: 1,
    rolloutId: null,
    publishedPorts: [],
    revisions: 1,
    createdAtMs: 0,
  };
  const revision: Revision = {
    serviceId: id,
    number: 1,
    spec,
    digest,
    secretVersions: {},
    configVersions: {},
    origin: { kind: 'person' },
    commit: null,
    state: 'stable',
    failure: null,
    createdAtMs: 0,
  };
  return {
    service,
    revisions: new Map([[1, revision]]),
    templateHashes: new Map([[1, hash]]),
    architectures: new Map([[1, 'amd64']]),
    rollout: null,
    keeping: null,
    stableRevision: null,
    replicas: [],
    refusals: [],
    imageFailures: [],
    preflightProblems: null,
    volumes: [],
    home: null,
    dependencies: new Map(),
    nowMs,
  };
}

function replica(serviceId: ServiceId, slot: number, hostId: HostId): Replica {
  return {
    containerId: `${serviceId}-${slot}`,
    name: `${serviceId}-${slot}`,
    serviceId,
    hostId,
    revision: 1,
    templateHash: hash,
    slot,
    attempt: 1,
    phase: 'running',
    createdAtMs: 0,
    startedAtMs: 0,
    endedAtMs: null,
    exitCode: null,
    wasOutOfMemory: false,
    error: '',
    restarts: 0,
    health: { status: 'healthy', sinceMs: 0, detail: 'runs', passes: 3 },
    traffic: 'none',
    active: 0,
    drainingSinceMs: null,
    isStopping: false,
    counters: null,
  };
}
