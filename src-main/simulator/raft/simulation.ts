/**
 * One seed: a whole cluster in a world of its own. First a phase of faults, then a phase
 * without any, in which everything has to come right; at the end the clients' history has
 * to be linearizable. The oracle looks on at every event.
 */
import { RingBuffer } from '#shared/base/ring-buffer.ts';
import type { ConfState, Message, PeerId } from '../../raft/core/message.ts';
import { RawNode } from '../../raft/core/raw-node.ts';
import { EventQueue } from '../event-queue.ts';
import { nonLinearizableKeys } from '../linearizability.ts';
import { SeededRandom } from '../seeded-random.ts';
import { FaultInjector } from './fault-injector.ts';
import { Oracle } from './oracle.ts';
import { RegisterClients } from './register-clients.ts';
import type { StateImage } from './register-state.ts';
import { SimulatedNetwork } from './simulated-network.ts';
import { type NodeFactory, SimulatedNode } from './simulated-node.ts';
import { drawOptions, type SimulationOptions } from './simulation-options.ts';

/** What became of one seed. */
export interface SimulationResult {
  readonly seed: number;
  /** Null when all held. */
  readonly failure: { readonly message: string; readonly atUs: number; readonly lastEvents: readonly string[] } | null;
  readonly events: number;
  readonly committed: number;
  readonly answered: number;
}

/** Without faults, everything has to be well after this much simulated time. */
const livenessUs = 120_000_000;
/** And stay well while clients get this many more answers. */
const finalAnswers = 3;
/** A world that is this busy has run away. */
const eventsMax = 3_000_000;
const lastEventsKept = 120;

/** Runs one seed to its end; `createNode` makes the node under test. Never throws: a failure is part of the result. */
export function simulate(
  seed: number,
  createNode: NodeFactory = (config, log) => new RawNode(config, log),
): SimulationResult {
  const simulation = new Simulation(seed, createNode);
  let failure: SimulationResult['failure'] = null;
  try {
    simulation.run();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    failure = { message, atUs: simulation.nowUs, lastEvents: simulation.lastEvents() };
  }
  return { seed, failure, ...simulation.counts() };
}

class Simulation {
  readonly #queue = new EventQueue();
  readonly #options: SimulationOptions;
  readonly #random: SeededRandom;
  readonly #oracle = new Oracle();
  readonly #network: SimulatedNetwork;
  readonly #nodes: readonly SimulatedNode[];
  readonly #byId: ReadonlyMap<PeerId, SimulatedNode>;
  readonly #clients: RegisterClients;
  readonly #faults: FaultInjector;
  /** What the snapshot messages on their way carry. */
  readonly #images = new WeakMap<Message, StateImage>();
  /** Written out only when something fails. */
  readonly #trace = new RingBuffer<{ readonly atUs: number; readonly what: string | Message }>(lastEventsKept);
  #events = 0;

