import { type Disposable, toDisposable } from '#shared/base/disposable.ts';
import type { Revision, Service } from '#shared/model/service.ts';
import type { HostId, ServiceId } from '#shared/model/service-ids.ts';
import type { ContainerEngine, EngineRefusal } from '../../ports/engine.ts';
import { serviceLabel } from '../../ports/service-labels.ts';
import { Loop } from '../../reactor/loop.ts';
import { propose } from '../../reactor/propose.ts';
import type { Replica, ServiceFacts } from '../decide/facts.ts';
import { dueActions } from '../decide/due-actions.ts';
import { planService } from '../decide/plan-service.ts';
import type { ReplicaAction, ServicePlan, TrafficShare } from '../decide/service-plan.ts';
import { isExclusive } from '../decide/update-order.ts';
import { slotKeyOf } from '../decide/slot.ts';
import { type AddressedReplica, edgeName } from './edge-spec.ts';
import { Effects } from './effects.ts';
import type { ObservedHost } from './host-fleet.ts';
import { removeService } from './remove-service.ts';
import { secretSetKey } from './replica-maker.ts';
import { storeMove } from './rollout-moves.ts';
import type { ServiceContext, ServiceObservation } from './service-context.ts';
import { ServiceEdge } from './service-edge.ts';
import { ServiceObserver } from './service-observer.ts';
import { UnusedSecrets } from './unused-secrets.ts';

