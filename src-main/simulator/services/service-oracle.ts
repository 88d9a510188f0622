/** Looks on at everything that the app does to services, and says what must never be. */
import type { Revision, Service } from '#shared/model/service.ts';
import type { ServiceId } from '#shared/model/service-ids.ts';
import type { EdgeSpec } from '../../ports/edge.ts';
import type { ContainerSpec } from '../../ports/engine.ts';
import { serviceLabel } from '../../ports/service-labels.ts';
import { isExclusive } from '../../orchestrator/decide/update-order.ts';
import { templateHashOf } from '../../orchestrator/drive/replica-maker.ts';
import type { Command } from '../../state/command.ts';
import type { StateReader } from '../../state/control-store.ts';
import type { EdgeWitness } from './edge-connection.ts';
import type { EngineWitness } from './engine-connection.ts';
import { secretText } from './people.ts';
import type { LoadWitness } from './request-load.ts';
import { simulatedSecret } from './service-options.ts';
import type { SimulatedEdge, SimulatedRequest, SimulatedServer } from './simulated-edge.ts';
import type { SimulatedContainer, SimulatedEngine } from './simulated-engine.ts';
import type { StoreWitness } from './simulated-store.ts';

/** What the app knows is at most this old, unless it is cut off: what went wrong since is not its fault. */
const staleMs = 6_000;
/** Between a look at an edge and an order to it. */
const raceMs = 2_000;

/** So many containers of one place within this time are too many, however often people deploy. */
const flappingMs = 10_000;
const creationsMax = 12;
const placeLabels = [serviceLabel.service, serviceLabel.template, serviceLabel.slot] as const;

/** Thrown out of the world when an invariant does not hold. */
export class ServiceInvariantError extends Error {
  override readonly name = 'ServiceInvariantError';
}

/** The part of the world that is looked at. */
export interface Witnessed {
  readonly read: () => StateReader;
  readonly engines: readonly SimulatedEngine[];
  readonly edges: ReadonlySet<SimulatedEdge>;
  readonly instance: string;
  readonly nowMs: () => number;
  readonly isAppRunning: () => boolean;
  /** How old what the app has heard may be: events may be lost until it looks by itself. */
  readonly lagMs: number;
  /** How long the app may take to see what it can be given to do. */
  readonly patienceMs: number;
}

/** What has to go on serving whatever the app does. */
interface Bounds {
  /** Of the revisions that are to serve. */
  readonly hashes: ReadonlySet<string | null>;
  /** How many replicas. */
  readonly least: number;
  readonly mayBeEmpty: boolean;
}

/** Every invariant is checked at the moment of the order that could break it. */
export class ServiceOracle implements EngineWitness, EdgeWitness, LoadWitness, StoreWitness {
  readonly #world: Witnessed;
  /** What was found first: it is thrown from the main loop, since the app would catch it. */
  violation: string | null = null;
  /** When containers were made, by place. */
  readonly #creations = new Map<string, number[]>();
  #disturbedAtMs = 0;

  constructor(world: Witnessed) {
    this.#world = world;
  }

  onNotSimulated(what: string): void {
    this.#report(`${what} is not simulated`);
  }

