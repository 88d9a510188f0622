/** A container engine that is not there: containers that start, answer, fail and end in simulated time. */
import { assert, assertDefined } from '#shared/base/assert.ts';
import type { HostId, ImageDigest } from '#shared/model/service-ids.ts';
import type { ContainerFacts, ContainerSpec } from '../../ports/engine.ts';
import type { EventQueue } from '../event-queue.ts';
import type { SeededRandom } from '../seeded-random.ts';
import { worldNowMs } from './app-life.ts';
import type { Fate } from './fate.ts';
import { SimulatedVolumes } from './simulated-volumes.ts';

/** A container. Who ended it decides whether requests that it was serving may be lost. */
export interface SimulatedContainer {
  readonly id: string;
  readonly spec: ContainerSpec;
  readonly createdAtMs: number;
  state: 'created' | 'running' | 'restarting' | 'exited';
  startedAtMs: number | null;
  finishedAtMs: number | null;
  exitCode: number | null;
  restarts: number;
  restart: ContainerSpec['restart'];
  /** New with each start. */
  address: string;
  /** From when on it answers: since it has started, or was well again. */
  answersAtMs: number;
  isSick: boolean;
  /** When it last could answer. */
  wellAtMs: number;
  isStopping: boolean;
  endedBy: 'app' | 'fault' | null;
  /** Counts starts, so that what was planned for an earlier one is dropped. */
  starts: number;
}

export interface EngineListener {
  onContainer(container: SimulatedContainer, action: string): void;
  onUpOrDown(): void;
}

/** What an image is. */
export interface SimulatedImage {
  readonly reference: string;
  readonly digest: ImageDigest;
  readonly fate: Fate;
}

/** What edges, keepers and other people's containers are made of. */
export const toolImage: SimulatedImage = {
  reference: 'tools',
  digest: `sha256:${'f'.repeat(64)}` as ImageDigest,
  fate: 'good',
};

function fullId(name: string): string {
  return name.padEnd(64, '0');
}

/** Where the containers of one host are. Outlives every run of the app. */
export class SimulatedEngine {
  readonly hostId: HostId;
  readonly containers = new Map<string, SimulatedContainer>();
  readonly images = new Map<ImageDigest, SimulatedImage>([[toolImage.digest, toolImage]]);
  readonly volumes = new SimulatedVolumes(this.containers);
  /** Labels by name. */
  readonly networks = new Map<string, Readonly<Record<string, string>>>();
  readonly listeners = new Set<EngineListener>();
  readonly #queue: EventQueue;
  readonly #random: SeededRandom;
  readonly #newNumber: () => number;
  #starts = 1;
  isUp = true;
  /** Nothing fails by itself any more. */
  isReliable = false;

  constructor(hostId: HostId, queue: EventQueue, random: SeededRandom, newNumber: () => number) {
    this.hostId = hostId;
    this.#queue = queue;
    this.#random = random;
    this.#newNumber = newNumber;
  }

  get startedId(): string {
    return `${this.hostId}-${this.#starts}`;
  }