/** While a check or a drain is waited for: the edge tells of their ends, if it is asked in time. */
const watchMs = 250;
/** Begins the keys of effects that clear secrets away. */
const clearPrefix = 'secrets ';

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
  readonly #observer: ServiceObserver;
  readonly #abort = new AbortController();
  #wake: Disposable = toDisposable(() => undefined);
  #wakeAtMs: number | null = null;
  readonly #edge: ServiceEdge;
  readonly #secrets: UnusedSecrets;
  observation: ServiceObservation;

  constructor(context: ServiceContext, serviceId: ServiceId) {
    this.#context = context;
    this.serviceId = serviceId;
    this.#observer = new ServiceObserver(context, serviceId);
    this.#edge = new ServiceEdge({
      context,
      observer: this.#observer,
      onChange: (change) => this.#observe(change),
      onProgress: () => this.request(),
    });
    this.#secrets = new UnusedSecrets(context.world);
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
    return { replicas: this.#observer.addressed(this.observation.replicas), shares: this.#edge.shares };
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
    this.#effects.dispose();
  }

  async #pass(): Promise<void> {
    const { world, fleet } = this.#context;
    const known = world.store.read.service(this.serviceId);
    if (known === null) return;
    const hosts = fleet.all();
    const isFresh = this.#observer.isFresh(known, hosts);
    if (!hosts.some((host) => host.observedAtMs !== null)) {
      this.#observe({ isFresh: false });
      return;
    }
    const reading = await this.#observer.readEdge(known, this.#observer.shownRevision(known), hosts);
    const edge = reading.facts;
    // Planned from one moment of the state: somebody may have deployed while the edge was asked.
    const service = world.store.read.service(this.serviceId);
    if (service === null) return;
    const revisions = this.#observer.revisions(service);
    const shown = this.#observer.shownRevision(service);
    // What ends from here on may not be in what is observed: nobody is told to do it twice.
    const busy = this.#effects.keys();
    const replicas = this.#observer.replicas(service, revisions, reading, (containerId) =>
      ['stop', 'remove'].some((kind) => busy.has(`${kind} ${containerId}`)),
    );
    if (service.state === 'removing') {
      this.#observe({ replicas, edge, plan: null, isFresh });
      this.#edge.forgetShares();
      await removeService(this.#context, service, hosts, () => this.#effects.count('create ') > 0);
      return;
    }
    const facts = this.#observer.facts(service, revisions, replicas);
    const plan = planService(facts, this.#context.placement);
    this.#context.placement.count(service.id, replicas, plan);
    this.#observe({ replicas, edge, plan, isFresh });
    if (world.viewOnly) return;
    if (
      plan.move !== null &&
      facts.rollout !== null &&
      (await storeMove(this.#context, replicas, facts.rollout, plan.move))
    ) {
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
    await this.#edge.shift(service, shown, plan.traffic, replicas, edge);
    const isReplacing = this.#act(service, plan, replicas, revisions, busy);
    if (edge !== null) this.#edge.removeStray(service, hosts, this.#effects);
    this.#clearSecrets(service, revisions, hosts);
    if (!isReplacing) this.#letEngineRestart(replicas, revisions);
    this.#sleepUntil(plan, replicas);
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
        this.#observer.noteImageFailure({
          revision: number,
          hostId,
          message,
          atMs: this.#context.world.clock.nowMs(),
          isFinal: !isUnanswered(prepared.error),
        });
      });
    }
  }

  #preflightOnce(service: Service, { rollout, revisions }: ServiceFacts): void {
    if (rollout === null || rollout.stage.name !== 'preparing' || this.#observer.isPreflightDone(rollout.id)) return;
    const revision = revisions.get(rollout.toRevision);
    if (revision === undefined) return;
    this.#effects.begin(`preflight ${rollout.id}`, async () => {
      const problems = await this.#context.preflight(service, revision);
      this.#observer.notePreflight(rollout.id, problems);
    });
  }

  /** Begins what is due. Answers whether what tidies up has to wait. */
  #act(
    service: Service,
    plan: ServicePlan,
    replicas: readonly Replica[],
    revisions: ReadonlyMap<number, Revision>,
    busy: ReadonlySet<string>,
  ): boolean {
    const open = plan.actions.filter(
      (action) =>
        !busy.has(keyOf(action, revisions)) &&
        !(action.kind === 'start' && this.#isBeingMade(action.containerId, revisions)),
    );
    const due = dueActions(open, plan, replicas, {
      creates: this.#effects.count('create '),
      stops: this.#effects.count('stop '),
      clears: this.#effects.count(clearPrefix),
    });
    for (const action of due.actions) {
      this.#effects.begin(keyOf(action, revisions), () => this.#do(service, action, revisions));
    }
    return due.isReplacing;
  }

  /** Whoever makes a container starts it too, once its configs are in it. */
  #isBeingMade(containerId: string, revisions: ReadonlyMap<number, Revision>): boolean {
    const found = this.#context.fleet.find(containerId);
    if (found === null) return false;
    const { labels } = found.facts;
    const place = {
      revision: Number(labels[serviceLabel.revision]),
      slot: Number(labels[serviceLabel.slot]),
      hostId: found.host.id,
    };
    return this.#effects.isUnderWay(makingKey(place, revisions));
  }

  async #do(service: Service, action: ReplicaAction, revisions: ReadonlyMap<number, Revision>): Promise<void> {
    const { fleet, maker, world } = this.#context;
    if (action.kind === 'create') {
      const host = fleet.get(action.hostId);
      const revision = revisions.get(action.revision);
      if (host === null || revision === undefined) return;
      const created = await maker.create(service, revision, action, host);
      if (created.ok) return;
      const { message, detail, reason } = created.error;
      // Nobody refused it. What came of it is seen when the host is back.
      if (isUnanswered(created.error)) throw new Error(message);
      // Another one is there already, which was not known: that is no failure of this one.
      if (reason === 'in-use') {
        host.lookAgain();
        await host.idle();
        return;
      }
      this.#observer.noteRefusal({ ...action, message, atMs: world.clock.nowMs() });
      world.log.warn('a replica could not be started', {
        serviceId: service.id,
        slot: action.slot,
        error: message,
        detail,
      });
      return;
    }
    const found = fleet.find(action.containerId);
    if (found === null) return;
    const { host, facts } = found;
    const { engine } = host;
    // Its engine may have started it again without anybody having heard of it.
    if (action.kind === 'remove' && (await isRunning(engine, facts.id))) return host.refresh(facts.id);
    const done = await host.changing(facts.id, () => {
      if (action.kind === 'stop') return engine.stopContainer(facts.id, action.graceMs);
      if (action.kind === 'remove') return engine.removeContainer(facts.id);
      return this.#start(service, revisions.get(Number(facts.labels[serviceLabel.revision])), host, facts.id);
    });
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

  /** Not while anything starts, which may need what would go; nothing starts meanwhile. */
  #clearSecrets(service: Service, revisions: ReadonlyMap<number, Revision>, hosts: readonly ObservedHost[]): void {
    if (service.rolloutId !== null || this.#effects.count('create ') + this.#effects.count('start ') > 0) return;
    for (const left of this.#secrets.left(service, revisions, hosts)) {
      this.#effects.begin(`${clearPrefix}${left.host.id}`, () => this.#secrets.clear(service, left));
    }
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

/** The engine did not say anything to it; asked again it may. */
function isUnanswered({ reason }: EngineRefusal): boolean {
  return reason === 'unreachable' || reason === 'timeout';
}

function keyOf(action: ReplicaAction, revisions: ReadonlyMap<number, Revision>): string {
  return action.kind === 'create' ? makingKey(action, revisions) : `${action.kind} ${action.containerId}`;
}

/** The same for all attempts, wherever they are made: in one slot one container is made at a time. */
function makingKey(
  place: { readonly revision: number; readonly slot: number; readonly hostId: HostId },
  revisions: ReadonlyMap<number, Revision>,
): string {
  const revision = revisions.get(place.revision);
  // What must run alone is made one after the other, of whichever revision.
  if (revision !== undefined && isExclusive(revision.spec)) return 'create alone';
  return `create ${place.revision} ${revision === undefined ? place.slot : slotKeyOf(place, revision)}`;
}

async function isRunning(engine: ContainerEngine, containerId: string): Promise<boolean> {
  const inspected = await engine.inspectContainer(containerId);
  return inspected.ok && inspected.value.state === 'running';
}
