import { type Disposable, toDisposable } from '#shared/base/disposable.ts';
import type { Revision, Rollout, Service } from '#shared/model/service.ts';
import type { RolloutId, ServiceId } from '#shared/model/service-ids.ts';
import type { EdgeFacts, EdgeServerFacts } from '../../ports/edge.ts';
import type { EngineRefusal } from '../../ports/engine.ts';
import { serviceLabel, networkName } from '../../ports/service-labels.ts';
import { Loop } from '../../reactor/loop.ts';
import { propose } from '../../reactor/propose.ts';
import type { Refusal, ImageFailure, Replica, ServiceFacts } from '../decide/facts.ts';
import { planService } from '../decide/plan-service.ts';
import type { Placement } from '../decide/scheduler/placement.ts';
import type { ReplicaAction, RolloutMove, ServicePlan, TrafficShare } from '../decide/service-plan.ts';
import { type AddressedReplica, edgeName, edgeSpecOf, serverName } from './edge-spec.ts';
import { Effects } from './effects.ts';
import { chooseHostPorts } from './host-ports.ts';
import type { HostFleet, ObservedHost } from './host-fleet.ts';
import type { ImagePreparer } from './image-preparer.ts';
import { lastWords } from './last-words.ts';
import { type ReplicaMemory, replicaOf } from './replica-facts.ts';
import { type ReplicaMaker, secretSetKey, templateHashOf } from './replica-maker.ts';
import type { ServiceWorld } from './service-world.ts';

/** While a check or a drain is waited for; nothing announces their ends but asking. */
const watchMs = 150;
const refusalsKeptMs = 600_000;
const createsAtOnceMax = 4;

/** What the drivers of all services share. */
export interface ServiceContext {
  readonly world: ServiceWorld;
  readonly fleet: HostFleet;
  readonly images: ImagePreparer;
  readonly maker: ReplicaMaker;
  /** The hosts with what runs there now. Each driver says what its own service has. */
  readonly placement: Placement;
  /** Whether a service answers: what those that depend on it wait for. */
  readonly serves: (serviceId: ServiceId) => boolean;
  /** What stands against a revision, found without touching anything; null when nothing does. */
  readonly preflight: (service: Service, revision: Revision) => Promise<readonly string[]>;
  /** The service's view looks different. */
  readonly announce: (serviceId: ServiceId) => void;
  /** Its traffic is part of the stack's ingress. */
  readonly onTraffic: (service: Service) => void;
}

/** What the views show of a driver's last pass. */
export interface ServiceObservation {
  readonly replicas: readonly Replica[];
  readonly plan: ServicePlan | null;
  readonly edge: EdgeFacts | null;
  /** Why the edge is not as it should be; null when it is. */
  readonly edgeProblem: string | null;
  readonly observedAtMs: number;
  /** False while no host has been looked at, or one that it runs on does not answer. */
  readonly isFresh: boolean;
}

/**
 * Keeps one service as the state says: observes, plans, does, again. A rollout's move is stored
 * before anything of the new stage is done, so that a program that is killed at any point goes on
 * from what is stored and what is observed.
 */
export class ServiceDriver implements Disposable {
  readonly serviceId: ServiceId;
  readonly #context: ServiceContext;
  readonly #loop: Loop;
  readonly #effects: Effects;
  readonly #memory = new Map<string, ReplicaMemory>();
  readonly #abort = new AbortController();
  #refusals: Refusal[] = [];
  #imageFailures: ImageFailure[] = [];
  /** What preflight said, and of which rollout. */
  #preflight: { rolloutId: RolloutId; problems: readonly string[] } | null = null;
  #forgottenFor: string | null = null;
  #wake: Disposable = toDisposable(() => undefined);
  #wakeAtMs: number | null = null;
  #shares: readonly TrafficShare[] = [];
  observation: ServiceObservation;

