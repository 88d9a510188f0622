import { type Disposable, DisposableStore } from '#shared/base/disposable.ts';
import type { Revision, Service } from '#shared/model/service.ts';
import type { ServiceId } from '#shared/model/service-ids.ts';
import type { Volume } from '#shared/model/service-resource.ts';
import { networkName, serviceLabel } from '../../ports/service-labels.ts';
import type { ChangeSet } from '../../state/control-store.ts';
import type { HostFacts } from '../decide/facts.ts';
import { Placement } from '../decide/scheduler/placement.ts';
import { HostFleet } from './host-fleet.ts';
import { HostPorts } from './host-ports.ts';
import { ImagePreparer } from './image-preparer.ts';
import { Ingresses } from './ingresses.ts';
import { Preflight } from './preflight.ts';
import { engineVolumeName, ReplicaMaker } from './replica-maker.ts';
import type { ServiceContext } from './service-context.ts';
import { ServiceDriver } from './service-driver.ts';
import { ServiceFeed } from './service-feed.ts';
import type { ServiceWorld } from './service-world.ts';
import { StackHomes } from './stack-homes.ts';

/** Every service is looked at this often, whatever was or was not announced. */
const fullPassMs = 10_000;

/**
 * Owns the hosts and the drivers of all services and hands them what happens. Everything it does
 * is derived from the stored state and from what it observes, so a new one goes on where the last
 * one was, however that ended.
 */
export class OrchestratorCore implements Disposable {
  readonly world: ServiceWorld;
  readonly feed: ServiceFeed;
  readonly fleet: HostFleet;
  readonly images: ImagePreparer;
  readonly maker: ReplicaMaker;
  readonly hostPorts: HostPorts;
  readonly preflight: Preflight;
  readonly ingresses: Ingresses;
  readonly homes: StackHomes;
  /** The hosts with what runs on each, for placing replicas. */
  readonly #placement = new Placement();
  readonly #drivers = new Map<ServiceId, ServiceDriver>();
  readonly #owned = new DisposableStore();