  constructor(seed: number, createNode: NodeFactory) {
    this.#random = new SeededRandom(seed);
    this.#options = drawOptions(this.#random.fork());
    const { voters, strangers } = this.#options;
    const ids = Array.from({ length: voters + strangers }, (_, at) => at + 1);
    const bootstrap: ConfState = {
      voters: ids.slice(0, voters),
      votersOutgoing: [],
      learners: [],
      learnersNext: [],
      autoLeave: false,
    };
    this.#network = new SimulatedNetwork(this.#queue, this.#random.fork(), this.#options, {
      deliver: (message) => this.#deliver(message),
      lost: (message) => this.#lost(message),
    });
    const world = {
      queue: this.#queue,
      options: this.#options,
      oracle: this.#oracle,
      createNode,
      send: (message: Message, image: StateImage | null) => {
        if (image !== null) this.#images.set(message, image);
        this.#network.send(message);
      },
      onApplied: (...given: Parameters<RegisterClients['onApplied']>) => this.#clients.onApplied(...given),
      onRead: (context: string, value: number) => this.#clients.onRead(context, value),
    };
    this.#nodes = ids.map((id) => new SimulatedNode(id, bootstrap, world, this.#random.fork()));
    this.#byId = new Map(this.#nodes.map((node) => [node.id, node]));
    this.#clients = new RegisterClients(this.#queue, this.#random.fork(), this.#options, this.#nodes);
    this.#faults = new FaultInjector(
      this.#queue,
      this.#random.fork(),
      this.#options,
      this.#nodes,
      this.#network,
      (what) => this.#note(what),
    );
  }

  get nowUs(): number {
    return this.#queue.nowUs;
  }

  counts(): Pick<SimulationResult, 'events' | 'committed' | 'answered'> {
    return { events: this.#events, committed: this.#oracle.committedIndex, answered: this.#clients.answered };
  }

  lastEvents(): string[] {
    return this.#trace.toArray().map(({ atUs, what }) => `${(atUs / 1_000).toFixed(3)} ms  ${describe(what)}`);
  }

  #note(what: string | Message): void {
    this.#trace.push({ atUs: this.#queue.nowUs, what });
  }

  run(): void {
    for (const node of this.#nodes) {
      node.start();
      this.#planTick(node);
    }
    this.#clients.start();
    this.#faults.start();
    this.#runUntil(() => this.nowUs >= this.#options.faultPhaseUs);
    this.#becomeReliable();
    const deadlineUs = this.nowUs + livenessUs;
    this.#untilWell(deadlineUs);
    const enough = this.#clients.answered + finalAnswers;
    for (let more = 0; more < finalAnswers; more += 1) this.#clients.insist();
    this.#runUntil(() => this.#clients.answered >= enough || this.nowUs > deadlineUs);
    if (this.#clients.answered < enough) throw new Error('the cluster is well, but clients get no answers');
    this.#untilWell(deadlineUs);
    const wrong = nonLinearizableKeys(this.#clients.close());
    if (wrong.length > 0)
      throw new Error(`the history of ${wrong.map(({ key }) => key).join(', ')} is not linearizable`);
  }

  #untilWell(deadlineUs: number): void {
    this.#runUntil(() => this.nowUs > deadlineUs || this.#whyUnwell() === null);
    const why = this.#whyUnwell();
    if (why !== null) throw new Error(`without faults, ${why}`);
  }

  #runUntil(isDone: () => boolean): void {
    while (!isDone()) {
      this.#events += 1;
      if (this.#events > eventsMax) throw new Error('the world has run away');
      if (!this.#queue.runNext()) throw new Error('the world stands still');
    }
  }

  #planTick(node: SimulatedNode): void {
    const skew = 1 + (this.#random.fraction() * 2 - 1) * this.#options.clockSkew;
    const everyUs = Math.round(this.#options.tickUs * skew);
    const tick = () => {
      if (node.stalledUntilUs <= this.nowUs) node.tick();
      this.#queue.after(everyUs, tick);
    };
    this.#queue.after(this.#random.below(everyUs), tick);
  }

  #deliver(message: Message): void {
    const node = this.#byId.get(message.to);
    if (node === undefined) return;
    const stalledUs = node.stalledUntilUs - this.nowUs;
    if (stalledUs > 0) {
      this.#queue.after(stalledUs, () => this.#deliver(message));
      return;
    }
    this.#note(message);
    if (!node.deliver(message, this.#images.get(message) ?? null)) {
      this.#lost(message);
      return;
    }
    if (message.type === 'snapshot') this.#byId.get(message.from)?.reportSnapshot(message.to, 'delivered');
  }

  #lost(message: Message): void {
    const sender = this.#byId.get(message.from);
    if (message.type === 'snapshot') sender?.reportSnapshot(message.to, 'failed');
    else sender?.reportUnreachable(message.to);
  }

  #becomeReliable(): void {
    this.#note('the faults are over');
    this.#faults.stop();
    this.#network.becomeReliable();
    for (const node of this.#nodes) {
      node.becomeReliable();
      node.start();
    }
  }

  /** What keeps the cluster from being well; null when every member agrees with the one leader in everything. */
  #whyUnwell(): string | null {
    const leaders = this.#nodes.filter(({ raft }) => raft?.status().role === 'leader');
    const [leader] = leaders;
    const status = leader?.raft?.status();
    if (leader === undefined || status === undefined) return 'there is no leader';
    if (leaders.length > 1) return 'there are two leaders';
    const { voters, votersOutgoing, learners, autoLeave } = status.confState;
    if (autoLeave) return 'the joint configuration is not left';
    for (const id of new Set([leader.id, ...voters, ...votersOutgoing, ...learners])) {
      const node = this.#byId.get(id);
      if (node?.state?.index !== status.lastIndex) return `node ${id} has not caught up`;
      if (node.state.hash !== leader.state?.hash) return `the state of node ${id} differs`;
      if (node.raft?.status().leader !== leader.id) return `node ${id} does not follow the leader`;
    }
    return null;
  }
}

function describe(what: string | Message): string {
  if (typeof what === 'string') return what;
  const { from, to, type, term, group: _group, ...rest } = what;
  const detail = JSON.stringify(rest, (key, value: unknown) => (key === 'data' ? undefined : value));
  return `${from}→${to} ${type} in term ${term} ${detail}`;
}