  constructor(context: ServiceContext, serviceId: ServiceId) {
    this.#context = context;
    this.serviceId = serviceId;
    const { clock, log } = context.world;
    this.observation = {
      replicas: [],
      plan: null,
      edge: null,
      edgeProblem: null,
      observedAtMs: clock.nowMs(),
      isFresh: false,
    };
    this.#loop = new Loop({
      clock,
      pass: () => this.#pass(),
      onFailure: (error, { failures, isNews }) => {
        if (isNews) log.warn('a service could not be brought forward', { serviceId, failures, error: String(error) });
      },
    });
    this.#effects = new Effects({
      clock,
      onEnd: () => this.request(),
      onFailure: (key, error) =>
        log.warn('a step for a service failed', { serviceId, step: key, error: String(error) }),
    });
  }

  /** Asks for a pass as soon as possible. */
  request(): void {
    this.#loop.request();
  }

  /** The shares of traffic that the last pass decided, with the replicas' addresses: for the stack's ingress. */
  traffic(): { replicas: readonly AddressedReplica[]; shares: readonly TrafficShare[] } {
    return { replicas: this.#addressed(this.observation.replicas), shares: this.#shares };
  }

  /** The name of its edge. Null once the service is forgotten. */
  edgeName(): string | null {
    const { world } = this.#context;
    const service = world.store.read.service(this.serviceId);
    return service === null ? null : edgeName(world.instance, service);
  }

  async idle(): Promise<void> {
    await this.#loop.idle();
    await this.#effects.idle();
    await this.#loop.idle();
  }

  /** No further pass begins, pulls and builds end. What runs goes on. */
  dispose(): void {
    this.#abort.abort();
    this.#wake.dispose();
    this.#loop.dispose();
  }

  async #pass(): Promise<void> {
    const { world, fleet } = this.#context;
    const service = world.store.read.service(this.serviceId);
    if (service === null) return;
    const hosts = fleet.all();
    const isFresh = hosts.length > 0 && hosts.every((host) => host.isReady);
    if (!hosts.some((host) => host.observedAtMs !== null)) {
      this.#observe({ isFresh: false });
      return;
    }
    const revisions = this.#revisions(service);
    const shown = this.#shownRevision(service, revisions);
    const edge = await this.#readEdge(service, shown, hosts);
    const replicas = this.#replicas(revisions, edge);
    if (service.state === 'removing') {
      this.#observe({ replicas, edge, plan: null, isFresh });
      await this.#remove(service, hosts);
      return;
    }
    const facts = this.#facts(service, revisions, replicas);
    const plan = planService(facts, this.#context.placement);
    this.#context.placement.count(service.id, replicas, plan);
    this.#observe({ replicas, edge, plan, isFresh });
    if (world.viewOnly) return;
    if (plan.move !== null && facts.rollout !== null && (await this.#move(facts.rollout, plan.move))) {
      // Planned anew from the new stage; nothing of the old one is done any more.
      this.request();
      return;
    }
    if (plan.move?.kind === 'release-previous' && facts.keeping !== null) {
      await propose(world, { kind: 'rollout.releasePrevious', rolloutId: facts.keeping.id });
      this.request();
      return;
    }
    this.#prepare(service, plan, revisions);
    this.#preflightOnce(service, facts);
    await this.#shiftTraffic(service, shown, plan, replicas, edge);
    this.#act(service, plan, revisions);
    this.#letEngineRestart(replicas, revisions);
    this.#sleepUntil(plan, replicas);
  }

  // ── facts ──

  #revisions(service: Service): Map<number, Revision> {
    const { store } = this.#context.world;
    return new Map(store.read.revisions(service.id).map((revision) => [revision.number, revision]));
  }

  /** Whose ports and checks the edge has: the rollout's target once its replicas exist, else what serves. */
  #shownRevision(service: Service, revisions: ReadonlyMap<number, Revision>): Revision | null {
    const { store } = this.#context.world;
    const rollout = service.rolloutId === null ? null : store.read.rollout(service.rolloutId);
    const serving = service.servingRevision === null ? null : (revisions.get(service.servingRevision) ?? null);
    const target = rollout === null ? null : (revisions.get(rollout.toRevision) ?? null);
    if (target === null) return serving;
    return rollout?.stage.name === 'preparing' && serving !== null ? serving : target;
  }

  async #readEdge(service: Service, shown: Revision | null, hosts: readonly ObservedHost[]): Promise<EdgeFacts | null> {
    if (shown === null || shown.spec.ports.length === 0) return null;
    const host = this.#edgeHost(hosts);
    if (host === null) return null;
    const read = await host.edges.read(edgeName(this.#context.world.instance, service));
    return read.ok ? read.value : null;
  }

  /** The edge stands where the app is: on the first host that answers. */
  #edgeHost(hosts: readonly ObservedHost[]): ObservedHost | null {
    return hosts.find((host) => host.isReady) ?? null;
  }

  #replicas(revisions: ReadonlyMap<number, Revision>, edge: EdgeFacts | null): Replica[] {
    const { world, fleet } = this.#context;
    const servers = new Map<string, EdgeServerFacts[]>();
    for (const server of edge?.servers ?? []) {
      const known = servers.get(server.server);
      if (known === undefined) servers.set(server.server, [server]);
      else known.push(server);
    }
    const seen = new Set<string>();
    const replicas: Replica[] = [];
    for (const host of fleet.all()) {
      for (const container of host.containers.values()) {
        if (container.labels[serviceLabel.service] !== this.serviceId) continue;
        const made = replicaOf({
          container,
          hostId: host.id,
          spec: revisions.get(Number(container.labels[serviceLabel.revision]))?.spec ?? null,
          servers: servers.get(serverName({ containerId: container.id })) ?? [],
          memory: this.#memory.get(container.id) ?? null,
          nowMs: world.clock.nowMs(),
        });
        if (made === null) continue;
        seen.add(container.id);
        this.#memory.set(container.id, made.memory);
        replicas.push(made.replica);
      }
    }
    for (const id of this.#memory.keys()) if (!seen.has(id)) this.#memory.delete(id);
    return replicas.toSorted((a, b) => a.slot - b.slot || a.createdAtMs - b.createdAtMs);
  }

  #facts(service: Service, revisions: Map<number, Revision>, replicas: readonly Replica[]): ServiceFacts {
    const { world, serves } = this.#context;
    const { read } = world.store;
    const rollout = service.rolloutId === null ? null : read.rollout(service.rolloutId);
    const nowMs = world.clock.nowMs();
    this.#forgetOldFailures(rollout, nowMs);
    const target = rollout === null ? service.servingRevision : rollout.toRevision;
    const spec = target === null ? null : (revisions.get(target)?.spec ?? null);
    const templateHashes = new Map<number, string>();
    const architectures = new Map<number, string>();
    for (const revision of revisions.values()) {
      const hash = templateHashOf(revision);
      if (hash !== null) templateHashes.set(revision.number, hash);
      const architecture =
        revision.digest === null ? undefined : this.#context.images.architectures.get(revision.digest);
      if (architecture !== undefined) architectures.set(revision.number, architecture);
    }
    const dependencies = new Map(
      (spec?.dependsOn ?? []).flatMap((name) => {
        const other = read
          .services(service.projectId)
          .find((each) => each.stack === service.stack && each.name === name);
        return other === undefined ? [] : [[name, serves(other.id)] as const];
      }),
    );
    return {
      service,
      revisions,
      templateHashes,
      architectures,
      rollout,
      keeping: read.rollouts(service.id).find((each) => each.keepPreviousUntilMs !== null) ?? null,
      stableRevision:
        [...revisions.values()]
          .filter((revision) => revision.state === 'stable' && revision.number !== rollout?.toRevision)
          .toSorted((a, b) => b.number - a.number)[0]?.number ?? null,
      replicas,
      refusals: this.#refusals,
      imageFailures: this.#imageFailures,
      preflightProblems: this.#preflight?.rolloutId === rollout?.id ? (this.#preflight?.problems ?? null) : null,
      volumes: read.volumes(service.projectId).filter((volume) => volume.stack === service.stack),
      dependencies,
      nowMs,
    };
  }

  /** What failed counts for the rollout in which it did, and from a resume on afresh. */
  #forgetOldFailures(rollout: Rollout | null, nowMs: number): void {
    const forWhat =
      rollout === null ? 'steady' : `${rollout.id} ${rollout.paused === null ? rollout.failures === 0 : ''}`;
    if (forWhat !== this.#forgottenFor && rollout?.paused === null) {
      this.#refusals = [];
      this.#imageFailures = [];
    }
    this.#forgottenFor = forWhat;
    this.#refusals = this.#refusals.filter((refusal) => nowMs - refusal.atMs < refusalsKeptMs);
  }

  // ── doing ──

  /** Stores the rollout's move. True when the plan has to be made anew. */
  async #move(rollout: Rollout, move: RolloutMove): Promise<boolean> {
    const { world, announce } = this.#context;
    const { id: rolloutId } = rollout;
    const decisions = 'decisions' in move ? await this.#withLastWords(rollout, [...move.decisions]) : [];
    switch (move.kind) {
      case 'advance':
        await propose(world, {
          kind: 'rollout.advance',
          rolloutId,
          from: rollout.stage,
          to: move.to,
          failures: move.failures,
          decisions,
        });
        break;
      case 'note':
        await propose(world, {
          kind: 'rollout.note',
          rolloutId,
          decisions,
          failures: move.failures,
          progressed: move.progressed,
        });
        break;
      case 'pause':
        if (decisions.length > 0) {
          await propose(world, {
            kind: 'rollout.note',
            rolloutId,
            decisions,
            failures: rollout.failures,
            progressed: false,
          });
        }
        await propose(world, { kind: 'rollout.pause', rolloutId, because: 'failure', detail: move.detail });
        break;
      case 'end':
        await propose(world, {
          kind: 'rollout.end',
          rolloutId,
          outcome: move.outcome,
          detail: move.detail,
          decisions,
          keepPreviousUntilMs: move.keepPreviousUntilMs,
          back:
            move.backTo === null
              ? null
              : { rolloutId: `rollout-${world.random.id(12)}` as RolloutId, toRevision: move.backTo },
        });
        break;
      case 'release-previous':
        return false;
    }
    announce(this.serviceId);
    return true;
  }

  /** A failed gate carries what the failed container said last. */
  async #withLastWords(rollout: Rollout, decisions: Extract<RolloutMove, { kind: 'note' }>['decisions'][number][]) {
    const failed = decisions.find((decision) => decision.verdict === 'failed');
    if (failed === undefined) return decisions;
    const culprit = this.observation.replicas
      .filter((replica) => replica.revision === rollout.toRevision)
      .toSorted((a, b) => rank(a) - rank(b) || b.createdAtMs - a.createdAtMs)[0];
    if (culprit === undefined) return decisions;
    const host = this.#context.fleet.get(culprit.hostId);
    if (host === null) return decisions;
    const words = await lastWords(host.engine, culprit);
    return decisions.map((decision) =>
      decision === failed ? { ...decision, evidence: { ...words, ...decision.evidence } } : decision,
    );
  }

  #prepare(service: Service, plan: ServicePlan, revisions: ReadonlyMap<number, Revision>): void {
    for (const { hostId, revision: number } of plan.prepare) {
      const host = this.#context.fleet.get(hostId);
      const revision = revisions.get(number);
      if (host === null || revision === undefined || !host.isReady) continue;
      this.#effects.begin(`image ${number} ${hostId}`, async () => {
        const prepared = await this.#context.images.ensure(service, revision, host, this.#abort.signal);
        if (prepared.ok || this.#abort.signal.aborted) return;
        const { message } = prepared.error;
        this.#imageFailures = [
          ...this.#imageFailures.filter((each) => each.revision !== number || each.hostId !== hostId),
          {
            revision: number,
            hostId,
            message,
            atMs: this.#context.world.clock.nowMs(),
            isFinal: isFinal(prepared.error),
          },
        ];
      });
    }
  }

  #preflightOnce(service: Service, { rollout, revisions }: ServiceFacts): void {
    if (rollout === null || rollout.stage.name !== 'preparing' || this.#preflight?.rolloutId === rollout.id) return;
    const revision = revisions.get(rollout.toRevision);
    if (revision === undefined) return;
    this.#effects.begin(`preflight ${rollout.id}`, async () => {
      const problems = await this.#context.preflight(service, revision);
      this.#preflight = { rolloutId: rollout.id, problems };
    });
  }

  /** Brings the edge to the plan's shares. Those about to be stopped have left it before that. */
  async #shiftTraffic(
    service: Service,
    shown: Revision | null,
    plan: ServicePlan,
    replicas: readonly Replica[],
    edge: EdgeFacts | null,
  ): Promise<void> {
    const { world, fleet, onTraffic } = this.#context;
    if (shown === null) return;
    const changed = JSON.stringify(plan.traffic) !== JSON.stringify(this.#shares);
    this.#shares = plan.traffic;
    this.#rememberDraining(plan.traffic);
    if (changed) onTraffic(service);
    const spec = edgeSpecOf(world.instance, service, shown.spec, this.#addressed(replicas), plan.traffic);
    const host = this.#edgeHost(fleet.all());
    if (spec === null || host === null) return;
    if (!changed && edge !== null && isAsPlanned(edge, spec)) return;
    const joined = await host.engine.ensureNetwork(spec.network, spec.labels);
    const applied = joined.ok ? await host.edges.apply(spec) : joined;
    this.#observe({
      edge: applied.ok ? applied.value : edge,
      edgeProblem: applied.ok ? null : applied.error.message,
    });
    if (applied.ok) return;
    // Somebody took the port between its choice and its first use: nobody knows it yet, so another one does.
    if (applied.error.reason === 'port-taken' && service.servingRevision === null) {
      await chooseHostPorts(world, service, shown.spec, true);
    }
    throw new Error(applied.error.message);
  }

  #rememberDraining(shares: readonly TrafficShare[]): void {
    const nowMs = this.#context.world.clock.nowMs();
    const before = new Map(this.#shares.map((share) => [share.containerId, share]));
    for (const share of shares) {
      const memory = this.#memory.get(share.containerId);
      if (memory === undefined) continue;
      if (share.state === 'ready') memory.drainingSinceMs = null;
      else if (before.has(share.containerId)) memory.drainingSinceMs ??= nowMs;
    }
  }

  #addressed(replicas: readonly Replica[]): AddressedReplica[] {
    const { world, fleet } = this.#context;
    const service = world.store.read.service(this.serviceId);
    if (service === null) return [];
    const network = networkName(world.instance, service.projectId, service.stack);
    return replicas.flatMap((replica) => {
      const address = fleet.find(replica.containerId)?.facts.addresses[network];
      return address === undefined || address === '' ? [] : [{ replica, address }];
    });
  }

  #act(service: Service, plan: ServicePlan, revisions: ReadonlyMap<number, Revision>): void {
    for (const action of plan.actions) {
      if (action.kind === 'create' && this.#effects.count('create ') >= createsAtOnceMax) continue;
      this.#effects.begin(keyOf(action), () => this.#do(service, action, revisions));
    }
  }

  async #do(service: Service, action: ReplicaAction, revisions: ReadonlyMap<number, Revision>): Promise<void> {
    const { fleet, maker, world } = this.#context;
    if (action.kind === 'create') {
      const host = fleet.get(action.hostId);
      const revision = revisions.get(action.revision);
      if (host === null || revision === undefined) return;
      const created = await maker.create(service, revision, action, host);
      if (created.ok) return;
      const { message } = created.error;
      this.#refusals = [...this.#refusals, { ...action, message, atMs: world.clock.nowMs() }];
      world.log.warn('a replica could not be started', { serviceId: service.id, slot: action.slot, error: message });
      return;
    }
    const found = fleet.find(action.containerId);
    if (found === null) return;
    const { host, facts } = found;
    const { engine } = host;
    const done =
      action.kind === 'start'
        ? await this.#start(service, revisions.get(Number(facts.labels[serviceLabel.revision])), host, facts.id)
        : action.kind === 'stop'
          ? await engine.stopContainer(facts.id, action.graceMs)
          : await engine.removeContainer(facts.id);
    await host.refresh(facts.id);
    if (!done.ok) throw new Error(done.error.message);
  }

  /** Secrets are gone from the memory that held them once nothing used it: filled again before a start. */
  async #start(service: Service, revision: Revision | undefined, host: ObservedHost, containerId: string) {
    if (revision !== undefined && secretSetKey(service, revision) !== null) {
      const filled = await this.#context.maker.ensureSecrets(service, revision, host);
      if (!filled.ok) return filled;
    }
    return host.engine.startContainer(containerId);
  }

  /** A replica that has been healthy is kept up by the engine too, so that it lives on while the app is away. */
  #letEngineRestart(replicas: readonly Replica[], revisions: ReadonlyMap<number, Revision>): void {
    for (const replica of replicas) {
      if (replica.phase !== 'running' || replica.health.status !== 'healthy') continue;
      const spec = revisions.get(replica.revision)?.spec;
      // Without their secrets they must not come back, and secrets are gone when the engine restarts.
      if (spec === undefined || spec.restart.condition !== 'any' || spec.secrets.length > 0) continue;
      const found = this.#context.fleet.find(replica.containerId);
      if (found === null || found.facts.restart !== 'no') continue;
      this.#effects.begin(`restart policy ${replica.containerId}`, async () => {
        const set = await found.host.engine.setRestart(replica.containerId, 'unless-stopped');
        if (!set.ok) throw new Error(set.error.message);
        await found.host.refresh(replica.containerId);
      });
    }
  }

  /** Takes everything of the service away, traffic first; then forgets it. */
  async #remove(service: Service, hosts: readonly ObservedHost[]): Promise<void> {
    const { world, onTraffic } = this.#context;
    if (world.viewOnly) return;
    this.#shares = [];
    onTraffic(service);
    for (const host of hosts) {
      if (!host.isReady) throw new Error(`${host.id} does not answer, so what runs there could not be removed yet`);
      const removed = await host.edges.remove(edgeName(world.instance, service));
      if (!removed.ok) throw new Error(removed.error.message);
      const graceMs = Math.max(0, ...world.store.read.revisions(service.id).map(({ spec }) => spec.stopGraceMs));
      await Promise.all(
        [...host.containers.values()]
          .filter(
            ({ labels }) =>
              labels[serviceLabel.service] === service.id &&
              // Secrets go as a whole, with the volume that is held, once nothing uses them.
              labels[serviceLabel.role] !== 'keeper',
          )
          .map(async (container) => {
            if (container.state === 'running') await host.engine.stopContainer(container.id, graceMs);
            const gone = await host.engine.removeContainer(container.id);
            if (!gone.ok) throw new Error(gone.error.message);
          }),
      );
      const released = await world.secretFiles.release(host.engine, world.instance, service.id, new Set());
      if (!released.ok) throw new Error(released.error.message);
      host.lookAgain();
      await host.idle();
    }
    await propose(world, { kind: 'service.forget', serviceId: service.id });
  }

  #sleepUntil(plan: ServicePlan, replicas: readonly Replica[]): void {
    const { clock } = this.#context.world;
    // Checks and drains end without an event; a rollout looks often, what stands still does not.
    const isWatched =
      replicas.some((replica) => replica.phase === 'running' && replica.health.status === 'starting') ||
      replicas.some((replica) => replica.drainingSinceMs !== null && replica.active > 0) ||
      (plan.progress !== null && plan.actions.length > 0);
    const atMs = Math.min(
      plan.wakeAtMs ?? Number.POSITIVE_INFINITY,
      isWatched ? clock.nowMs() + watchMs : Number.POSITIVE_INFINITY,
    );
    this.#wake.dispose();
    this.#wakeAtMs = Number.isFinite(atMs) ? atMs : null;
    if (this.#wakeAtMs === null) return;
    this.#wake = clock.after(Math.max(10, this.#wakeAtMs - clock.nowMs()), () => this.request());
  }

  #observe(change: Partial<ServiceObservation>): void {
    this.observation = { ...this.observation, ...change, observedAtMs: this.#context.world.clock.nowMs() };
    this.#context.announce(this.serviceId);
  }
}

