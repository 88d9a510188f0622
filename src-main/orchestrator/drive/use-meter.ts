/**
 * What services use, measured while somebody looks: traffic from the edges, CPU and memory from
 * the engines. Nothing is asked of an engine when nobody does.
 */
import type { Disposable } from '#shared/base/disposable.ts';
import { RingBuffer } from '#shared/base/ring-buffer.ts';
import type { ServiceView } from '#shared/contract/service-views.ts';
import type { Service } from '#shared/model/service.ts';
import type { HostId, ServiceId } from '#shared/model/service-ids.ts';
import type { EdgeFacts } from '../../ports/edge.ts';
import type { ContainerStats, EngineResult } from '../../ports/engine.ts';
import { Loop } from '../../reactor/loop.ts';
import { edgeName, ingressName } from './edge-spec.ts';
import type { ObservedHost } from './host-fleet.ts';
import type { OrchestratorCore } from './orchestrator-core.ts';
import { TrafficMeter } from './traffic-meter.ts';

const intervalMs = 2_000;
/** The panel asks for views far more often than this. */
const watchedForMs = 15_000;
const pointsMax = 120;

interface Use {
  readonly cpuCores: number | null;
  readonly memoryBytes: number | null;
}

export class UseMeter implements Disposable {
  readonly #core: OrchestratorCore;
  readonly #loop: Loop;
  readonly #timer: Disposable;
  readonly #traffic = new Map<ServiceId, TrafficMeter>();
  readonly #stats = new Map<string, ContainerStats>();
  readonly #use = new Map<ServiceId, RingBuffer<Use>>();
  #watchedAtMs = Number.NEGATIVE_INFINITY;

  constructor(core: OrchestratorCore) {
    this.#core = core;
    const { clock, log } = core.world;
    this.#loop = new Loop({
      clock,
      pass: () => this.#measure(),
      onFailure: (error, { isNews }) => {
        if (isNews) log.warn('the use of containers could not be measured', { error: String(error) });
      },
    });
    this.#timer = clock.every(intervalMs, () => {
      if (clock.monotonicMs() - this.#watchedAtMs < watchedForMs) this.#loop.request();
    });
  }

  /** Somebody looks: measure from now on. */
  watch(): void {
    this.#watchedAtMs = this.#core.world.clock.monotonicMs();
  }

  /** Null while nothing was measured. */
  trafficOf(serviceId: ServiceId): TrafficMeter | null {
    return this.#traffic.get(serviceId) ?? null;
  }

  ofContainer(containerId: string): ContainerStats | null {
    return this.#stats.get(containerId) ?? null;
  }

  /** Of one core, by Gantry's own containers there; null while nothing was measured. */
  ofHost(hostId: HostId): number | null {
    const host = this.#core.fleet.get(hostId);
    const known = [...(host?.containers.keys() ?? [])].flatMap((id) => this.#stats.get(id)?.cpuPercent ?? []);
    return known.length === 0 ? null : known.reduce((sum, percent) => sum + percent, 0);
  }

  historyOf(serviceId: ServiceId): ServiceView['history'] {
    const points = this.#traffic.get(serviceId)?.points() ?? [];
    const use = this.#use.get(serviceId)?.toArray() ?? [];
    return {
      requests: points.map((point) => point.requests),
      p99Ms: points.map((point) => point.p99Ms),
      cpuCores: use.map((each) => each.cpuCores),
      memoryBytes: use.map((each) => each.memoryBytes),
    };
  }

  dispose(): void {
    this.#timer.dispose();
    this.#loop.dispose();
  }

  async #measure(): Promise<void> {
    const { fleet, world } = this.#core;
    const running = new Set<string>();
    for (const host of fleet.all()) {
      if (!host.isReady) continue;
      const ids = [...host.containers.values()].filter((each) => each.state === 'running').map((each) => each.id);
      for (const id of ids) running.add(id);
      const stats = await host.engine.stats(ids);
      if (!stats.ok) throw new Error(stats.error.message);
      for (const sample of stats.value) this.#stats.set(sample.containerId, sample);
    }
    for (const id of this.#stats.keys()) if (!running.has(id)) this.#stats.delete(id);
    const services = world.store.read.allServices();
    const stored = new Set(services.map((service) => service.id));
    for (const id of this.#traffic.keys()) if (!stored.has(id)) this.#traffic.delete(id);
    for (const id of this.#use.keys()) if (!stored.has(id)) this.#use.delete(id);
    const ingresses = new Map<string, Promise<EngineResult<EdgeFacts>>>();
    await Promise.all(
      services.map(async (service) => {
        await this.#measureTraffic(service, ingresses);
        this.#measureUse(service.id);
        this.#core.feed.service(service.id);
      }),
    );
    this.#core.feed.note('hosts');
  }

  /** What comes by the service's own address, and by the routes of its stack; each ingress is asked once. */
  async #measureTraffic(service: Service, ingresses: Map<string, Promise<EngineResult<EdgeFacts>>>): Promise<void> {
    const { fleet, world } = this.#core;
    const name = edgeName(world.instance, service);
    const has = (host: ObservedHost, container: string): boolean =>
      [...host.containers.values()].some((one) => one.name === container && one.state === 'running');
    const host = fleet.all().find((each) => each.isReady && has(each, name));
    if (host === undefined) return;
    const meter = this.#traffic.get(service.id) ?? new TrafficMeter();
    this.#traffic.set(service.id, meter);
    const ingress = ingressName(world.instance, service);
    if (!ingresses.has(ingress) && has(host, ingress)) ingresses.set(ingress, host.edges.read(ingress));
    const [own, atRoutes] = await Promise.all([host.edges.read(name), ingresses.get(ingress)]);
    if (!own.ok) {
      meter.gap(world.clock.nowMs());
      return;
    }
    const servers = new Set(own.value.servers.map(({ server }) => server));
    const more = atRoutes?.ok === true ? atRoutes.value.servers.filter(({ server }) => servers.has(server)) : [];
    meter.take({ atMs: own.value.atMs, servers: [...own.value.servers, ...more] });
  }

  #measureUse(serviceId: ServiceId): void {
    const replicas = this.#core.driver(serviceId)?.observation.replicas ?? [];
    const samples = replicas.flatMap((replica) => this.#stats.get(replica.containerId) ?? []);
    const points = this.#use.get(serviceId) ?? new RingBuffer<Use>(pointsMax);
    this.#use.set(serviceId, points);
    const cpus = samples.flatMap((sample) => sample.cpuPercent ?? []);
    points.push({
      cpuCores: cpus.length === 0 ? null : cpus.reduce((sum, percent) => sum + percent, 0) / 100,
      memoryBytes: samples.length === 0 ? null : samples.reduce((sum, sample) => sum + sample.memoryBytes, 0),
    });
  }
}