  get nowMs(): number {
    return worldNowMs(this.#queue);
  }

  /** The container that its network knows by this name: by the beginning of its id. */
  byName(name: string): SimulatedContainer | null {
    return this.containers.get(fullId(name)) ?? null;
  }

  after(delayMs: number, run: () => void): void {
    this.#queue.after(delayMs * 1_000, run);
  }

  create(spec: ContainerSpec): SimulatedContainer {
    const container: SimulatedContainer = {
      id: fullId(`${this.#newNumber()}`.padStart(12, '0')),
      spec,
      createdAtMs: this.nowMs,
      state: 'created',
      startedAtMs: null,
      finishedAtMs: null,
      exitCode: null,
      restarts: 0,
      restart: spec.restart,
      address: '',
      answersAtMs: 0,
      isSick: false,
      wellAtMs: Number.NEGATIVE_INFINITY,
      isStopping: false,
      endedBy: null,
      starts: 0,
    };
    this.containers.set(container.id, container);
    this.#announce(container, 'create');
    return container;
  }

  start(container: SimulatedContainer): void {
    if (container.state === 'running') return;
    const fate = this.fateOf(container);
    const random = this.#random;
    container.state = 'running';
    container.startedAtMs = this.nowMs;
    container.finishedAtMs = null;
    container.exitCode = null;
    container.endedBy = null;
    container.isStopping = false;
    container.isSick = false;
    container.starts += 1;
    container.address = `10.${this.#newNumber()}`;
    const startupMs = fate === 'slow' ? random.between(3_000, 6_000) : random.between(20, 600);
    container.answersAtMs = fate === 'deaf' || fate === 'exits' ? Number.POSITIVE_INFINITY : this.nowMs + startupMs;
    this.#announce(container, 'start');
    if (Number.isFinite(container.answersAtMs)) this.#tellHealth(container, startupMs);
    if (fate === 'exits') this.#endLater(container, random.between(1, 400), () => true);
    if (fate === 'frail') this.#endLater(container, startupMs + random.between(200, 8_000), () => !this.isReliable);
  }

  /** Whether a request to it is answered now. */
  isAnswering(container: SimulatedContainer): boolean {
    return container.state === 'running' && !container.isSick && this.nowMs >= container.answersAtMs;
  }

  /** It runs and answers no more, for a while. */
  sicken(container: SimulatedContainer, forMs: number): void {
    if (this.isAnswering(container)) container.wellAtMs = this.nowMs;
    container.isSick = true;
    const { starts } = container;
    this.#queue.after(forMs * 1_000, () => {
      if (container.starts !== starts) return;
      container.isSick = false;
      container.answersAtMs = Math.max(container.answersAtMs, this.nowMs);
    });
    this.#tellHealth(container, 0);
    this.#tellHealth(container, forMs);
  }

  /** It ends by itself or by somebody else than the app. */
  fail(container: SimulatedContainer, exitCode: number): void {
    this.#end(container, exitCode, 'fault');
  }

  /** Sends its stop signal; it ends soon after, whatever it is doing. */
  stop(container: SimulatedContainer, onEnded: () => void): void {
    container.restart = 'no';
    if (container.state === 'restarting') this.#end(container, 137, 'app');
    if (container.state !== 'running') {
      onEnded();
      return;
    }
    container.isStopping = true;
    const { starts } = container;
    this.#queue.after(this.#random.between(1, 80) * 1_000, () => {
      if (container.starts === starts && container.state === 'running') this.#end(container, 143, 'app');
      onEnded();
    });
  }

  remove(container: SimulatedContainer): void {
    if (container.state === 'running') this.#end(container, 137, 'app');
    this.containers.delete(container.id);
    this.#announce(container, 'destroy');
  }

  /** The engine goes away with everything that runs, and comes back; what it may start again it does. */
  restartFor(downMs: number): void {
    if (!this.isUp) return;
    const running = [...this.containers.values()].filter(({ state }) => state === 'running');
    for (const container of running) {
      const { restart } = container;
      container.restart = 'no';
      this.#end(container, 137, 'fault');
      container.restart = restart;
    }
    this.goDown(downMs, () => {
      this.#starts += 1;
      for (const container of running) {
        if (container.restart !== 'no' && this.containers.has(container.id)) this.start(container);
      }
    });
  }

  /** It does not answer for a while; what runs goes on. */
  goDown(downMs: number, onReturn: () => void = () => undefined): void {
    if (!this.isUp) return;
    this.isUp = false;
    for (const listener of this.listeners) listener.onUpOrDown();
    this.#queue.after(downMs * 1_000, () => {
      this.isUp = true;
      onReturn();
      for (const listener of this.listeners) listener.onUpOrDown();
    });
  }

  fateOf({ spec }: SimulatedContainer): Fate {
    return assertDefined(this.images.get(spec.image as ImageDigest), 'a container is made of an image that is there')
      .fate;
  }

  factsOf(container: SimulatedContainer): ContainerFacts {
    const { id, spec, createdAtMs, state, startedAtMs, finishedAtMs, exitCode, restarts, restart, address } = container;
    return {
      id,
      name: spec.name,
      image: spec.image,
      imageId: spec.image,
      labels: spec.labels,
      state,
      createdAtMs,
      startedAtMs,
      finishedAtMs,
      exitCode,
      wasOutOfMemory: false,
      error: '',
      restarts,
      restart,
      health: this.#healthOf(container),
      addresses: state === 'running' ? Object.fromEntries(spec.networks.map(({ network }) => [network, address])) : {},
      ports: [],
      mounts: spec.mounts.flatMap((mount) =>
        mount.kind === 'volume' ? [{ kind: 'volume', source: mount.volume, target: mount.target }] : [],
      ),
    };
  }

  #healthOf(container: SimulatedContainer): ContainerFacts['health'] {
    const { health } = container.spec;
    if (health === null || container.state !== 'running' || container.startedAtMs === null) return null;
    const isWell = this.isAnswering(container);
    const givenMs = health.startPeriodMs + health.retries * health.intervalMs;
    const status = isWell ? 'healthy' : this.nowMs - container.startedAtMs < givenMs ? 'starting' : 'unhealthy';
    const last = { exitCode: isWell ? 0 : 1, output: '', endedAtMs: this.nowMs };
    return { status, failuresInARow: isWell ? 0 : 1, last };
  }

  /** The engine's own checks change their mind after this time, if there are any. */
  #tellHealth(container: SimulatedContainer, delayMs: number): void {
    const { health } = container.spec;
    if (health === null) return;
    const { starts } = container;
    this.after(delayMs + health.retries * health.intervalMs, () => {
      if (container.starts === starts && container.state === 'running') this.#announce(container, 'health_status');
    });
  }

  #endLater(container: SimulatedContainer, delayMs: number, isDue: () => boolean): void {
    const { starts } = container;
    this.#queue.after(delayMs * 1_000, () => {
      if (container.starts === starts && container.state === 'running' && isDue()) this.#end(container, 1, 'fault');
    });
  }

  #end(container: SimulatedContainer, exitCode: number, endedBy: 'app' | 'fault'): void {
    assert(container.state !== 'created' && container.state !== 'exited', 'only what runs can end');
    if (this.isAnswering(container)) container.wellAtMs = this.nowMs;
    const isRestarted = endedBy === 'fault' && container.restart === 'unless-stopped';
    container.state = isRestarted ? 'restarting' : 'exited';
    container.finishedAtMs = this.nowMs;
    container.exitCode = exitCode;
    container.endedBy = endedBy;
    this.volumes.onEnd(container);
    this.#announce(container, 'die');
    if (!isRestarted) return;
    const { starts } = container;
    this.#queue.after(100_000 * 2 ** Math.min(8, container.restarts), () => {
      if (container.state !== 'restarting' || container.starts !== starts || !this.containers.has(container.id)) return;
      container.restarts += 1;
      this.start(container);
    });
  }

  #announce(container: SimulatedContainer, action: string): void {
    for (const listener of this.listeners) listener.onContainer(container, action);
  }
}
