/** Links between nodes that lose, double, delay and reorder messages, and can be cut in either direction. */
import type { Message, PeerId } from '../../raft/core/message.ts';
import type { EventQueue } from '../event-queue.ts';
import type { SeededRandom } from '../seeded-random.ts';
import type { SimulationOptions } from './simulation-options.ts';

/** What the network asks of whoever it connects. */
export interface NetworkEnds {
  deliver(message: Message): void;
  /** A message did not get through, and the sender's transport noticed. */
  lost(message: Message): void;
}

/** See the file's comment. */
export class SimulatedNetwork {
  readonly #queue: EventQueue;
  readonly #random: SeededRandom;
  readonly #options: SimulationOptions;
  readonly #ends: NetworkEnds;
  readonly #cut = new Set<string>();
  readonly #lastArrivalUs = new Map<string, number>();
  #faulty = true;

  constructor(queue: EventQueue, random: SeededRandom, options: SimulationOptions, ends: NetworkEnds) {
    this.#queue = queue;
    this.#random = random;
    this.#options = options;
    this.#ends = ends;
  }

  send(message: Message): void {
    if (this.#isLost(message)) {
      this.#lose(message);
      return;
    }
    this.#plan(message);
    if (this.#faulty && this.#random.chance(this.#options.duplicationProbability)) this.#plan(message);
  }

  #isLost({ from, to }: Message): boolean {
    if (this.#cut.has(linkOf(from, to))) return true;
    return this.#faulty && this.#random.chance(this.#options.lossProbability);
  }

  /** A snapshot is a stream whose end is always noticed; a single message only now and then. */
  #lose(message: Message): void {
    if (message.type !== 'snapshot' && !this.#random.chance(this.#options.unreachableProbability)) return;
    this.#queue.after(this.#random.wait(this.#options.delayMeanUs), () => this.#ends.lost(message));
  }

  #plan(message: Message): void {
    const link = linkOf(message.from, message.to);
    let arrivalUs = this.#queue.nowUs + this.#random.wait(this.#options.delayMeanUs);
    if (this.#options.ordered) arrivalUs = Math.max(arrivalUs, this.#lastArrivalUs.get(link) ?? 0);
    this.#lastArrivalUs.set(link, arrivalUs);
    this.#queue.after(arrivalUs - this.#queue.nowUs, () => {
      // A cut also swallows what was on its way.
      if (this.#cut.has(link)) this.#lose(message);
      else this.#ends.deliver(message);
    });
  }

  /** Cuts every link between the two sides, in both directions. */
  split(left: readonly PeerId[], right: readonly PeerId[]): void {
    for (const one of left) {
      for (const other of right) {
        this.cutLink(one, other);
        this.cutLink(other, one);
      }
    }
  }

  /** Cuts one direction of one link. */
  cutLink(from: PeerId, to: PeerId): void {
    this.#cut.add(linkOf(from, to));
  }

  heal(): void {
    this.#cut.clear();
  }

  /** From now on every message arrives once. */
  becomeReliable(): void {
    this.heal();
    this.#faulty = false;
  }
}

function linkOf(from: PeerId, to: PeerId): string {
  return `${from}→${to}`;
}
