/** A simulated world of services: engines, edges, people, requests, and the real orchestrator, which is killed again and again. */
import { createHash } from 'node:crypto';
import { RingBuffer } from '#shared/base/ring-buffer.ts';
import type { HostId } from '#shared/model/service-ids.ts';
import { EventQueue } from '../event-queue.ts';
import type { SeededRandom } from '../seeded-random.ts';
import { type Crash, worldNowMs } from './app-life.ts';
import { noFaults } from './connection-faults.ts';
import type { EdgeRegistry } from './edge-connection.ts';
import { edgeContainerOf, placeForeigners } from './other-containers.ts';
import { People } from './people.ts';
import { RequestLoad } from './request-load.ts';
import { ServiceFaults } from './service-faults.ts';
import type { ServiceOptions } from './service-options.ts';
import { ServiceInvariantError, ServiceOracle } from './service-oracle.ts';
import { type OpenOrchestrator, SimulatedApp } from './simulated-app.ts';
import { SimulatedEdge } from './simulated-edge.ts';
import { SimulatedEngine, type SimulatedImage } from './simulated-engine.ts';
import { SimulatedStore } from './simulated-store.ts';
import { whyUnwell } from './wellness.ts';

/** Without faults, everything has to be well after this much simulated time, */
const livenessMs = 400_000;
/** looked at so often, since a look is not free, */
const lookMs = 500;
/** stay so while the app, which may just have started, looks at all of it, */
const settleMs = 20_000;
/** and then for this long without anything being done. */
const longRestMs = 60_000;
const instance = 'sim';
const lastEventsKept = 120;

/** What is counted of one world. */
export interface WorldCounts {
  /** Steps of the app that changed something. */
  readonly steps: number;
  readonly events: number;
  readonly answered: number;
  readonly lost: number;
  readonly refused: number;
  /** Hash of everything that happened, in its order. */
  readonly trace: string;
}

export class ServiceSimulation {
  readonly queue = new EventQueue();
  readonly people: People;
  readonly app: SimulatedApp;
  readonly store: SimulatedStore;
  readonly engines: readonly SimulatedEngine[];
  readonly edges: EdgeRegistry;
  readonly oracle: ServiceOracle;
  /** Whether the app dies at this step; counted from 1. */
  crashAt: (step: number) => Crash = () => null;
  steps = 0;
  readonly #random: SeededRandom;
  readonly #options: ServiceOptions;
  readonly #load: RequestLoad;
  readonly #faults: ServiceFaults;
  readonly #connection;
  readonly #trace = new RingBuffer<string>(lastEventsKept);
  readonly #hash = createHash('sha256');
  #isTouched = false;
  #isReliable = false;
  #created = 0;
  #events = 0;