  onCreate(engine: SimulatedEngine, { labels }: ContainerSpec): void {
    if (labels[serviceLabel.role] !== 'replica') return;
    const key = [engine.hostId, ...placeLabels.map((label) => labels[label])].join(' ');
    const nowMs = this.#world.nowMs();
    const times = [...(this.#creations.get(key) ?? []), nowMs].filter((atMs) => nowMs - atMs < flappingMs);
    this.#creations.set(key, times);
    if (times.length > creationsMax) {
      this.#report(`${times.length} containers were made in ${flappingMs / 1_000} s for ${key}: nothing is waited for`);
    }
  }

  onStart(container: SimulatedContainer): void {
    this.#touched(container, 'started');
  }

  /** It runs now, by the app's order or its engine's own. */
  onStarted(engine: SimulatedEngine, container: SimulatedContainer): void {
    const { spec } = container;
    if (spec.labels[serviceLabel.role] !== 'replica' || spec.labels[serviceLabel.instance] !== this.#world.instance)
      return;
    const revision = this.#revisionOf(container);
    if (revision === null) return;
    const version = revision.secretVersions[simulatedSecret];
    if (version !== undefined) {
      const found = engine.volumes.find(spec, `/run/secrets/${simulatedSecret}`);
      if (found?.volume.files.get(found.rest) !== secretText(version)) {
        this.#report(`${labelOf(container)} on ${engine.hostId} was started without its secret`);
      }
    }
    if (!isExclusive(revision.spec)) return;
    const other = this.replicasOf(revision.serviceId).find(
      ({ container: each }) => each !== container && each.state === 'running' && this.#isExclusive(each),
    );
    if (other !== undefined) {
      this.#report(`${labelOf(container)} was started beside ${labelOf(other.container)}, which writes to its volume`);
    }
  }

  onStop(engine: SimulatedEngine, container: SimulatedContainer): void {
    this.#touched(container, 'stopped');
    if (container.state !== 'running' || this.#isRemoving(container)) return;
    if (this.#isKept(engine, container)) this.#report(`${labelOf(container)} was stopped while it was to be kept`);
    const server = this.#serverOf(container);
    if (server !== null && server.state === 'ready' && server.weight > 0) {
      this.#report(`${labelOf(container)} on ${engine.hostId} was stopped while its edge gave it traffic`);
    }
  }

  onRemove(engine: SimulatedEngine, container: SimulatedContainer): void {
    this.#touched(container, 'removed');
    if (container.state !== 'running' || this.#isRemoving(container)) return;
    const server = this.#serverOf(container);
    if (server !== null && server.requests.size > 0) {
      this.#report(`${labelOf(container)} on ${engine.hostId} was removed with requests under way`);
    }
  }

  onApply(edge: SimulatedEdge, spec: EdgeSpec, apply: () => void): void {
    const service = this.#world.read().service(spec.labels[serviceLabel.service] as ServiceId);
    const before = new Set(edge.takers());
    // Not only since a moment ago, which nobody can know.
    const isWell = (server: SimulatedServer): boolean => {
      const container = edge.containerOf(server);
      return (
        container !== null &&
        edge.engine.isAnswering(container) &&
        edge.nowMs - container.answersAtMs >= this.#world.lagMs
      );
    };
    const wellBefore = [...before].filter(isWell);
    const bounds = service === null ? null : this.#bounds(service);
    const wantedBefore = wellBefore.filter((server) => bounds?.hashes.has(hashAt(edge, server)) === true).length;
    apply();
    if (service === null || service.state === 'removing') return;
    const able = [...edge.servers.values()].filter((server) => server.passes && isWell(server));
    this.#checkStage(service, edge, before, able);
    if (bounds === null || wellBefore.length === 0) return;
    const after = [...edge.servers.values()].filter(
      ({ state, weight, passes, passedAtMs }) =>
        state === 'ready' && weight > 0 && (passes || edge.nowMs - passedAtMs < raceMs),
    ).length;
    if (after === 0 && able.length > 0 && !bounds.mayBeEmpty) {
      this.#report(`the last of ${service.name} that worked was taken out of traffic while ${able.length} could serve`);
    }
    const rollout = service.rolloutId === null ? null : this.#world.read().rollout(service.rolloutId);
    // An order that was given before somebody deployed, which nobody could know of.
    if (rollout !== null && edge.nowMs - rollout.startedAtMs < raceMs) return;
    // Where that many did not serve before, it is on its way there.
    if (wantedBefore >= bounds.least && after < bounds.least) {
      this.#report(
        `${service.name} went from ${wantedBefore} replicas that serve to ${after}, where ${bounds.least} are wanted`,
      );
    }
  }

  /** Until its stage says so, a new revision gets no traffic beside what works: stages are stored first. */
  #checkStage(
    service: Service,
    edge: SimulatedEdge,
    before: ReadonlySet<SimulatedServer>,
    able: readonly SimulatedServer[],
  ): void {
    const read = this.#world.read();
    const rollout = service.rolloutId === null ? null : read.rollout(service.rolloutId);
    const target = rollout === null ? null : read.revision(service.id, rollout.toRevision);
    if (rollout?.kind !== 'deploy' || rollout.stage.name !== 'starting' || target === null) return;
    if (this.#world.nowMs() - rollout.startedAtMs < raceMs) return;
    const hash = templateHashOf(target);
    const isNew = (server: SimulatedServer): boolean => hashAt(edge, server) === hash;
    const taken = edge.takers().find((server) => isNew(server) && !before.has(server));
    if (taken !== undefined && able.some((server) => !isNew(server))) {
      this.#report(`revision ${target.number} of ${service.name} was given traffic before its rollout said so`);
    }
  }

  /** Somebody could have taken it, and has been able to for as long as the app may need to see that. */
  onRefused(edge: SimulatedEdge): void {
    const { nowMs, patienceMs, isAppRunning } = this.#world;
    const sinceMs = nowMs() - patienceMs;
    if (this.#disturbedAtMs > sinceMs || !isAppRunning()) return;
    const able = [...edge.servers.values()].find((server) => server.passes && server.passingSinceMs < sinceMs);
    const service = this.#world.read().service(edge.spec.labels[serviceLabel.service] as ServiceId);
    if (able === undefined || service === null || service.state === 'removing') return;
    const bounds = this.#bounds(service);
    if (bounds === null || bounds.mayBeEmpty) return;
    this.#report(`a request of ${service.name} was refused while ${able.name} could have taken it for a long time`);
  }

  /** Something came or went that the app has to find out about first. */
  onDisturbance(): void {
    this.#disturbedAtMs = this.#world.nowMs();
  }

  onCut(edge: SimulatedEdge, { server, container, startedAtMs }: SimulatedRequest): void {
    if (container.endedBy !== 'app' || this.#isRemoving(container)) return;
    const { drainingSinceMs } = server;
    const nowMs = this.#world.nowMs();
    const drainMs = this.#leastDrainMs(container);
    if (drainingSinceMs !== null && nowMs - drainingSinceMs >= drainMs) return;
    this.#report(
      `a request of ${edge.spec.name} that ran for ${nowMs - startedAtMs} ms was lost: ${labelOf(container)} was stopped ` +
        (drainingSinceMs === null ? 'while it took traffic' : `${nowMs - drainingSinceMs} ms after it began to drain`),
    );
  }

  onCommitted(command: Command, isAccepted: boolean): void {
    if (isAccepted) this.onDisturbance();
    if (isAccepted && command.kind === 'service.forget') this.#checkForgotten(command.serviceId);
    if (command.kind !== 'rollout.end') return;
    const read = this.#world.read();
    const rollout = read.rollout(command.rolloutId);
    const revision = rollout === null ? null : read.revision(rollout.serviceId, rollout.toRevision);
    if (rollout === null || revision === null) return;
    if (command.back !== null && rollout.kind !== 'deploy') {
      this.#report(`rollout ${rollout.number}, itself a way back, was to be rolled back`);
    }
    if (isAccepted && command.outcome === 'succeeded') this.#checkSuccess(revision);
  }

  #checkForgotten(serviceId: ServiceId): void {
    const left = this.replicasOf(serviceId)[0];
    if (left !== undefined) this.#report(`${serviceId} was forgotten while there was ${labelOf(left.container)}`);
  }

  #checkSuccess(revision: Revision): void {
    const { serviceId } = revision;
    const hash = templateHashOf(revision);
    // What nobody checks works while it runs.
    const isChecked = revision.spec.ports.length > 0 || revision.spec.health !== null;
    const isGood = ({ engine, container }: { engine: SimulatedEngine; container: SimulatedContainer }): boolean =>
      isChecked ? this.#wasWell(engine, container) : this.#hasRun(container);
    const good = this.replicasOf(serviceId).filter(
      (replica) => hashOf(replica.container) === hash && isGood(replica),
    ).length;
    const { mode } = revision.spec;
    const wanted = mode.kind === 'replicated' ? mode.replicas : 1;
    if (good < wanted && this.#world.engines.every(({ isUp }) => isUp)) {
      this.#report(`revision ${revision.number} was said to serve with ${wanted} replicas while ${good} worked`);
    }
    const other = this.edgesOf(serviceId)
      .flatMap((edge) => edge.takers().map((server) => edge.containerOf(server)))
      .find((container) => container?.state === 'running' && hashOf(container) !== hash);
    if (other != null) {
      this.#report(`revision ${revision.number} was said to serve while ${labelOf(other)} took traffic`);
    }
  }

  /** All replicas of a service that run or may, wherever they are. */
  replicasOf(serviceId: ServiceId): { engine: SimulatedEngine; container: SimulatedContainer }[] {
    return this.#world.engines.flatMap((engine) =>
      [...engine.containers.values()]
        .filter(
          ({ spec: { labels } }) =>
            labels[serviceLabel.service] === serviceId &&
            labels[serviceLabel.role] === 'replica' &&
            labels[serviceLabel.instance] === this.#world.instance,
        )
        .map((container) => ({ engine, container })),
    );
  }

  edgesOf(serviceId: ServiceId): SimulatedEdge[] {
    return [...this.#world.edges].filter((edge) => edge.spec.labels[serviceLabel.service] === serviceId);
  }

  #report(violation: string): void {
    this.violation ??= violation;
  }

  #touched({ spec }: SimulatedContainer, what: string): void {
    if (spec.labels[serviceLabel.instance] !== this.#world.instance)
      this.#report(`${spec.name}, which is not ours, was ${what}`);
  }

  /** Kept for a switch back, while nothing else is under way, and nobody wants its host to be empty. */
  #isKept({ hostId }: SimulatedEngine, container: SimulatedContainer): boolean {
    const read = this.#world.read();
    if (read.serviceHosts().some(({ id, availability }) => id === hostId && availability === 'drain')) return false;
    const service = read.service(container.spec.labels[serviceLabel.service] as ServiceId);
    if (service === null || service.rolloutId !== null) return false;
    const keeping = read.keepingRollout(service.id);
    const from = keeping?.fromRevision ?? null;
    const revision = from === null ? null : read.revision(service.id, from);
    if (revision === null || templateHashOf(revision) !== hashOf(container)) return false;
    return this.#world.nowMs() < (keeping?.keepPreviousUntilMs ?? 0);
  }

  #revisionOf({ spec: { labels } }: SimulatedContainer): Revision | null {
    const serviceId = labels[serviceLabel.service] as ServiceId;
    return this.#world.read().revision(serviceId, Number(labels[serviceLabel.revision]));
  }

  #isExclusive(container: SimulatedContainer): boolean {
    const revision = this.#revisionOf(container);
    return revision !== null && isExclusive(revision.spec);
  }

