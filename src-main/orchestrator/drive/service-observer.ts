/** What is known of one service: its containers, its edge, and what failed since its rollout began. */
import type { Revision, Rollout, Service } from '#shared/model/service.ts';
import type { RolloutId, ServiceId } from '#shared/model/service-ids.ts';
import type { ServiceSpec } from '#shared/model/service-spec.ts';
import type { EdgeFacts, EdgeServerFacts } from '../../ports/edge.ts';
import { networkName, serviceLabel } from '../../ports/service-labels.ts';
import type { ImageFailure, Refusal, Replica, ServiceFacts } from '../decide/facts.ts';
import type { TrafficShare } from '../decide/service-plan.ts';
import { type AddressedReplica, edgeName, ingressName, serverName } from './edge-spec.ts';
import type { ObservedHost } from './host-fleet.ts';
import { type ReplicaMemory, replicaOf } from './replica-facts.ts';
import { templateHashOf } from './replica-maker.ts';
import type { ServiceContext } from './service-context.ts';

const refusalsKeptMs = 600_000;

/** What could be heard of an edge. */
export interface EdgeReading {
  /** Null without an edge, or while it does not answer. */
  readonly facts: EdgeFacts | null;
  /** There may be one, and it does not answer: nothing new is known of what it does. */
  readonly isSilent: boolean;
  /** The servers of the stack's ingress, which sends requests to the same replicas; empty without routes. */
  readonly ingress: readonly EdgeServerFacts[];
}

/** The ingress of a stack holds up none of its services for longer; what it said last counts meanwhile. */
const ingressAnswerMs = 1_000;

export class ServiceObserver {
  readonly #context: ServiceContext;
  readonly #serviceId: ServiceId;
  readonly #memory = new Map<string, ReplicaMemory>();
  #refusals: Refusal[] = [];
  #imageFailures: ImageFailure[] = [];
  /** What preflight said, and of which rollout. */
  #preflight: { rolloutId: RolloutId; problems: readonly string[] } | null = null;
  #forgottenFor: string | null = null;
  #hasLooked = false;
  #ingress: readonly EdgeServerFacts[] = [];
  /** Of revisions that replicas are of; those never change. */
  readonly #specs = new Map<number, ServiceSpec>();

  constructor(context: ServiceContext, serviceId: ServiceId) {
    this.#context = context;
    this.#serviceId = serviceId;
  }

  /** By number. */
  revisions(service: Service): Map<number, Revision> {
    const { store } = this.#context.world;
    return new Map(store.read.revisions(service.id).map((revision) => [revision.number, revision]));
  }

  /**
   * Whose ports and checks the edge has: the rollout's target once its replicas exist, else what serves;
   * of a service that is left without either, the newest that runs, so that its traffic ends before it does.
   */
  shownRevision(service: Service): Revision | null {
    const { read } = this.#context.world.store;
    const rollout = service.rolloutId === null ? null : read.rollout(service.rolloutId);
    const serving = service.servingRevision === null ? null : read.revision(service.id, service.servingRevision);
    const target = rollout === null ? null : read.revision(service.id, rollout.toRevision);
    if (target === null) return serving ?? this.#newestRunning(service);
    return rollout?.stage.name === 'preparing' && serving !== null ? serving : target;
  }

