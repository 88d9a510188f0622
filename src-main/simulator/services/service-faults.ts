/** Breaks a simulated world at random, until it is told to stop. */
import type { EventQueue } from '../event-queue.ts';
import type { SeededRandom } from '../seeded-random.ts';
import type { ServiceOptions } from './service-options.ts';
import type { SimulatedApp } from './simulated-app.ts';
import type { SimulatedEdge } from './simulated-edge.ts';
import type { SimulatedEngine } from './simulated-engine.ts';

/** What can be broken. */
export interface Breakable {
  readonly queue: EventQueue;
  readonly random: SeededRandom;
  readonly options: ServiceOptions;
  readonly app: SimulatedApp;
  readonly engines: readonly SimulatedEngine[];
  readonly edges: ReadonlySet<SimulatedEdge>;
  readonly note: (what: string) => void;
  readonly onDisturbance: () => void;
}

const kinds = ['crash', 'crash', 'sick', 'restart', 'quiet', 'deaf-edges'] as const;
/** Most kills are followed by a start at once; now and then the app is away for longer than any deadline. */
const longAwayMs = 20_000;

export class ServiceFaults {
  readonly #world: Breakable;
  #isOver = false;

  constructor(world: Breakable) {
    this.#world = world;
  }

  start(): void {
    const { betweenKillsMs, betweenFaultsMs } = this.#world.options;
    this.#again(betweenKillsMs, () => this.killApp());
    this.#again(betweenFaultsMs, () => this.#break());
  }

  stop(): void {
    this.#isOver = true;
  }

  /** As `kill -9`, and started again a little later. */
  killApp(): void {
    const { app, random, queue } = this.#world;
    if (!app.isRunning) return;
    app.kill();
    const awayMs = random.chance(0.8) ? random.between(50, 3_000) : longAwayMs;
    queue.after(awayMs * 1_000, () => {
      app.start();
      this.#world.onDisturbance();
    });
  }

  #break(): void {
    const { random, engines, edges } = this.#world;
    const engine = random.pick(engines);
    const running = [...engine.containers.values()].filter(({ state }) => state === 'running');
    switch (random.pick(kinds)) {
      case 'crash':
        if (running.length > 0) engine.fail(random.pick(running), 137);
        break;
      case 'sick':
        if (running.length > 0) engine.sicken(random.pick(running), random.between(500, 12_000));
        break;
      case 'restart':
        engine.restartFor(random.between(300, 6_000));
        break;
      case 'quiet':
        engine.goDown(random.chance(0.7) ? random.between(200, 5_000) : random.between(25_000, 50_000));
        break;
      case 'deaf-edges':
        for (const edge of edges) this.#deafen(edge, random.between(200, 4_000));
    }
  }

  #deafen(edge: SimulatedEdge, forMs: number): void {
    this.#world.note(`${edge.spec.name} cannot be reached for ${forMs} ms`);
    edge.isDeaf = true;
    this.#world.queue.after(forMs * 1_000, () => {
      edge.isDeaf = false;
      this.#world.onDisturbance();
    });
  }

  #again(meanMs: number, happen: () => void): void {
    const { queue, random } = this.#world;
    queue.after(random.wait(meanMs) * 1_000, () => {
      if (this.#isOver) return;
      happen();
      this.#again(meanMs, happen);
    });
  }
}
