/** What goes wrong in a simulated world, and the operator who changes it meanwhile. */
import { assertDefined } from '#shared/base/assert.ts';
import type { ConfChange, PeerId } from '../../raft/core/message.ts';
import type { EventQueue } from '../event-queue.ts';
import type { SeededRandom } from '../seeded-random.ts';
import type { SimulatedNetwork } from './simulated-network.ts';
import type { SimulatedNode } from './simulated-node.ts';
import type { FaultKind, SimulationOptions } from './simulation-options.ts';

/** See the file's comment. */
export class FaultInjector {
  readonly #queue: EventQueue;
  readonly #random: SeededRandom;
  readonly #options: SimulationOptions;
  readonly #nodes: readonly SimulatedNode[];
  readonly #network: SimulatedNetwork;
  readonly #note: (what: string) => void;
  #active = true;

  constructor(
    queue: EventQueue,
    random: SeededRandom,
    options: SimulationOptions,
    nodes: readonly SimulatedNode[],
    network: SimulatedNetwork,
    note: (what: string) => void,
  ) {
    this.#queue = queue;
    this.#random = random;
    this.#options = options;
    this.#nodes = nodes;
    this.#network = network;
    this.#note = note;
  }

  start(): void {
    this.#queue.after(this.#random.wait(this.#options.faultMeanUs), () => {
      if (!this.#active) return;
      this.#inject(this.#draw());
      this.start();
    });
  }

  stop(): void {
    this.#active = false;
  }

  #draw(): FaultKind {
    const weights = Object.entries(this.#options.faultWeights) as [FaultKind, number][];
    let left = this.#random.below(weights.reduce((sum, [, weight]) => sum + weight, 0));
    for (const [kind, weight] of weights) {
      left -= weight;
      if (left < 0) return kind;
    }
    return 'heal';
  }

  #inject(kind: FaultKind): void {
    const node = this.#random.pick(this.#nodes);
    const ids = this.#nodes.map(({ id }) => id);
    switch (kind) {
      case 'crash':
        this.#note(`node ${node.id} crashes`);
        node.crash();
        return;
      case 'restart':
        for (const down of this.#nodes.filter(({ raft }) => raft === null)) {
          this.#note(`node ${down.id} starts again`);
          down.start();
        }
        return;
      case 'split': {
        const left = ids.filter(() => this.#random.chance(0.5));
        this.#note(`nodes ${left.join(' ')} are cut off from the others`);
        const right = ids.filter((id) => !left.includes(id));
        this.#network.split(left, right);
        return;
      }
      case 'isolate-leader': {
        const { id } = this.#leaderOr(node);
        this.#note(`node ${id} is cut off`);
        const others = ids.filter((other) => other !== id);
        this.#network.split([id], others);
        return;
      }
      case 'cut-link': {
        const to = this.#random.pick(ids);
        this.#note(`nothing gets from ${node.id} to ${to} any more`);
        this.#network.cutLink(node.id, to);
        return;
      }
      case 'heal':
        this.#note('all links work again');
        this.#network.heal();
        return;
      case 'stall':
        this.#note(`node ${node.id} stalls`);
        node.stalledUntilUs = this.#queue.nowUs + this.#random.wait(20 * this.#options.tickUs);
        return;
      case 'conf-change': {
        const change = this.#drawChange(ids);
        this.#note(
          `operator asks for ${change.steps.map(({ action, peer }) => `${action} ${peer}`).join(', ') || 'leave'}`,
        );
        this.#leaderOr(node).proposeConfChange(change);
        return;
      }
      case 'transfer': {
        const to = this.#random.pick(ids);
        this.#note(`operator hands leadership to ${to}`);
        this.#leaderOr(node).transferLeadership(to);
        return;
      }
      case 'campaign':
        this.#note(`node ${node.id} is told to stand for election`);
        node.campaign();
        return;
    }
  }

  #leaderOr(other: SimulatedNode): SimulatedNode {
    const leaders = this.#nodes.filter(({ raft }) => raft?.status().role === 'leader');
    return leaders.length > 0 ? this.#random.pick(leaders) : other;
  }

  #drawChange(ids: readonly PeerId[]): ConfChange {
    if (this.#random.chance(0.15)) return { steps: [], transition: 'auto' };
    const steps = Array.from({ length: this.#random.pick([1, 1, 2, 3]) }, () => ({
      action: this.#random.pick(['add-voter', 'add-voter', 'add-learner', 'remove'] as const),
      peer: assertDefined(ids[this.#random.below(ids.length)], 'there is a node'),
    }));
    return { steps, transition: this.#random.pick(['auto', 'auto', 'joint-implicit', 'joint-explicit'] as const) };
  }
}
