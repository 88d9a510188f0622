/** People who use the simulated services: a steady stream of requests, short and long ones. */
import type { EventQueue } from '../event-queue.ts';
import type { SeededRandom } from '../seeded-random.ts';
import type { SimulatedEdge, SimulatedRequest } from './simulated-edge.ts';
import type { SimulatedContainer } from './simulated-engine.ts';

/** Looks on at requests that are lost. */
export interface LoadWitness {
  /** Nobody took it. */
  onRefused(edge: SimulatedEdge): void;
  /** It was under way when its container ended. */
  onCut(edge: SimulatedEdge, request: SimulatedRequest): void;
}

const betweenMs = 40;

/** Sends requests to every edge until the world ends. */
export class RequestLoad {
  readonly #queue: EventQueue;
  readonly #random: SeededRandom;
  readonly #edges: ReadonlySet<SimulatedEdge>;
  readonly #witness: LoadWitness;
  readonly #underWay = new Map<SimulatedRequest, SimulatedEdge>();
  answered = 0;
  /** Under way when their container ended. */
  lost = 0;
  /** Nobody took them. */
  refused = 0;

  constructor(queue: EventQueue, random: SeededRandom, edges: ReadonlySet<SimulatedEdge>, witness: LoadWitness) {
    this.#queue = queue;
    this.#random = random;
    this.#edges = edges;
    this.#witness = witness;
  }

  start(): void {
    this.#queue.after(this.#random.wait(betweenMs * 1_000), () => {
      for (const edge of this.#edges) if (edge.isRunning) this.#send(edge);
      this.start();
    });
  }

  /** Requests that it was serving, or passing on, get no answer any more. */
  onEnd(container: SimulatedContainer): void {
    for (const [request, edge] of this.#underWay) {
      if (request.container !== container && edge.container !== container) continue;
      this.#underWay.delete(request);
      edge.finish(request, false);
      this.lost += 1;
      if (request.container === container) this.#witness.onCut(edge, request);
    }
  }

  #send(edge: SimulatedEdge): void {
    const request = edge.send();
    if (request === null) {
      this.refused += 1;
      this.#witness.onRefused(edge);
      return;
    }
    this.#underWay.set(request, edge);
    this.#queue.after(this.#durationUs(), () => {
      if (!this.#underWay.delete(request)) return;
      this.answered += 1;
      edge.finish(request, true);
    });
  }

  #durationUs(): number {
    const random = this.#random;
    if (random.chance(0.9)) return random.between(1_000, 40_000);
    return random.chance(0.9) ? random.between(100_000, 600_000) : random.between(1_000_000, 6_000_000);
  }
}
