/**
 * The ingress of each stack: one more edge that leads to the same replicas as the services' own,
 * by host and path. It is there while any service of the stack has a route.
 */
import type { Disposable } from '#shared/base/disposable.ts';
import type { ServiceRoute } from '#shared/model/service-spec.ts';
import type { Service } from '#shared/model/service.ts';
import type { HostId } from '#shared/model/service-ids.ts';
import type { EdgeListener, EdgePool, EdgeSpec } from '../../ports/edge.ts';
import { networkName, serviceLabel, stackLabels } from '../../ports/service-labels.ts';
import { Loop } from '../../reactor/loop.ts';
import { propose } from '../../reactor/propose.ts';
import { ingressName, poolName, poolsOf } from './edge-spec.ts';
import type { HostFleet } from './host-fleet.ts';
import type { ServiceDriver } from './service-driver.ts';
import type { ServiceWorld } from './service-world.ts';
import { removeUnusedNetworks } from './unused-networks.ts';

/** Where the ingress listens inside its container. */
const httpPort = 8_080;
const httpsPort = 8_443;
/** The first host ports that are tried for the first stack; then upwards. */
const hostPortFirst = 8_080;
const hostPortsTried = 200;
const drainMs = 30_000;

/** Where a stack's ingress is published; kept for ever once chosen. */
export interface IngressPorts {
  readonly http: number;
  readonly https: number;
}

interface Stack {
  readonly of: Pick<Service, 'projectId' | 'stack'>;
  readonly services: Service[];
}

export class Ingresses implements Disposable {
  readonly #world: ServiceWorld;
  readonly #fleet: HostFleet;
  readonly #driverOf: (service: Service) => ServiceDriver | null;
  readonly #homeOf: (stack: Stack['of']) => HostId | null;
  readonly #loop: Loop;
  readonly #applied = new Map<string, string>();
  /** Why a stack's ingress is not as it should be, by name. */
  readonly problems = new Map<string, string>();
  /** The stacks of the last pass, by name; null as long as networks of earlier ones may be left. */
  #stacks: ReadonlySet<string> | null = null;