  constructor(path: string, random: SeededRandom, options: ServiceOptions, open: OpenOrchestrator) {
    this.#random = random;
    this.#options = options;
    this.#connection = { ...options.connection };
    const newNumber = (): number => {
      this.#created += 1;
      return this.#created;
    };
    this.engines = Array.from({ length: options.hosts }, (_, at) => {
      const id = (at === 0 ? 'local' : `host-${at}`) as HostId;
      return new SimulatedEngine(id, this.queue, random.fork(), newNumber);
    });
    const listeners = new Set<(edge: SimulatedEdge) => void>();
    const edgeRandom = random.fork();
    this.edges = {
      all: new Set(),
      listeners,
      make: (spec, engine) => {
        const edge = new SimulatedEdge(spec, {
          engine,
          container: engine.create(edgeContainerOf(spec)),
          queue: this.queue,
          random: edgeRandom.fork(),
          onFlip: () => {
            for (const listener of listeners) listener(edge);
          },
        });
        this.edges.all.add(edge);
        engine.start(edge.container);
        return edge;
      },
    };
    this.oracle = new ServiceOracle({
      read: () => this.store.read,
      engines: this.engines,
      edges: this.edges.all,
      instance,
      nowMs: () => this.nowMs,
      isAppRunning: () => this.app.isRunning,
      ...(Object.values(options.connection).some((chance) => chance > 0)
        ? { lagMs: 16_000, patienceMs: 60_000 }
        : { lagMs: 2_000, patienceMs: 8_000 }),
    });
    this.store = new SimulatedStore(path, random.fork(), this.oracle);
    this.store.noLeader = options.noLeader;
    this.#load = new RequestLoad(this.queue, random.fork(), this.edges.all, this.oracle);
    for (const engine of this.engines) this.#lookAt(engine);
    for (const engine of this.engines) placeForeigners(engine);
    const images = new Map<string, SimulatedImage>();
    this.people = new People({
      random: random.fork(),
      options,
      store: this.store,
      images,
      nowMs: () => this.nowMs,
      note: (what) => this.note(what),
    });
    this.people.prepare(this.engines.map(({ hostId }) => hostId));
    this.app = new SimulatedApp(
      {
        queue: this.queue,
        random: random.fork(),
        crashAt: (step) => this.#step(step),
        onCrash: () => this.#faults.killApp(),
        onTouch: () => {
          this.#isTouched = true;
        },
        instance,
        store: this.store,
        engines: this.engines,
        edges: this.edges,
        registry: images,
        faults: this.#connection,
        witness: this.oracle,
        note: (what) => this.note(what),
      },
      open,
    );
    this.#faults = new ServiceFaults({
      queue: this.queue,
      random: random.fork(),
      options,
      app: this.app,
      engines: this.engines,
      edges: this.edges.all,
      note: (what) => this.note(what),
      onDisturbance: () => this.oracle.onDisturbance(),
    });
    this.app.start();
    this.#load.start();
  }

  get nowMs(): number {
    return worldNowMs(this.queue);
  }

  note(what: string): void {
    const line = `${(this.queue.nowUs / 1_000).toFixed(0)} ms  ${what}`;
    this.#trace.push(line);
    this.#hash.update(line);
  }

  lastEvents(): string[] {
    return this.#trace.toArray();
  }

  counts(): WorldCounts {
    const { answered, lost, refused } = this.#load;
    const { steps } = this;
    return { steps, events: this.#events, answered, lost, refused, trace: this.#hash.copy().digest('hex') };
  }

  /** The app is killed and things break, at random, until the world becomes reliable. */
  startFaults(): void {
    const { crash } = this.#options;
    this.crashAt = () => {
      if (this.#isReliable || !this.#random.chance(crash)) return null;
      return this.#random.chance(0.5) ? 'before' : 'after';
    };
    this.#faults.start();
  }

  startPeople(): void {
    const again = (): void => {
      if (this.#isReliable) return;
      this.people.act();
      this.queue.after(this.#random.wait(this.#options.betweenDeedsMs) * 1_000, again);
    };
    again();
  }

  /** Runs the world for so long. */
  async runFor(forMs: number): Promise<void> {
    const untilUs = this.queue.nowUs + forMs * 1_000;
    while (this.queue.nowUs < untilUs) await this.#runNext();
  }

  /** Nothing fails any more, and nobody wants anything else. */
  becomeReliable(): void {
    this.note('the faults are over');
    this.#isReliable = true;
    Object.assign(this.#connection, noFaults());
    this.store.noLeader = 0;
    this.#faults.stop();
    for (const engine of this.engines) engine.isReliable = true;
    this.people.settle();
    this.app.start();
    this.oracle.onDisturbance();
  }

  /** Until everything is as it is wanted, and then to the end of a long rest, in which nothing is done. */
  async untilWell(restMs = longRestMs): Promise<void> {
    const deadlineMs = this.nowMs + livenessMs;
    let wellSinceMs = this.nowMs;
    while (this.nowMs - wellSinceMs < settleMs) {
      await this.runFor(lookMs);
      this.people.mend();
      const why = this.#whyUnwell();
      if (why === null) continue;
      if (this.nowMs > deadlineMs) throw new ServiceInvariantError(`without faults, ${why}`);
      wellSinceMs = this.nowMs;
    }
    this.note('all is well');
    const { steps } = this;
    await this.runFor(restMs);
    if (this.steps !== steps) {
      throw new ServiceInvariantError('all was as it should be, and something was done all the same');
    }
    const later = this.#whyUnwell();
    if (later !== null) throw new ServiceInvariantError(`after a rest, ${later}`);
  }

  dispose(): void {
    this.app.kill();
    this.store.dispose();
  }

  #whyUnwell(): string | null {
    if (!this.app.isRunning) return 'the app does not run';
    const { engines, oracle } = this;
    return whyUnwell({ read: this.store.read, engines, oracle, instance });
  }

  #lookAt(engine: SimulatedEngine): void {
    engine.listeners.add({
      onContainer: (container, action) => {
        this.note(`${engine.hostId}: ${action} ${container.spec.name} ${container.id.slice(0, 12)}`);
        const edge = [...this.edges.all].find((each) => each.container === container);
        if (action === 'die') this.#load.onEnd(container);
        if (action === 'start') this.oracle.onStarted(engine, container);
        if (action === 'start') edge?.onStarted();
        if (edge !== undefined || action === 'die') this.oracle.onDisturbance();
        if (action === 'destroy' && edge !== undefined) this.edges.all.delete(edge);
      },
      onUpOrDown: () => {
        this.note(`${engine.hostId} is ${engine.isUp ? 'back' : 'away'}`);
        this.oracle.onDisturbance();
      },
    });
  }

  #step(step: string): Crash {
    this.steps += 1;
    this.note(`app: ${step}`);
    return this.crashAt(this.steps);
  }

  /** After each event that the app hears of, it is given as long as it takes to do what follows at once. */
  async #runNext(): Promise<void> {
    this.#events += 1;
    if (!this.queue.runNext()) throw new ServiceInvariantError('the world stands still');
    if (this.#isTouched) {
      this.#isTouched = false;
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (this.oracle.violation !== null) throw new ServiceInvariantError(this.oracle.violation);
  }
}