/** Replicas that failed come first. */
function rank(replica: Replica): number {
  if (replica.phase === 'ended' || replica.error !== '') return 0;
  return replica.health.status === 'healthy' ? 2 : 1;
}

/** Trying again by itself would end the same. */
function isFinal({ reason }: EngineRefusal): boolean {
  return reason !== 'unreachable' && reason !== 'timeout';
}

function keyOf(action: ReplicaAction): string {
  if (action.kind === 'create') return `create ${action.revision} ${action.slot} ${action.attempt} ${action.hostId}`;
  return `${action.kind} ${action.containerId}`;
}

/** Whether an edge's servers are what they should be; its listeners change only with the revision. */
function isAsPlanned(edge: EdgeFacts, spec: NonNullable<ReturnType<typeof edgeSpecOf>>): boolean {
  const actual = new Map(edge.servers.map((server) => [`${server.pool} ${server.server}`, server]));
  const wanted = spec.pools.flatMap((pool) =>
    pool.servers.map((server) => [`${pool.name} ${server.name}`, server] as const),
  );
  return (
    wanted.length === actual.size &&
    wanted.every(([key, server]) => {
      const known = actual.get(key);
      if (known === undefined || known.weight !== server.weight || known.address !== server.address) return false;
      return server.state === 'drain' ? known.state !== 'ready' : known.state !== 'drain';
    })
  );
}