  constructor(world: ServiceWorld) {
    this.world = world;
    this.feed = this.#owned.add(new ServiceFeed(world.clock));
    this.fleet = this.#owned.add(new HostFleet(world));
    this.images = new ImagePreparer(world, () => this.feed.note('progress'));
    this.maker = new ReplicaMaker(world);
    this.hostPorts = new HostPorts(world);
    this.homes = new StackHomes(world, this.fleet, {
      hostFacts: () => this.hostFacts(),
      loadOf: (hostId) => this.#placement.load(hostId),
      plannedOf: (serviceId) =>
        (this.driver(serviceId)?.observation.plan?.actions ?? []).flatMap((action) =>
          action.kind === 'create' ? [action.hostId] : [],
        ),
    });
    this.preflight = new Preflight(world, this.fleet, {
      serves: (serviceId) => this.#serves(serviceId),
      homeOf: (stack, also) => this.homes.of(stack, also),
      architectureOf: (digest) => this.images.architectures.get(digest) ?? null,
    });
    this.ingresses = this.#owned.add(
      new Ingresses(
        world,
        this.fleet,
        (service) => this.driver(service.id),
        (stack) => this.homes.of(stack),
      ),
    );
  }

  /** Goes to work on what is stored. */
  start(): void {
    const { store, clock } = this.world;
    this.#owned.add(store.onDidChange((set) => this.#onChange(set)));
    this.#owned.add(
      this.fleet.onDidChange(({ services, hosts }) => {
        this.#refreshPlacement();
        for (const id of services) this.#drivers.get(id)?.request();
        if (!hosts) return;
        for (const driver of this.#drivers.values()) driver.request();
        this.feed.note('hosts');
      }),
    );
    this.#owned.add(this.fleet.onDidChangeEdge((name) => this.#onEdge(name)));
    this.#owned.add(
      clock.every(fullPassMs, () => {
        for (const driver of this.#drivers.values()) driver.request();
        this.ingresses.request();
      }),
    );
    this.#refreshPlacement();
    this.#refreshDrivers();
  }

  /** The engine's name of a volume. */
  volumeName(volume: Pick<Volume, 'projectId' | 'stack' | 'name'>): string {
    return engineVolumeName(this.world.instance, volume, volume.name);
  }

  /** The engine's name of a stack's network. */
  networkName({ projectId, stack }: Pick<Service, 'projectId' | 'stack'>): string {
    return networkName(this.world.instance, projectId, stack);
  }

  driver(serviceId: ServiceId): ServiceDriver | null {
    return this.#drivers.get(serviceId) ?? null;
  }

  drivers(): ServiceDriver[] {
    return [...this.#drivers.values()];
  }

  /** Resolves when nothing is being done at the moment. For tests and for an orderly end. */
  async idle(): Promise<void> {
    await this.fleet.idle();
    await Promise.all(this.drivers().map((driver) => driver.idle()));
    await this.ingresses.idle();
  }

  dispose(): void {
    for (const driver of this.#drivers.values()) driver.dispose();
    this.#owned.dispose();
  }

  /** The hosts as they were last seen. */
  hostFacts(): HostFacts[] {
    const stored = new Map(this.world.store.read.serviceHosts().map((host) => [host.id, host]));
    return this.fleet.all().flatMap((host): HostFacts[] => {
      const settings = stored.get(host.id);
      if (settings === undefined) return [];
      const { state } = host.engine;
      const taken = new Map<number, string>();
      for (const container of host.containers.values()) {
        const whose = container.labels[serviceLabel.service] ?? container.name;
        for (const port of container.ports) taken.set(port.hostPort, whose);
      }
      return [
        {
          id: host.id,
          name: host.id,
          architecture: state.state === 'ready' ? state.architecture : '',
          cpus: state.state === 'ready' ? state.cpus : 0,
          memoryBytes: state.state === 'ready' ? state.memoryBytes : 0,
          labels: settings.labels,
          availability: settings.availability,
          state: host.isReady ? 'ready' : 'down',
          problem: host.isReady ? null : 'advice' in state ? state.advice : 'It is being connected to.',
          downSinceMs: host.isReady ? null : (host.downSinceMs ?? this.world.clock.nowMs()),
          returnedAtMs: host.returnedAtMs,
          images: host.images,
          diskFreeBytes: host.diskFreeBytes,
          portsTaken: taken,
        },
      ];
    });
  }

  #onChange(set: ChangeSet): void {
    let isStructural = false;
    for (const { table, id, projectId } of set.changes) {
      if (table === 'service') {
        isStructural = true;
        this.#drivers.get(id as ServiceId)?.request();
        this.feed.service(id as ServiceId);
      } else if (table === 'rollout') {
        const rollout = this.world.store.read.rollout(id as never);
        if (rollout === null) continue;
        this.#drivers.get(rollout.serviceId)?.request();
        this.feed.service(rollout.serviceId);
        this.feed.note('events');
      } else if (table === 'revision') {
        // Its key begins with the service's: `<project>/<stack>/<name>@<number>`.
        const serviceId = id.slice(0, id.lastIndexOf('@')) as ServiceId;
        this.#drivers.get(serviceId)?.request();
        this.feed.service(serviceId);
      } else if (table === 'serviceHost') this.fleet.refresh();
      else if (table === 'project') isStructural = true;
      else if (
        projectId !== null &&
        (table === 'secret' || table === 'config' || table === 'volume' || table === 'preview')
      ) {
        this.feed.resourcesOf(projectId);
      }
    }
    if (!isStructural) return;
    this.#refreshDrivers();
    // Another revision may serve now, with other routes.
    this.ingresses.request();
  }

  #onEdge(name: string): void {
    for (const driver of this.#drivers.values()) {
      if (driver.edgeName() === name) driver.request();
    }
  }

  #refreshPlacement(): void {
    const facts = this.hostFacts();
    for (const host of this.#placement.hosts()) {
      if (!facts.some((each) => each.id === host.id)) this.#placement.removeHost(host.id);
    }
    for (const host of facts) this.#placement.setHost(host);
  }

  #refreshDrivers(): void {
    const stored = new Set(this.world.store.read.allServices().map((service) => service.id));
    for (const [id, driver] of this.#drivers) {
      if (stored.has(id)) continue;
      driver.dispose();
      this.#drivers.delete(id);
      this.#placement.forget(id);
      this.feed.service(id);
      this.ingresses.request();
    }
    for (const id of stored) {
      if (this.#drivers.has(id)) continue;
      const driver = new ServiceDriver(this.#context(), id);
      this.#drivers.set(id, driver);
      driver.request();
    }
  }

  #context(): ServiceContext {
    return {
      world: this.world,
      fleet: this.fleet,
      images: this.images,
      maker: this.maker,
      hostPorts: this.hostPorts,
      placement: this.#placement,
      homeOf: (stack) => this.homes.of(stack),
      serves: (serviceId) => this.#serves(serviceId),
      preflight: async (service, revision) => this.#problems(service, revision),
      announce: (serviceId) => this.feed.service(serviceId),
      onTraffic: () => this.ingresses.request(),
    };
  }

  /** A service serves when as many of its replicas take traffic, or run, as one at least. */
  #serves(serviceId: ServiceId): boolean {
    const service = this.world.store.read.service(serviceId);
    const driver = this.#drivers.get(serviceId);
    if (service === null || driver === undefined) return false;
    return driver.observation.replicas.some(
      (replica) =>
        replica.phase === 'running' && replica.health.status === 'healthy' && replica.drainingSinceMs === null,
    );
  }

  async #problems(service: Service, revision: Revision): Promise<string[]> {
    const findings = await this.preflight.check(service, revision, this.hostFacts());
    return findings.filter((finding) => finding.verdict === 'failed').map((finding) => finding.detail);
  }
}
