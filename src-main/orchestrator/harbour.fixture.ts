/** A whole orchestrator on a real engine: its own state, its own instance, nothing left afterwards. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ok } from '#shared/base/result.ts';
import type { ServiceView } from '#shared/contract/service-views.ts';
import type { CommitId, ProjectId } from '#shared/model/ids.ts';
import type { Rollout } from '#shared/model/service.ts';
import { mainStack, type ServiceId, serviceIdOf, type ServiceName } from '#shared/model/service-ids.ts';
import { serviceSpecSchema, type ServiceSpecInput } from '#shared/model/service-spec.ts';
import { DockerFixture } from '../docker/docker.fixture.ts';
import { openDockerEngine } from '../docker/open-docker-engine.ts';
import { openEdges } from '../edge/open-edges.ts';
import { systemClock } from '../platform/clock.ts';
import { systemRandom } from '../platform/random.ts';
import type { Clock } from '../ports/clock.ts';
import type { Edges } from '../ports/edge.ts';
import type { ContainerEngine } from '../ports/engine.ts';
import type { Log } from '../ports/log.ts';
import type { ProjectCode } from '../ports/project-code.ts';
import { openKeyRing } from '../secrets/key-ring.ts';
import { keyFile } from '../secrets/key-file.ts';
import { secretFilesOnTmpfs } from '../secrets/secret-files.ts';
import { openVault } from '../secrets/vault.ts';
import { type LocalControlStore, localControlStore } from '../state/local-control-store.ts';
import { localVolumeDriver } from '../volumes/local-driver.ts';
import { openOrchestrator } from './open-orchestrator.ts';
import type { Orchestrator } from './orchestrator.ts';

export const harbourProject = 'harbour-test' as ProjectId;
const head = '1'.repeat(40) as CommitId;

/** No repository stands behind it: what is deployed here is made of images. */
export const noCode: ProjectCode = {
  target: async () => ({ branch: 'main' as never, commit: head }),
  lane: async () => {
    throw new Error('there are no lanes here');
  },
  laneFacts: () => null,
  archive: async () => ok((async function* () {})()),
  readFile: async () => null,
};

/** Time in which nobody has to wait long: what is waited for takes one part in `factor` of what it should. */
export function hastened(factor: number): Clock {
  return {
    ...systemClock,
    after: (delayMs, callback) => systemClock.after(delayMs / factor, callback),
    every: (intervalMs, callback) => systemClock.every(intervalMs / factor, callback),
  };
}

/** Where a test has a store of its own, with the project opened in it. */
interface Ground {
  readonly store: LocalControlStore;
  readonly projectId: ProjectId;
  readonly code: ProjectCode;
}

/** Open it in `beforeAll`, `dispose` it in `afterAll`. */
export class Harbour {
  readonly docker: DockerFixture;
  readonly folder: string;
  readonly store: LocalControlStore;
  readonly projectId: ProjectId;
  readonly warnings: string[] = [];
  orchestrator: Orchestrator;
  readonly #code: ProjectCode;
  readonly #engineClock: Clock;
  readonly #clock: Clock = { ...systemClock, nowMs: () => systemClock.nowMs() + this.#aheadMs };
  #aheadMs = 0;
  #ownsStore = false;

  private constructor(
    docker: DockerFixture,
    folder: string,
    { store, projectId, code }: Ground,
    engineClock: Clock,
    first: (harbour: Harbour) => Orchestrator,
  ) {
    this.docker = docker;
    this.folder = folder;
    this.store = store;
    this.projectId = projectId;
    this.#code = code;
    this.#engineClock = engineClock;
    this.orchestrator = first(this);
  }

  /**
   * Nothing is in the project but services. They run on the machine's engine, or the one at `endpoint`;
   * its deadlines, pings and retries go by `engineClock`.
   */
  static async open(
    code: ProjectCode = noCode,
    endpoint: string | null = null,
    engineClock: Clock = systemClock,
  ): Promise<Harbour> {
    const folder = mkdtempSync(join(tmpdir(), 'gantry-harbour-'));
    const store = localControlStore(join(folder, 'state.db'));
    const opened = await store.propose({
      kind: 'project.open',
      projectId: harbourProject,
      path: folder,
      name: 'harbour',
      targetBranch: 'main' as never,
      gates: [],
      isDemo: false,
      atMs: Date.now(),
    });
    if (!opened.ok) throw new Error(opened.error.message);
    const ground = { store, projectId: harbourProject, code };
    const harbour = await Harbour.#make(folder, ground, endpoint, engineClock);
    harbour.#ownsStore = true;
    return harbour;
  }

  /** On somebody else's store and code, which are disposed by whoever made them. */
  static on(ground: Ground): Promise<Harbour> {
    return Harbour.#make(mkdtempSync(join(tmpdir(), 'gantry-harbour-')), ground);
  }

