/**
 * The hosts: an engine and its edges for each one that is set up, and what Gantry's own containers
 * there look like. Facts of a host that does not answer stay, and are stale.
 */
import { statfs } from 'node:fs/promises';
import { type Disposable, DisposableStore } from '#shared/base/disposable.ts';
import { Emitter, type Event } from '#shared/base/emitter.ts';
import type { HostId, ImageDigest, ServiceId } from '#shared/model/service-ids.ts';
import type { ServiceHost } from '#shared/model/service-resource.ts';
import type { Edges } from '../../ports/edge.ts';
import type { ContainerEngine, ContainerFacts, EngineEvent } from '../../ports/engine.ts';
import { serviceLabel } from '../../ports/service-labels.ts';
import { Loop } from '../../reactor/loop.ts';
import type { ServiceWorld } from './service-world.ts';

/** A full look at a host that seems quiet: what an event feed may have missed. */
const fullLookMs = 15_000;
/** Events that come together are looked at together. */
const eventDelayMs = 15;
/** A new container is mostly started at once, and until it runs the engine tells nothing of it. */
const newDelayMs = 1_000;
/** Signals change nothing by themselves, and that a container was stopped is told after its end was. */
const changesNothing: ReadonlySet<string> = new Set(['kill', 'stop']);
/** Whoever asks right after a start waits no longer than this. */
const settleMsMax = 5_000;

/** What changed: services whose containers look different, and whether a host as a whole does. */
export interface HostChange {
  readonly services: ReadonlySet<ServiceId>;
  readonly hosts: boolean;
}

/** A container that is being inspected. */
interface Inspection {
  /** It may have changed since the engine was asked. */
  isAskedAgain: boolean;
  done: Promise<void>;
}

/** One host with its engine. */
export class ObservedHost implements Disposable {
  readonly id: HostId;
  readonly endpoint: string | null;
  readonly engine: ContainerEngine;
  readonly edges: Edges;
  /** By container id: those of this installation. */
  readonly containers = new Map<string, ContainerFacts>();
  readonly images = new Set<ImageDigest>();
  readonly #world: ServiceWorld;
  readonly #onChange: (change: HostChange) => void;
  readonly #owned = new DisposableStore();
  /** Lists everything anew. */
  readonly #look: Loop;
  /** By container: each is inspected for itself, since the engine answers late for one that it is starting. */
  readonly #inspections = new Map<string, Inspection>();
  /** Inspected since the last list was asked for, which may know less of them. */
  readonly #inspected = new Set<string>();
  /** Containers that events were about. */
  #due = new Set<string>();
  #isAllDue = false;
  #timer: Disposable | null = null;
  /** Are being started or stopped from here. */
  readonly #changing = new Set<string>();
  /** Were made lately. */
  readonly #new = new Set<string>();
  #newTimer: Disposable | null = null;
  /** When everything was last listed; null before the first time. */
  observedAtMs: number | null = null;
  downSinceMs: number | null = null;
  /** When its engine was last started, or seen to be; null while that is not known. */
  returnedAtMs: number | null = null;
  #startedId: string | null = null;
  /** Free where the engine keeps its images; null where that cannot be seen from here. */
  diskFreeBytes: number | null = null;

