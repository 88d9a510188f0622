/** "Prove it": constant loads on services, kept for the panel until the app ends. */
import type { Disposable } from '#shared/base/disposable.ts';
import { GantryError } from '#shared/contract/error.ts';
import type { ParsedInputOf } from '#shared/contract/contract.ts';
import type { LoadTest } from '#shared/contract/service-views.ts';
import type { ProjectId } from '#shared/model/ids.ts';
import type { Service } from '#shared/model/service.ts';
import { localHost } from '#shared/model/service-ids.ts';
import type { LoadRequests } from '../orchestrator.ts';
import { hostPortOf } from './edge-spec.ts';
import { LoadClient } from './load-client.ts';
import type { OrchestratorCore } from './orchestrator-core.ts';

const keptMax = 20;
const announceMs = 250;

interface Kept {
  readonly of: Omit<
    LoadTest,
    'state' | 'sent' | 'succeeded' | 'failed' | 'failures' | 'p50Ms' | 'p99Ms' | 'connections'
  >;
  readonly projectId: ProjectId;
  readonly client: LoadClient;
  /** Null while it runs: one that is stopped ends before its time, slow answers end it later. */
  endedAtMs: number | null;
}

export class LoadTests implements LoadRequests, Disposable {
  readonly #core: OrchestratorCore;
  readonly #tests = new Map<string, Kept>();
  readonly #timer: Disposable;

  constructor(core: OrchestratorCore) {
    this.#core = core;
    this.#timer = core.world.clock.every(announceMs, () => {
      if ([...this.#tests.values()].some(({ client }) => !client.counts().isOver)) core.feed.note('loads');
    });
  }

  /** One at a time per service: two would not tell whose failures are whose. */
  async start({ serviceId, requestsPerSecond, forMs, path }: ParsedInputOf<'load.start'>): Promise<LoadTest> {
    const { store, clock, random } = this.#core.world;
    const service = store.read.service(serviceId);
    if (service === null) throw new GantryError('not-found', `The service ${serviceId} does not exist (any more).`);
    for (const { of, client } of this.#tests.values()) {
      if (of.serviceId === serviceId && !client.counts().isOver) {
        throw new GantryError('wrong-state', `A load on ${service.name} is under way already. Stop it first.`);
      }
    }
    const url = `${this.#addressOf(service)}${path}`;
    const startedAtMs = clock.nowMs();
    const id = `load-${random.id(8)}`;
    const client = new LoadClient({ url, requestsPerSecond, forMs, clock });
    const kept: Kept = {
      of: { id, serviceId, url, requestsPerSecond, startedAtMs, endsAtMs: startedAtMs + forMs },
      projectId: service.projectId,
      client,
      endedAtMs: null,
    };
    client.onDidEnd(() => {
      kept.endedAtMs = clock.nowMs();
      this.#core.feed.note('loads');
    });
    this.#tests.set(id, kept);
    this.#forgetOld();
    this.#core.feed.note('loads');
    return this.#view(id);
  }

  async stop(loadId: string): Promise<void> {
    const test = this.#tests.get(loadId);
    if (test === undefined) throw new GantryError('not-found', 'This load is not kept any more.');
    test.client.dispose();
    this.#core.feed.note('loads');
  }

  /** Newest first. */
  of(projectId: ProjectId): LoadTest[] {
    return [...this.#tests]
      .filter(([, test]) => test.projectId === projectId)
      .map(([id]) => this.#view(id))
      .toReversed();
  }

  dispose(): void {
    this.#timer.dispose();
    for (const { client } of this.#tests.values()) client.dispose();
  }

  #view(id: string): LoadTest {
    const test = this.#tests.get(id);
    if (test === undefined) throw new GantryError('not-found', 'This load is not kept any more.');
    const { isOver, failures, connections, ...counts } = test.client.counts();
    return {
      ...test.of,
      ...counts,
      endsAtMs: test.endedAtMs ?? test.of.endsAtMs,
      failures: [...failures],
      connections: { ...connections },
      state: isOver ? 'ended' : 'running',
    };
  }

  #addressOf(service: Service): string {
    const { read } = this.#core.world.store;
    const home = this.#core.homes.of(service);
    const engine = home === null ? null : this.#core.fleet.get(home)?.engine.state;
    if (home !== localHost && engine?.state === 'ready' && !engine.isLocal) {
      throw new GantryError(
        'wrong-state',
        `${service.name} is published on ${home}, which is not this machine: no load can be put on it from here.`,
      );
    }
    const number = service.servingRevision ?? service.revisions;
    const spec = read.revision(service.id, number)?.spec;
    for (const port of spec?.ports ?? []) {
      const hostPort = port.protocol === 'http' ? hostPortOf(service, port) : null;
      if (hostPort !== null) return `http://${port.publish?.address ?? '127.0.0.1'}:${hostPort}`;
    }
    throw new GantryError(
      'wrong-state',
      `${service.name} has no published http port that a load could be put on. Publish one, then try again.`,
    );
  }

  #forgetOld(): void {
    for (const [id, { client }] of this.#tests) {
      if (this.#tests.size <= keptMax) return;
      if (client.counts().isOver) this.#tests.delete(id);
    }
  }
}
