/** Brings the edge of one service to what its plans want. */
import { ok } from '#shared/base/result.ts';
import type { Revision, Service } from '#shared/model/service.ts';
import type { EdgeFacts } from '../../ports/edge.ts';
import type { Replica } from '../decide/facts.ts';
import type { TrafficShare } from '../decide/service-plan.ts';
import { edgeName, edgeSpecOf, isAsPlanned } from './edge-spec.ts';
import type { Effects } from './effects.ts';
import type { ObservedHost } from './host-fleet.ts';
import { hasHostPorts } from './host-ports.ts';
import type { ServiceContext, ServiceObservation } from './service-context.ts';
import type { ServiceObserver } from './service-observer.ts';

/** What becomes of an order to the edge. */
export interface ServiceEdgeOptions {
  readonly context: ServiceContext;
  readonly observer: ServiceObserver;
  readonly onChange: (change: Pick<ServiceObservation, 'edge' | 'edgeProblem'>) => void;
  /** There is more to do now, of which nothing else tells. */
  readonly onProgress: () => void;
}

export class ServiceEdge {
  readonly #options: ServiceEdgeOptions;
  #shares: readonly TrafficShare[] = [];
  /** What it was last brought to, but for its servers. */
  #shape: string | null = null;

  constructor(options: ServiceEdgeOptions) {
    this.#options = options;
  }

  /** The shares of traffic that the last pass decided. */
  get shares(): readonly TrafficShare[] {
    return this.#shares;
  }

  /** Nothing is given traffic any more: the service is being removed. */
  forgetShares(): void {
    this.#shares = [];
  }

  /**
   * Brings the edge to the shares. Those about to be stopped have left it when it resolves. `edge` is
   * what was last read of it, and `shown` the revision whose ports it has; null without either.
   */
  async shift(
    service: Service,
    shown: Revision | null,
    shares: readonly TrafficShare[],
    replicas: readonly Replica[],
    edge: EdgeFacts | null,
  ): Promise<void> {
    const { context, observer, onChange, onProgress } = this.#options;
    const { world, fleet, hostPorts, onTraffic } = context;
    if (shown === null) return;
    const changed = JSON.stringify(shares) !== JSON.stringify(this.#shares);
    const before = this.#shares;
    this.#shares = shares;

    if (changed) onTraffic(service);
    if (!hasHostPorts(service, shown.spec)) {
      // An edge without them would be replaced at once. Who deployed may have ended before it chose.
      await hostPorts.choose(service.id, shown.spec);
      onProgress();
      return;
    }
    const spec = edgeSpecOf(world.instance, service, shown.spec, observer.addressed(replicas), shares);
    const host = observer.edgeHost(service, fleet.all());
    if (spec === null || host === null) return;
    const shape = JSON.stringify({ ...spec, pools: spec.pools.map((pool) => ({ ...pool, servers: [] })) });
    if (!changed && edge !== null && shape === this.#shape && isAsPlanned(edge, spec)) {
      observer.rememberDraining(before, shares);
      return;
    }
    const joined = host.hasNetwork(spec.network)
      ? ok(null)
      : await host.engine.ensureNetwork(spec.network, spec.labels);
    const applied = joined.ok ? await host.edges.apply(spec) : joined;
    onChange({
      edge: applied.ok ? applied.value : edge,
      edgeProblem: applied.ok ? null : applied.error.message,
    });
    this.#shape = applied.ok ? shape : null;
    // Not before they do drain: the order may have taken its time.
    if (applied.ok) observer.rememberDraining(before, shares);
    // What waited for the traffic to move goes on at once.
    if (applied.ok && changed) onProgress();
    if (applied.ok) return;
    // Somebody took the port between its choice and its first use: nobody knows it yet, so another one does.
    if (applied.error.reason === 'port-taken' && service.servingRevision === null) {
      await hostPorts.choose(service.id, shown.spec, true);
    }
    throw new Error(applied.error.message);
  }

  /** The stack has moved, and the service answers where it is now. */
  removeStray(service: Service, hosts: readonly ObservedHost[], effects: Effects): void {
    const { context, observer } = this.#options;
    for (const host of observer.strayEdges(service, hosts)) {
      effects.begin(`edge of before ${host.id}`, async () => {
        const removed = await host.edges.remove(edgeName(context.world.instance, service));
        if (!removed.ok) throw new Error(removed.error.message);
        host.lookAgain();
        await host.idle();
      });
    }
  }
}