  #newestRunning({ id }: Service): Revision | null {
    const running = this.#context.fleet
      .all()
      .flatMap((host) => [...host.containers.values()])
      .filter(({ labels, state }) => labels[serviceLabel.service] === id && state === 'running')
      .map(({ labels }) => Number(labels[serviceLabel.revision]))
      .filter(Number.isInteger);
    return running.length === 0 ? null : this.#context.world.store.read.revision(id, Math.max(...running));
  }

  /** What the service's edge tells, if it has one. */
  async readEdge(service: Service, shown: Revision | null, hosts: readonly ObservedHost[]): Promise<EdgeReading> {
    if (shown === null || shown.spec.ports.length === 0) return { facts: null, isSilent: false, ingress: [] };
    const host = this.edgeHost(service, hosts);
    if (host === null) return { facts: null, isSilent: true, ingress: [] };
    const [read] = await Promise.all([
      host.edges.read(edgeName(this.#context.world.instance, service)),
      this.#readIngress(service, shown, host),
    ]);
    const ingress = this.#ingress;
    if (read.ok) return { facts: read.value, isSilent: false, ingress };
    return { facts: null, isSilent: read.error.reason !== 'no-such-container', ingress };
  }

  async #readIngress(service: Service, shown: Revision, host: ObservedHost): Promise<void> {
    const { clock, instance } = this.#context.world;
    const serving = service.servingRevision === null ? null : this.#specOf({ revision: service.servingRevision });
    if (shown.spec.routes.length === 0 && (serving?.routes.length ?? 0) === 0) {
      this.#ingress = [];
      return;
    }
    const answered = host.edges.read(ingressName(instance, service)).then((read) => {
      this.#ingress = read.ok ? read.value.servers : [];
    });
    const late = Promise.withResolvers<void>();
    const timer = clock.after(ingressAnswerMs, () => late.resolve());
    await Promise.race([answered, late.promise]);
    timer.dispose();
  }

  /**
   * Whether what is known of the service is up to date: the host of its stack answers, and all on which
   * it was last seen. One that was never seen counts until it is known not to answer.
   */
  isFresh(service: Service, hosts: readonly ObservedHost[]): boolean {
    const home = this.#context.homeOf(service);
    const isElsewhere = (host: ObservedHost): boolean =>
      host.id !== home &&
      (host.observedAtMs !== null || host.isSettled) &&
      ![...host.containers.values()].some(({ labels }) => labels[serviceLabel.service] === this.#serviceId);
    return hosts.some((host) => host.isReady) && hosts.every((host) => host.isReady || isElsewhere(host));
  }

  /** Where the service has an edge from before its stack moved, and nothing else any more. */
  strayEdges(service: Service, hosts: readonly ObservedHost[]): ObservedHost[] {
    const home = this.#context.homeOf(service);
    const name = edgeName(this.#context.world.instance, service);
    return hosts.filter((host) => {
      if (!host.isReady || host.id === home) return false;
      const own = [...host.containers.values()].filter(({ labels }) => labels[serviceLabel.service] === service.id);
      const isServed = own.some(({ labels, state }) => labels[serviceLabel.role] === 'replica' && state === 'running');
      return !isServed && own.some((container) => container.name === name);
    });
  }

  /** Where the service's edge is: with the rest of its stack. Null while that host does not answer. */
  edgeHost(service: Service, hosts: readonly ObservedHost[]): ObservedHost | null {
    const home = this.#context.homeOf(service);
    return hosts.find((host) => host.id === home && host.isReady) ?? null;
  }

  /** All containers of the service, by slot and age. `isStopping` says whose stop or removal is under way. */
  replicas(
    service: Service,
    revisions: ReadonlyMap<number, Revision>,
    edge: EdgeReading,
    isStopping: (containerId: string) => boolean,
  ): Replica[] {
    const { world, fleet } = this.#context;
    const servers = Map.groupBy(edge.facts?.servers ?? [], ({ server }) => server);
    const ingress = Map.groupBy(edge.ingress, ({ server }) => server);
    // What serves was given traffic by the run of the app before this one.
    const isFirst = !this.#hasLooked;
    const serving = service.servingRevision === null ? undefined : revisions.get(service.servingRevision);
    const servingHash = serving === undefined ? null : templateHashOf(serving);
    this.#hasLooked = true;
    const seen = new Set<string>();
    const replicas: Replica[] = [];
    for (const host of fleet.all()) {
      for (const container of host.containers.values()) {
        if (container.labels[serviceLabel.service] !== this.#serviceId) continue;
        const made = replicaOf({
          container,
          hostId: host.id,
          spec: revisions.get(Number(container.labels[serviceLabel.revision]))?.spec ?? null,
          servers: servers.get(serverName({ containerId: container.id })) ?? [],
          ingress: ingress.get(serverName({ containerId: container.id })) ?? [],
          memory: this.#memory.get(container.id) ?? null,
          isEdgeSilent: edge.isSilent,
          assumedTraffic: isFirst && container.labels[serviceLabel.template] === servingHash ? 'ready' : 'none',
          isStopping: isStopping(container.id),
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

  /** Everything that a plan is made from. */
  facts(service: Service, revisions: Map<number, Revision>, replicas: readonly Replica[]): ServiceFacts {
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
      keeping: read.keepingRollout(service.id),
      stableRevision:
        [...revisions.values()]
          .filter((revision) => revision.state === 'stable' && revision.number !== rollout?.toRevision)
          .toSorted((a, b) => b.number - a.number)[0]?.number ?? null,
      replicas,
      refusals: this.#refusals,
      imageFailures: this.#imageFailures,
      preflightProblems: this.#preflight?.rolloutId === rollout?.id ? (this.#preflight?.problems ?? null) : null,
      volumes: read.volumes(service.projectId).filter((volume) => volume.stack === service.stack),
      home: this.#context.homeOf(service),
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

  /** Remembers since when replicas take nothing new. */
  rememberDraining(before: readonly TrafficShare[], shares: readonly TrafficShare[]): void {
    const nowMs = this.#context.world.clock.nowMs();
    const had = new Set(before.map((share) => share.containerId));
    for (const share of shares) {
      const memory = this.#memory.get(share.containerId);
      if (memory === undefined) continue;
      if (share.state === 'ready') memory.drainingSinceMs = null;
      else if (had.has(share.containerId)) memory.drainingSinceMs ??= nowMs;
    }
  }

  /** Those that have an address on their stack's network, where its edges are. */
  addressed(replicas: readonly Replica[]): AddressedReplica[] {
    const { world, fleet } = this.#context;
    const service = world.store.read.service(this.#serviceId);
    if (service === null) return [];
    const network = networkName(world.instance, service.projectId, service.stack);
    const home = this.#context.homeOf(service);
    return replicas.flatMap((replica) => {
      if (replica.hostId !== home) return [];
      const address = fleet.find(replica.containerId)?.facts.addresses[network];
      return address === undefined || address === '' ? [] : [{ replica, address, spec: this.#specOf(replica) }];
    });
  }

  #specOf({ revision }: Pick<Replica, 'revision'>): ServiceSpec | null {
    const known = this.#specs.get(revision);
    if (known !== undefined) return known;
    const spec = this.#context.world.store.read.revision(this.#serviceId, revision)?.spec ?? null;
    if (spec !== null) this.#specs.set(revision, spec);
    return spec;
  }

  /** A container could not be made. */
  noteRefusal(refusal: Refusal): void {
    this.#refusals = [...this.#refusals, refusal];
  }

  /** An image could not be had; the newest failure of each host counts. */
  noteImageFailure(failure: ImageFailure): void {
    const others = this.#imageFailures.filter(
      (each) => each.revision !== failure.revision || each.hostId !== failure.hostId,
    );
    this.#imageFailures = [...others, failure];
  }

  notePreflight(rolloutId: RolloutId, problems: readonly string[]): void {
    this.#preflight = { rolloutId, problems };
  }

  isPreflightDone(rolloutId: RolloutId): boolean {
    return this.#preflight?.rolloutId === rolloutId;
  }
}