  constructor(
    world: ServiceWorld,
    fleet: HostFleet,
    driverOf: (service: Service) => ServiceDriver | null,
    homeOf: (stack: Stack['of']) => HostId | null,
  ) {
    this.#world = world;
    this.#fleet = fleet;
    this.#driverOf = driverOf;
    this.#homeOf = homeOf;
    this.#loop = new Loop({
      clock: world.clock,
      pass: () => this.#pass(),
      onFailure: (error, { isNews }) => {
        if (isNews) world.log.warn('an ingress could not be brought forward', { error: String(error) });
      },
    });
  }

  request(): void {
    if (!this.#world.viewOnly) this.#loop.request();
  }

  async idle(): Promise<void> {
    await this.#loop.idle();
  }

  dispose(): void {
    this.#loop.dispose();
  }

  /** Null until the stack has an ingress. */
  ports(of: Pick<Service, 'projectId' | 'stack'>): IngressPorts | null {
    const text = this.#world.store.read.setting(settingKey(of));
    return text === null ? null : (JSON.parse(text) as IngressPorts);
  }

  async #pass(): Promise<void> {
    const hosts = this.#fleet.all().filter((each) => each.isReady);
    if (hosts.length === 0) return;
    const stacks = new Map<string, Stack>();
    for (const service of this.#world.store.read.allServices()) {
      const name = ingressName(this.#world.instance, service);
      const stack = stacks.get(name) ?? { of: service, services: [] };
      stack.services.push(service);
      stacks.set(name, stack);
    }
    const failures: string[] = [];
    for (const [name, stack] of stacks) {
      const host = hosts.find((each) => each.id === this.#homeOf(stack.of));
      const spec = host === undefined ? null : await this.#specOf(name, stack);
      if (host === undefined || spec === null) continue;
      const running = [...host.containers.values()].find((each) => each.name === name && each.state === 'running');
      // One that the engine started anew has lost the keys of its certificates.
      const text = JSON.stringify([host.id, spec, running?.startedAtMs ?? null]);
      if (running !== undefined && this.#applied.get(name) === text) continue;
      const joined = await host.engine.ensureNetwork(spec.network, spec.labels);
      const applied = joined.ok ? await host.edges.apply(spec) : joined;
      if (applied.ok) {
        this.#applied.set(name, text);
        this.problems.delete(name);
      } else {
        this.problems.set(name, applied.error.message);
        failures.push(applied.error.message);
      }
    }
    const wanted = new Map(
      [...stacks]
        .filter(([, stack]) => routesOf(this.#world, stack).length > 0)
        .map(([name, { of }]) => [name, this.#homeOf(of)]),
    );
    for (const host of hosts) {
      for (const container of host.containers.values()) {
        if (!container.name.endsWith('-ingress') || container.labels[serviceLabel.role] !== 'edge') continue;
        if (wanted.get(container.name) === host.id) continue;
        const removed = await host.edges.remove(container.name);
        if (!removed.ok) failures.push(removed.error.message);
        if (!wanted.has(container.name)) this.#applied.delete(container.name);
      }
    }
    // After the ingress, which is the last that is in a stack's network.
    const areFewer = this.#stacks === null || [...this.#stacks].some((name) => !stacks.has(name));
    const areGone = !areFewer || (await removeUnusedNetworks({ world: this.#world, fleet: this.#fleet }));
    this.#stacks = areGone ? new Set(stacks.keys()) : null;
    if (failures.length > 0) throw new Error(failures.join(' '));
  }

  async #specOf(name: string, stack: Stack): Promise<EdgeSpec | null> {
    const { instance } = this.#world;
    const { projectId, stack: stackName } = stack.of;
    const routes = routesOf(this.#world, stack);
    if (routes.length === 0) return null;
    const ports = await this.#choosePorts(stack.of);
    if (ports === null) return null;
    const pools: EdgePool[] = [];
    for (const service of stack.services) {
      const spec = servingSpec(this.#world, service);
      const driver = this.#driverOf(service);
      if (spec === null || driver === null || spec.routes.length === 0) continue;
      const { replicas, shares } = driver.traffic();
      pools.push(...poolsOf(spec, replicas, shares, `${service.name}-`));
    }
    const rules = routes.map(({ service, route }) => ({
      host: route.host,
      path: route.path,
      pool: `${service.name}-${poolName(route.containerPort)}`,
    }));
    const certificates = this.#certificates(stack, routes);
    const listeners: EdgeListener[] = [
      {
        kind: 'routes',
        port: httpPort,
        routes: rules,
        certificates: [],
        redirectToTls: [...new Set(certificates.flatMap((certificate) => certificate.hosts))],
      },
      ...(certificates.length === 0
        ? []
        : [{ kind: 'routes' as const, port: httpsPort, routes: rules, certificates, redirectToTls: [] }]),
    ];
    return {
      name,
      network: networkName(instance, projectId, stackName),
      aliases: ['ingress'],
      publish: [
        { containerPort: httpPort, address: '127.0.0.1', hostPort: ports.http },
        { containerPort: httpsPort, address: '127.0.0.1', hostPort: ports.https },
      ],
      labels: { ...stackLabels(instance, projectId, stackName), [serviceLabel.role]: 'edge' },
      listeners,
      pools,
      drainMs,
    };
  }

  /** Certificate chains with their keys, opened only for the edge that needs them. */
  #certificates(stack: Stack, routes: readonly { service: Service; route: ServiceRoute }[]) {
    const hosts = new Map<string, string[]>();
    for (const { route } of routes) {
      if (route.certificate === null) continue;
      hosts.set(route.certificate, [
        ...(hosts.get(route.certificate) ?? []),
        ...(route.host === null ? [] : [route.host]),
      ]);
    }
    return [...hosts].flatMap(([name, ofHosts]) => {
      const secret = this.#world.store.read.secret(stack.of.projectId, name as never);
      const newest = secret?.versions.at(-1);
      if (newest === undefined) return [];
      const opened = this.#world.vault.open(newest.sealed);
      if (!opened.ok) throw opened.error;
      return [{ name, pem: Buffer.from(opened.value).toString('utf8'), hosts: ofHosts }];
    });
  }

  async #choosePorts(of: Pick<Service, 'projectId' | 'stack'>): Promise<IngressPorts | null> {
    const known = this.ports(of);
    if (known !== null) return known;
    const free: number[] = [];
    const taken = new Set(
      this.#world.store.read.allServices().flatMap((each) => Object.values(this.ports(each) ?? {})),
    );
    for (let port = hostPortFirst; free.length < 2 && port < hostPortFirst + hostPortsTried; port += 1) {
      if (!taken.has(port) && (await this.#world.isPortFree('127.0.0.1', port))) free.push(port);
    }
    const [http, https] = free;
    if (http === undefined || https === undefined) {
      throw new Error(`No two free ports were found from ${hostPortFirst} for the ingress. End what listens there.`);
    }
    await propose(this.#world, { kind: 'setting.put', key: settingKey(of), value: JSON.stringify({ http, https }) });
    return { http, https };
  }
}

function settingKey({ projectId, stack }: Pick<Service, 'projectId' | 'stack'>): string {
  return `ingress.${projectId}.${stack}`;
}

/** The spec that its routes are read from: of the target while a rollout goes on, else of what serves. */
function servingSpec({ store }: ServiceWorld, service: Service) {
  const rollout = service.rolloutId === null ? null : store.read.rollout(service.rolloutId);
  const number = service.servingRevision ?? rollout?.toRevision ?? null;
  return number === null ? null : (store.read.revision(service.id, number)?.spec ?? null);
}

function routesOf(world: ServiceWorld, stack: Stack): { service: Service; route: ServiceRoute }[] {
  return stack.services.flatMap((service) =>
    service.state === 'removing'
      ? []
      : (servingSpec(world, service)?.routes ?? []).map((route) => ({ service, route })),
  );
}
