/**
 * What happened to services: rollouts from their stored records, and what was seen of replicas and
 * engines since the app began. For the list of events and the timeline.
 */
import { type Disposable, DisposableStore } from '#shared/base/disposable.ts';
import { RingBuffer } from '#shared/base/ring-buffer.ts';
import type { ServiceEvent } from '#shared/contract/service-views.ts';
import type { ProjectId } from '#shared/model/ids.ts';
import type { ServiceId } from '#shared/model/service-ids.ts';
import type { Replica } from '../decide/facts.ts';
import type { OrchestratorCore } from './orchestrator-core.ts';

const keptMax = 1_000;
const shownMax = 500;

export class ServiceEvents implements Disposable {
  readonly #core: OrchestratorCore;
  readonly #seen = new RingBuffer<ServiceEvent>(keptMax);
  readonly #owned = new DisposableStore();
  /** What each replica was like when it was last looked at. */
  readonly #known = new Map<ServiceId, Map<string, Replica>>();
  #count = 0;

  constructor(core: OrchestratorCore) {
    this.#core = core;
    this.#owned.add(
      core.feed.onDidChange(({ services }) => {
        for (const serviceId of services) this.#compare(serviceId);
      }),
    );
  }

  /** Newest first, at most 500. */
  of(projectId: ProjectId): ServiceEvent[] {
    const { read } = this.#core.world.store;
    const services = read.services(projectId);
    const ids = new Set(services.map((service) => service.id));
    const decided = services.flatMap((service) =>
      read.rollouts(service.id).flatMap((rollout) =>
        rollout.decisions.map(
          (decision, index): ServiceEvent => ({
            id: `${rollout.id}-${index}-${decision.atMs}`,
            atMs: decision.atMs,
            serviceId: service.id,
            kind: decision.gate === 'person' ? 'person' : decision.gate === 'image' ? 'image' : 'rollout',
            severity: decision.verdict === 'failed' ? 'error' : 'info',
            text: `${service.name}, revision ${rollout.toRevision}: ${decision.detail}`,
            rolloutId: rollout.id,
          }),
        ),
      ),
    );
    const seen = this.#seen.toArray().filter((event) => ids.has(event.serviceId));
    return [...decided, ...seen].toSorted((a, b) => b.atMs - a.atMs).slice(0, shownMax);
  }

  dispose(): void {
    this.#owned.dispose();
  }

  #compare(serviceId: ServiceId): void {
    const driver = this.#core.driver(serviceId);
    if (driver === null) {
      this.#known.delete(serviceId);
      return;
    }
    const now = new Map(driver.observation.replicas.map((replica) => [replica.containerId, replica]));
    const before = this.#known.get(serviceId);
    this.#known.set(serviceId, now);
    // What was there when the app began did not happen now.
    if (before === undefined) return;
    for (const [id, replica] of now) {
      const was = before.get(id);
      if (was === undefined)
        this.#add(serviceId, 'replica', 'info', `${replica.name} was made on ${replica.hostId}`, null);
      else this.#compareReplica(serviceId, was, replica);
    }
    for (const [id, was] of before) {
      if (!now.has(id)) this.#add(serviceId, 'replica', 'info', `${was.name} was removed`, null);
    }
  }

  #compareReplica(serviceId: ServiceId, was: Replica, is: Replica): void {
    if (was.phase !== is.phase && is.phase === 'ended') {
      const how = is.wasOutOfMemory ? 'ran out of memory' : `ended with exit code ${is.exitCode ?? 'unknown'}`;
      this.#add(serviceId, 'replica', is.exitCode === 0 ? 'info' : 'error', `${is.name} ${how}`, null);
    } else if (was.restarts < is.restarts) {
      this.#add(serviceId, 'replica', 'error', `${is.name} ended and was started again by the engine`, null);
    }
    if (was.health.status !== is.health.status && is.phase === 'running') {
      if (is.health.status === 'healthy') this.#add(serviceId, 'health', 'info', `${is.name} is healthy`, null);
      if (is.health.status === 'unhealthy') {
        this.#add(serviceId, 'health', 'error', `${is.name} is unhealthy: ${is.health.detail}`, null);
      }
    }
  }

  #add(
    serviceId: ServiceId,
    kind: ServiceEvent['kind'],
    severity: ServiceEvent['severity'],
    text: string,
    rolloutId: string | null,
  ): void {
    this.#count += 1;
    const atMs = this.#core.world.clock.nowMs();
    this.#seen.push({ id: `seen-${this.#count}`, atMs, serviceId, kind, severity, text, rolloutId });
    this.#core.feed.note('events');
  }
}