  #isRemoving({ spec }: SimulatedContainer): boolean {
    const service = this.#world.read().service(spec.labels[serviceLabel.service] as ServiceId);
    return service === null || service.state === 'removing';
  }

  #serverOf(container: SimulatedContainer): SimulatedServer | null {
    for (const edge of this.edgesOf(container.spec.labels[serviceLabel.service] as ServiceId)) {
      const server = [...edge.servers.values()].find((each) => edge.containerOf(each) === container);
      if (server !== undefined) return server;
    }
    return null;
  }

  #wasWell(engine: SimulatedEngine, container: SimulatedContainer): boolean {
    return engine.isAnswering(container) || this.#world.nowMs() - container.wellAtMs < staleMs;
  }

  #hasRun({ state, finishedAtMs, endedBy }: SimulatedContainer): boolean {
    if (state === 'running') return true;
    return endedBy === 'fault' && finishedAtMs !== null && this.#world.nowMs() - finishedAtMs < staleMs;
  }

  /** How many replicas have to go on serving whatever the app does. */
  #bounds(service: Service): Bounds | null {
    const read = this.#world.read();
    const rollout = service.rolloutId === null ? null : read.rollout(service.rolloutId);
    const target = rollout === null ? null : read.revision(service.id, rollout.toRevision);
    const serving = service.servingRevision === null ? null : read.revision(service.id, service.servingRevision);
    const revisions = [target, serving].filter((revision) => revision !== null);
    const specs = revisions.map(({ spec }) => spec);
    const hashes = new Set(revisions.map(templateHashOf));
    const counts = specs.map(({ mode }) => (mode.kind === 'replicated' ? mode.replicas : 1));
    if (counts.length === 0) return null;
    const orders = [rollout?.policy.order, ...specs.flatMap(({ update, rollback }) => [update.order, rollback.order])];
    const isGlobal = specs.some(({ mode }) => mode.kind === 'global');
    if (specs.some(isExclusive) || isGlobal) return { hashes, least: 0, mayBeEmpty: true };
    const least = Math.min(...counts);
    const stopsFirst = orders.includes('stop-first');
    if (stopsFirst && least <= 1) return { hashes, least: 0, mayBeEmpty: true };
    return { hashes, least: stopsFirst ? 1 : least, mayBeEmpty: least === 0 };
  }

  #leastDrainMs({ spec }: SimulatedContainer): number {
    const revisions: Revision[] = this.#world.read().revisions(spec.labels[serviceLabel.service] as ServiceId);
    return Math.min(...revisions.flatMap((revision) => [revision.spec.update.drainMs, revision.spec.rollback.drainMs]));
  }
}

/** The template that a container was made by. */
export function hashOf({ spec }: SimulatedContainer): string {
  return spec.labels[serviceLabel.template] ?? '';
}

function hashAt(edge: SimulatedEdge, server: SimulatedServer): string | null {
  const container = edge.containerOf(server);
  return container === null ? null : hashOf(container);
}

/** "api r3 slot 2 (000000000012)". */
export function labelOf({ id, spec }: SimulatedContainer): string {
  const { labels } = spec;
  const name = (labels[serviceLabel.service] ?? spec.name).split('/').at(-1) ?? '';
  return `${name} r${labels[serviceLabel.revision]} slot ${labels[serviceLabel.slot]} (${id.slice(0, 12)})`;
}