  static async #make(
    folder: string,
    ground: Ground,
    endpoint: string | null = null,
    engineClock: Clock = systemClock,
  ): Promise<Harbour> {
    const docker = await DockerFixture.open(endpoint);
    const ring = await openKeyRing(keyFile(folder));
    return new Harbour(docker, folder, ground, engineClock, (harbour) => harbour.#start(openVault(ring)));
  }

  /** Forgets everything but what is stored and what runs, as a killed app does, and begins anew. */
  async restart(): Promise<void> {
    this.orchestrator.dispose();
    const ring = await openKeyRing(keyFile(this.folder));
    this.orchestrator = this.#start(openVault(ring));
  }

  /** Puts the orchestrator's calendar forward; what it waits for meanwhile is seen with its next full pass. */
  putForward(ms: number): void {
    this.#aheadMs += ms;
  }

  /** A spec on top of sane test defaults. */
  spec(name: string, image: string, rest: Partial<ServiceSpecInput> = {}): ReturnType<typeof serviceSpecSchema.parse> {
    return serviceSpecSchema.parse({
      name,
      image: { kind: 'image', reference: image },
      ports: [{ containerPort: 8_080, publish: {} }],
      health: { probe: { kind: 'http', port: 8_080, path: '/healthz' }, intervalMs: 200, timeoutMs: 1_000 },
      stopGraceMs: 2_000,
      ...rest,
      update: { monitorMs: 300, drainMs: 5_000, healthDeadlineMs: 20_000, ...rest.update },
      rollback: { monitorMs: 0, drainMs: 5_000, healthDeadlineMs: 20_000, ...rest.rollback },
    });
  }

  id(name: string): ServiceId {
    return serviceIdOf(this.projectId, mainStack, name as ServiceName);
  }

  async deploy(
    spec: ReturnType<Harbour['spec']>,
  ): Promise<{ serviceId: ServiceId; revision: number; unchanged: boolean }> {
    return this.orchestrator.services.deploy({
      projectId: this.projectId,
      stack: mainStack,
      spec,
      origin: { kind: 'person' },
      expectedRevisions: null,
    });
  }

  /** Deploys and waits for the rollout's end, which it answers. */
  async rollOut(spec: ReturnType<Harbour['spec']>): Promise<Rollout> {
    const { serviceId } = await this.deploy(spec);
    return this.settled(serviceId);
  }

  /** The newest rollout once no rollout is under way (an automatic way back included). */
  async settled(serviceId: ServiceId, withinMs = 60_000): Promise<Rollout> {
    await this.until(
      `the rollout of ${serviceId} ends`,
      () => this.store.read.service(serviceId)?.rolloutId === null,
      withinMs,
    );
    const rollout = this.store.read.rollouts(serviceId)[0];
    if (rollout === undefined) throw new Error('there is no rollout');
    return rollout;
  }

  view(name: string): ServiceView {
    const view = this.orchestrator.views.service(this.id(name));
    if (view === null) throw new Error(`there is no service ${name}`);
    return view;
  }

  /** Where the host answers. */
  url(name: string, path = '/'): string {
    const port = this.view(name).ports[0];
    if (port?.hostPort == null) throw new Error(`${name} is not published`);
    return `http://127.0.0.1:${port.hostPort}${path}`;
  }

  async until(what: string, isSo: () => boolean | Promise<boolean>, withinMs = 60_000): Promise<void> {
    const end = Date.now() + withinMs;
    while (!(await isSo())) {
      if (Date.now() > end) {
        const state = JSON.stringify(
          this.orchestrator.views.services(this.projectId).map(({ name, sentence, pending, replicas, rollout }) => ({
            name,
            sentence,
            pending,
            replicas,
            stage: rollout?.rollout.stage,
            waits: rollout?.waitsFor,
            decisions: rollout?.rollout.decisions,
          })),
          null,
          1,
        );
        throw new Error(
          `Waited ${withinMs} ms in vain until ${what}. ${this.warnings.slice(-10).join('\n')}\n${state}`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }

  async dispose(): Promise<void> {
    this.orchestrator.dispose();
    await this.docker.removeAll();
    if (this.#ownsStore) this.store.dispose();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #start(vault: ReturnType<typeof openVault>): Orchestrator {
    const { instance, endpoint: own } = this.docker;
    const write = (message: string, fields?: Record<string, unknown>): void => {
      this.warnings.push(`${message} ${JSON.stringify(fields ?? {})}`);
    };
    const log: Log = { debug: () => {}, info: () => {}, warn: write, error: write, child: () => log };
    const edges = new Map<ContainerEngine, Edges>();
    const edgesOf = (engine: ContainerEngine): Edges => {
      const known = edges.get(engine) ?? openEdges({ engine, clock: systemClock, log });
      edges.set(engine, known);
      return known;
    };
    const local = localVolumeDriver({
      folder: join(this.folder, 'backups'),
      instance,
      clock: systemClock,
      random: systemRandom,
      helperImage: async (engine) => {
        const prepared = await edgesOf(engine).prepare(() => {});
        return prepared.ok ? ok(prepared.value.image) : prepared;
      },
    });
    return openOrchestrator({
      store: this.store,
      clock: this.#clock,
      random: systemRandom,
      log,
      instance,
      openEngine: (endpoint) =>
        openDockerEngine({ endpoint: endpoint ?? own, instance, clock: this.#engineClock, log }),
      openEdges: edgesOf,
      vault,
      secretFiles: secretFilesOnTmpfs(),
      volumeDrivers: new Map([[local.name, local]]),
      code: this.#code,
      isPortFree,
      viewOnly: false,
    });
  }
}

function isPortFree(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ host: address, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
