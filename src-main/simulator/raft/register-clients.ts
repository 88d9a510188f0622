/**
 * Clients that write, read and compare-and-set registers through any node, and keep the
 * history of it. An operation without an answer stays open, and its client goes on under a
 * new session, as a restarted program would.
 */
import type { PeerId } from '../../raft/core/message.ts';
import type { EventQueue } from '../event-queue.ts';
import { initialValue, type Operation } from '../linearizability.ts';
import type { SeededRandom } from '../seeded-random.ts';
import type { RegisterCommand } from './register-state.ts';
import type { SimulatedNode } from './simulated-node.ts';
import type { SimulationOptions } from './simulation-options.ts';

/** How long a client waits for an answer before it gives up or asks again. */
const patienceUs = 1_000_000;

interface Pending {
  readonly client: number;
  readonly operation: Omit<Operation, 'answeredAt' | 'answer'>;
  readonly command: RegisterCommand | null;
  /** The nodes that it was given to. */
  readonly nodes: Set<PeerId>;
  /** Whether a node took it, so that it may take effect at any time. */
  taken: boolean;
}

/** See the file's comment. */
export class RegisterClients {
  readonly #queue: EventQueue;
  readonly #random: SeededRandom;
  readonly #options: SimulationOptions;
  readonly #nodes: readonly SimulatedNode[];
  readonly #pending = new Map<string, Pending>();
  readonly history: Operation[] = [];
  /** Operations that were answered. */
  answered = 0;
  #started = 0;
  /** Clients that insist have numbers below 0. */
  #insisting = 0;
  #nextValue = initialValue + 1;
  #nextSession = 1;
  #values: number[] = [initialValue];

  constructor(queue: EventQueue, random: SeededRandom, options: SimulationOptions, nodes: readonly SimulatedNode[]) {
    this.#queue = queue;
    this.#random = random;
    this.#options = options;
    this.#nodes = nodes;
  }

  start(): void {
    for (let client = 1; client <= this.#options.clients; client += 1) this.#thenNext(client);
  }

  #thenNext(client: number): void {
    this.#queue.after(this.#random.wait(this.#options.thinkMeanUs), () => {
      if (client < 0) {
        this.#operate(client, 'write');
        return;
      }
      if (this.#started >= this.#options.operationsMax) return;
      this.#started += 1;
      this.#operate(client, this.#random.pick(['write', 'read', 'read', 'compare-and-set'] as const));
    });
  }

  /** One more client, which writes again and again until it gets an answer. */
  insist(): void {
    this.#insisting -= 1;
    this.#operate(this.#insisting, 'write');
  }

  /** One operation of one client, now. */
  #operate(client: number, kind: Operation['kind']): void {
    const key = `k${this.#random.below(this.#options.keys)}`;
    const value = kind === 'read' ? initialValue : this.#nextValue++;
    const expected = kind === 'compare-and-set' ? this.#random.pick(this.#values) : initialValue;
    const session = this.#nextSession++;
    const operation = { key, kind, value, expected, calledAt: this.#queue.nowUs };
    const command = kind === 'read' ? null : { session, sequence: 1, kind, key, value, expected };
    const pending: Pending = { client, operation, command, nodes: new Set(), taken: false };
    const id = command === null ? `read ${session}` : idOf(command);
    this.#pending.set(id, pending);
    if (kind !== 'read') this.#values = [...this.#values.slice(-4), value];
    this.#try(id, pending);
  }

  #try(id: string, pending: Pending): void {
    const node = this.#chooseNode();
    if (pending.command === null) {
      node.read(id, pending.operation.key);
    } else {
      pending.nodes.add(node.id);
      if (node.propose(pending.command)) pending.taken = true;
      if (!pending.taken) {
        // Dropped: it has not happened and never will.
        this.#pending.delete(id);
        this.#thenNext(pending.client);
        return;
      }
    }
    this.#queue.after(patienceUs, () => this.#giveUp(id, pending));
  }

  #chooseNode(): SimulatedNode {
    // Several may take themselves for the leader; all of them are asked.
    const leaders = this.#nodes.filter((node) => node.raft?.status().role === 'leader');
    return this.#random.pick(leaders.length > 0 && this.#random.chance(0.5) ? leaders : this.#nodes);
  }

  #giveUp(id: string, pending: Pending): void {
    if (this.#pending.get(id) !== pending) return;
    if (pending.command !== null && this.#random.chance(this.#options.retryProbability)) {
      this.#try(id, pending);
      return;
    }
    this.#pending.delete(id);
    if (pending.command !== null) {
      this.history.push({ ...pending.operation, answeredAt: Number.POSITIVE_INFINITY, answer: null });
    }
    this.#thenNext(pending.client);
  }

  /** A node applied a command. Only a node that was asked answers. */
  onApplied(node: PeerId, command: RegisterCommand, answer: number): void {
    const id = idOf(command);
    const pending = this.#pending.get(id);
    if (pending === undefined || !pending.nodes.has(node)) return;
    this.#finish(id, pending, answer);
  }

  onRead(context: string, value: number): void {
    const pending = this.#pending.get(context);
    if (pending !== undefined) this.#finish(context, pending, value);
  }

  #finish(id: string, pending: Pending, answer: number): void {
    this.#pending.delete(id);
    this.answered += 1;
    this.history.push({ ...pending.operation, answeredAt: this.#queue.nowUs, answer });
    if (pending.client > 0) this.#thenNext(pending.client);
  }

  /** The whole history, with what is still open. */
  close(): readonly Operation[] {
    const open = [...this.#pending.values()].filter(({ command }) => command !== null);
    return [
      ...this.history,
      ...open.map(({ operation }) => ({ ...operation, answeredAt: Number.POSITIVE_INFINITY, answer: null })),
    ];
  }
}

function idOf({ session, sequence }: RegisterCommand): string {
  return `${session}.${sequence}`;
}