  constructor(world: ServiceWorld, host: ServiceHost, onChange: (change: HostChange) => void) {
    this.id = host.id;
    this.endpoint = host.endpoint;
    this.#world = world;
    this.#onChange = onChange;
    this.engine = this.#owned.add(world.openEngine(host.endpoint));
    this.edges = this.#owned.add(world.openEdges(this.engine));
    this.#look = this.#owned.add(
      new Loop({
        clock: world.clock,
        pass: () => this.#list(),
        onFailure: (error, { isNews }) => {
          if (isNews) world.log.warn('a host could not be observed', { host: host.id, error: String(error) });
        },
      }),
    );
    this.#owned.add(this.engine.onDidChangeState(() => this.#onState()));
    this.#owned.add(this.engine.onDidHappen((event) => this.#onEvent(event)));
    this.#owned.add(world.clock.every(fullLookMs, () => this.lookAgain()));
    this.#onState();
  }

  /** Whether its engine answers and its containers were listed since. */
  get isReady(): boolean {
    return this.engine.state.state === 'ready' && this.observedAtMs !== null && this.downSinceMs === null;
  }

  /** Whether it is known how it is: it was listed, or it is known not to answer. */
  get isSettled(): boolean {
    const { state } = this.engine.state;
    return state === 'ready' ? this.observedAtMs !== null : state !== 'connecting';
  }

  /** Whether a network is known to be there: something of ours runs on it. */
  hasNetwork(name: string): boolean {
    return [...this.containers.values()].some(({ state, addresses }) => state === 'running' && name in addresses);
  }

  /** Lists everything anew. */
  lookAgain(): void {
    this.#look.request();
  }

  /**
   * Starts or stops a container and takes its facts then, at once: whoever asks does not wait for the
   * event, and what events tell meanwhile is seen with it.
   */
  async changing<T>(containerId: string, change: () => Promise<T>): Promise<T> {
    this.#changing.add(containerId);
    try {
      return await change();
    } finally {
      this.#changing.delete(containerId);
      this.#due.delete(containerId);
      await this.#inspect(containerId);
    }
  }

  /** Takes a container's facts at once. */
  async refresh(containerId: string): Promise<void> {
    await this.#inspect(containerId);
  }

  async idle(): Promise<void> {
    await this.#look.idle();
    await Promise.all([...this.#inspections.values()].map(({ done }) => done));
    await this.#look.idle();
  }

  dispose(): void {
    this.#timer?.dispose();
    this.#newTimer?.dispose();
    this.#owned.dispose();
  }

  #onState(): void {
    const { state } = this.engine;
    if (state.state === 'ready') {
      const isFirst = this.#startedId === null;
      const isOther = !isFirst && this.#startedId !== state.startedId;
      const wasAway = this.downSinceMs !== null && state.startedAtMs === null;
      if (isOther || wasAway) this.returnedAtMs = this.#world.clock.nowMs();
      // It may have been started anew while nobody looked.
      else if (isFirst) this.returnedAtMs = state.startedAtMs;
      this.#startedId = state.startedId;
      this.downSinceMs = null;
      this.lookAgain();
    } else if (state.state !== 'connecting') this.downSinceMs ??= this.#world.clock.nowMs();
    this.#onChange({ services: this.#serviceIds(), hosts: true });
  }

  #onEvent(event: EngineEvent): void {
    if (event.kind === 'resync' || event.kind === 'image') {
      this.#timer ??= this.#world.clock.after(eventDelayMs, () => this.#lookAtDue());
      this.#isAllDue = true;
    } else if (event.kind === 'container') {
      if (event.labels[serviceLabel.instance] !== this.#world.instance) return;
      if (changesNothing.has(event.action)) return;
      if (event.action === 'destroy') return this.#forget(event.id);
      if (event.action === 'create') {
        this.#new.add(event.id);
        this.#newTimer ??= this.#world.clock.after(newDelayMs, () => this.#lookAtNew());
        return;
      }
      this.#due.add(event.id);
      this.#timer ??= this.#world.clock.after(eventDelayMs, () => this.#lookAtDue());
    }
  }

  /** Those that were made and not started, or not by us. */
  #lookAtNew(): void {
    this.#newTimer = null;
    for (const id of this.#new) if (!this.containers.has(id)) void this.#inspect(id);
    this.#new.clear();
  }

  #forget(id: string): void {
    const serviceId = this.containers.get(id)?.labels[serviceLabel.service];
    this.#due.delete(id);
    this.#new.delete(id);
    // Answers that are under way may be from before its end.
    if (this.#inspections.has(id)) return void this.#inspect(id);
    this.#inspected.add(id);
    this.containers.delete(id);
    if (serviceId !== undefined) this.#onChange({ services: new Set([serviceId as ServiceId]), hosts: false });
  }

  #lookAtDue(): void {
    this.#timer = null;
    const due = this.#due;
    this.#due = new Set();
    if (this.#isAllDue) this.lookAgain();
    else for (const id of due) if (!this.#changing.has(id)) void this.#inspect(id);
    this.#isAllDue = false;
  }

  async #list(): Promise<void> {
    if (this.engine.state.state !== 'ready') return;
    this.#inspected.clear();
    const [containers, images] = await Promise.all([
      this.engine.listContainers({ [serviceLabel.instance]: this.#world.instance }),
      this.engine.listImages(),
    ]);
    if (!containers.ok) throw new Error(containers.error.message);
    if (!images.ok) throw new Error(images.error.message);
    const affected = this.#serviceIds();
    const listed = new Map(containers.value.map((facts) => [facts.id, facts]));
    for (const id of this.containers.keys()) {
      if (!listed.has(id) && !this.#inspected.has(id)) this.containers.delete(id);
    }
    for (const [id, facts] of listed) if (!this.#inspected.has(id)) this.containers.set(id, facts);
    this.images.clear();
    for (const image of images.value) this.images.add(image.digest);
    this.diskFreeBytes = await freeBytes(this.engine);
    this.observedAtMs = this.#world.clock.nowMs();
    for (const serviceId of this.#serviceIds()) affected.add(serviceId);
    this.#onChange({ services: affected, hosts: true });
  }

  /** Takes one container's facts; asked for meanwhile, once more. */
  #inspect(id: string): Promise<void> {
    const running = this.#inspections.get(id);
    if (running !== undefined) {
      running.isAskedAgain = true;
      return running.done;
    }
    const inspection: Inspection = { isAskedAgain: true, done: Promise.resolve() };
    this.#inspections.set(id, inspection);
    inspection.done = this.#inspectWhileAsked(id, inspection);
    return inspection.done;
  }

  async #inspectWhileAsked(id: string, inspection: Inspection): Promise<void> {
    while (inspection.isAskedAgain && this.engine.state.state === 'ready') {
      inspection.isAskedAgain = false;
      const before = this.containers.get(id);
      const inspected = await this.engine.inspectContainer(id);
      if (inspected.ok) this.containers.set(id, inspected.value);
      else if (inspected.error.reason === 'no-such-container') this.containers.delete(id);
      else {
        // A full look says why, and is tried again until it succeeds.
        this.lookAgain();
        break;
      }
      this.#inspected.add(id);
      const serviceId = (inspected.ok ? inspected.value : before)?.labels[serviceLabel.service];
      if (serviceId !== undefined) this.#onChange({ services: new Set([serviceId as ServiceId]), hosts: false });
    }
    this.#inspections.delete(id);
  }

  #serviceIds(): Set<ServiceId> {
    const ids = new Set<ServiceId>();
    for (const { labels } of this.containers.values()) {
      const id = labels[serviceLabel.service];
      if (id !== undefined) ids.add(id as ServiceId);
    }
    return ids;
  }
}

/** All hosts, kept as the state says. */
export class HostFleet implements Disposable {
  readonly #world: ServiceWorld;
  readonly #hosts = new Map<HostId, { host: ObservedHost; changes: Disposable }>();
  readonly #emitter = new Emitter<HostChange>();
  /** What a host's load balancers noticed: the name of an edge. */
  readonly #edgeEmitter = new Emitter<string>();

  readonly onDidChange: Event<HostChange> = this.#emitter.event;
  readonly onDidChangeEdge: Event<string> = this.#edgeEmitter.event;

  constructor(world: ServiceWorld) {
    this.#world = world;
    this.refresh();
  }

  /** Opens and closes engines as the stored hosts say. */
  refresh(): void {
    const wanted = new Map(this.#world.store.read.serviceHosts().map((host) => [host.id, host]));
    for (const [id, { host, changes }] of this.#hosts) {
      if (wanted.get(id)?.endpoint === host.endpoint && wanted.has(id)) continue;
      changes.dispose();
      host.dispose();
      this.#hosts.delete(id);
    }
    for (const [id, stored] of wanted) {
      if (this.#hosts.has(id)) continue;
      const host = new ObservedHost(this.#world, stored, (change) => this.#emitter.fire(change));
      const changes = host.edges.onDidChange((name) => this.#edgeEmitter.fire(name));
      this.#hosts.set(id, { host, changes });
    }
    this.#emitter.fire({ services: new Set(), hosts: true });
  }

  /** Waits for the first look at every host, as after a start: before it nothing can be said of any. */
  settled(): Promise<void> {
    if (this.all().every((host) => host.isSettled)) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        subscription.dispose();
        timer.dispose();
        resolve();
      };
      const subscription = this.onDidChange(() => {
        if (this.all().every((host) => host.isSettled)) done();
      });
      const timer = this.#world.clock.after(settleMsMax, done);
    });
  }

  /** In the order of their ids. */
  all(): ObservedHost[] {
    return [...this.#hosts.values()].map(({ host }) => host).toSorted((a, b) => (a.id < b.id ? -1 : 1));
  }

  get(id: HostId): ObservedHost | null {
    return this.#hosts.get(id)?.host ?? null;
  }

  /** The host that a container is on, and what is known of it. */
  find(containerId: string): { host: ObservedHost; facts: ContainerFacts } | null {
    for (const { host } of this.#hosts.values()) {
      const facts = host.containers.get(containerId);
      if (facts !== undefined) return { host, facts };
    }
    return null;
  }

  async idle(): Promise<void> {
    await Promise.all([...this.#hosts.values()].map(({ host }) => host.idle()));
  }

  dispose(): void {
    for (const { host, changes } of this.#hosts.values()) {
      changes.dispose();
      host.dispose();
    }
    this.#emitter.dispose();
    this.#edgeEmitter.dispose();
  }
}

/** Only of an engine on this machine whose folder can be seen. */
async function freeBytes(engine: ContainerEngine): Promise<number | null> {
  const { state } = engine;
  if (state.state !== 'ready' || !state.isLocal) return null;
  try {
    const { bavail, bsize } = await statfs(state.rootFolder);
    return bavail * bsize;
  } catch {
    // In a virtual machine, or not readable for this user: then it is not known, which is no fault.
    return null;
  }
}
