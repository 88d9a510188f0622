/**
 * A host for one node, as short as a host can be: it does the ready loop on the simulated
 * disk and network, takes snapshots, compacts, crashes and starts again. Its state machine
 * is a few registers.
 */
import { assert, assertDefined } from '#shared/base/assert.ts';
import { decodeConfChange } from '../../raft/core/conf-change-codec.ts';
import { isVoter } from '../../raft/core/conf-change.ts';
import type { ConfChange, ConfState, Entry, Message, PeerId } from '../../raft/core/message.ts';
import type { LogReader, RaftConfig, RaftNode, Ready } from '../../raft/core/raw-node-api.ts';
import type { EventQueue } from '../event-queue.ts';
import type { SeededRandom } from '../seeded-random.ts';
import type { Oracle } from './oracle.ts';
import {
  decodeCommand,
  encodeCommand,
  type RegisterCommand,
  RegisterState,
  type StateImage,
} from './register-state.ts';
import { SimulatedDisk } from './simulated-disk.ts';
import type { SimulationOptions } from './simulation-options.ts';

/** Makes the node under test. */
export type NodeFactory = (config: RaftConfig, log: LogReader) => RaftNode;

/** The world around one node. */
export interface NodeWorld {
  readonly queue: EventQueue;
  readonly options: SimulationOptions;
  readonly oracle: Oracle;
  readonly createNode: NodeFactory;
  /** `image` is the content of a snapshot. */
  send(message: Message, image: StateImage | null): void;
  /** The node that took the command in has applied it. */
  onApplied(node: PeerId, command: RegisterCommand, answer: number): void;
  /** A read is confirmed and its index applied. */
  onRead(context: string, value: number): void;
}

interface WaitingRead {
  readonly context: string;
  readonly key: string;
  index: number | null;
}

interface Running {
  readonly raft: RaftNode;
  state: RegisterState;
  outstanding: Ready | null;
  reads: WaitingRead[];
}

/** See the file's comment. */
export class SimulatedNode {
  readonly id: PeerId;
  readonly disk: SimulatedDisk;
  readonly #world: NodeWorld;
  readonly #random: SeededRandom;
  /** Content of snapshots that have arrived, by index. */
  readonly #received = new Map<number, StateImage>();
  #running: Running | null = null;
  /** Counts lives: what was planned in an earlier one does not happen. */
  #life = 0;
  #reliable = false;
  /** Nothing happens here before this time: a long pause of the process. */
  stalledUntilUs = 0;

  constructor(id: PeerId, bootstrap: ConfState, world: NodeWorld, random: SeededRandom) {
    this.id = id;
    this.#world = world;
    this.#random = random;
    this.disk = new SimulatedDisk(RegisterState.empty(bootstrap));
  }

  get raft(): RaftNode | null {
    return this.#running?.raft ?? null;
  }

  get state(): RegisterState | null {
    return this.#running?.state ?? null;
  }

  /** Slow writes, missing snapshots and pauses are over. */
  becomeReliable(): void {
    this.#reliable = true;
    this.stalledUntilUs = 0;
  }

  start(): void {
    if (this.#running !== null) return;
    this.#life += 1;
    const state = new RegisterState(this.disk.state);
    const { raft: limits } = this.#world.options;
    const random = this.#random.fork();
    const raft = this.#world.createNode(
      { ...limits, group: 1, id: this.id, applied: state.index, random: (below) => random.below(below) },
      this.#reader(),
    );
    this.#running = { raft, state, outstanding: null, reads: [] };
    this.#world.oracle.started(this);
  }

  /** The log as the node reads it; a snapshot may be missing because it is being made. */
  #reader(): LogReader {
    const { disk } = this;
    const isAbsent = () => !this.#reliable && this.#random.chance(this.#world.options.snapshotAbsentProbability);
    return {
      initialState: () => disk.log.initialState(),
      firstIndex: () => disk.log.firstIndex(),
      lastIndex: () => disk.log.lastIndex(),
      term: (index) => disk.log.term(index),
      entries: (low, high, bytesMax) => disk.log.entries(low, high, bytesMax),
      snapshotMeta: () => (isAbsent() ? null : disk.log.snapshotMeta()),
    };
  }

  /** The power goes: memory is lost, and what was not synced. The write under way may have made it. */
  crash(): void {
    if (this.#running === null) return;
    const { outstanding } = this.#running;
    // A snapshot's write also changes the state's file: it counts as not begun.
    const survives = outstanding !== null && outstanding.snapshot === null && this.#random.chance(0.5);
    this.disk.crash(survives ? outstanding : null);
    this.#running = null;
    this.#received.clear();
    this.#life += 1;
    this.#world.oracle.crashed(this);
  }

  /** Something happens to the node, if it runs; then all that follows from it. */
  #act(action: (raft: RaftNode, running: Running) => void): void {
    const running = this.#running;
    if (running === null) return;
    action(running.raft, running);
    this.#world.oracle.observe(this);
    this.#process(running);
  }

  tick(): void {
    this.#act((raft, running) => {
      raft.tick();
      this.#handOverWhenRemoved(raft, running);
    });
  }

  /** Takes a message; false when the node is down. */
  deliver(message: Message, image: StateImage | null): boolean {
    if (this.#running === null) return false;
    if (message.type === 'snapshot') {
      this.#received.set(message.meta.index, assertDefined(image, 'a snapshot has content'));
    }
    this.#act((raft) => raft.step(message));
    return true;
  }

  campaign(): void {
    this.#act((raft) => raft.campaign());
  }

  transferLeadership(to: PeerId): void {
    this.#act((raft) => raft.transferLeadership(to));
  }

  reportUnreachable(peer: PeerId): void {
    this.#act((raft) => raft.reportUnreachable(peer));
  }

  reportSnapshot(peer: PeerId, outcome: 'delivered' | 'failed'): void {
    this.#act((raft) => raft.reportSnapshot(peer, outcome));
  }

  proposeConfChange(change: ConfChange): void {
    this.#act((raft) => {
      raft.proposeConfChange(change);
    });
  }

  /** Proposes a command; true when it may take effect. */
  propose(command: RegisterCommand): boolean {
    let taken = false;
    this.#act((raft) => {
      taken = raft.propose([encodeCommand(command)]) === null;
    });
    return taken;
  }

  /** Reads a register once that is linearizable. `context` is never used twice. */
  read(context: string, key: string): void {
    this.#act((raft, running) => {
      running.reads.push({ context, key, index: null });
      raft.readIndex(context);
    });
  }

  /** A leader outside of its own configuration, told not to step down, hands over by itself. */
  #handOverWhenRemoved(raft: RaftNode, { state }: Running): void {
    if (this.#world.options.raft.stepDownOnRemoval || isVoter(state.confState, this.id)) return;
    if (raft.status().role === 'leader') raft.transferLeadership(this.#random.pick(state.confState.voters));
  }

  #process(running: Running): void {
    while (this.#running === running && running.outstanding === null && running.raft.hasReady()) {
      const ready = running.raft.ready();
      running.outstanding = ready;
      this.#world.oracle.handedOut(this, ready);
      for (const message of ready.messages) this.#send(message);
      const delayUs = this.#writeDelayUs(ready);
      if (delayUs === 0) {
        this.#complete(running, ready);
        continue;
      }
      const life = this.#life;
      this.#world.queue.after(delayUs, () => {
        if (this.#life !== life) return;
        this.#complete(running, ready);
        this.#process(running);
      });
    }
  }

  #writeDelayUs({ mustSync }: Ready): number {
    const { writeMeanUs, slowWriteProbability } = this.#world.options;
    if (!mustSync || writeMeanUs === 0) return 0;
    const factor = !this.#reliable && this.#random.chance(slowWriteProbability) ? 100 : 1;
    return this.#random.wait(writeMeanUs) * factor;
  }

  #complete(running: Running, ready: Ready): void {
    running.outstanding = null;
    const { oracle } = this.#world;
    if (ready.snapshot === null) {
      this.disk.write(ready, ready.mustSync);
    } else {
      const image = assertDefined(this.#received.get(ready.snapshot.index), 'the content came before the message');
      assert(ready.mustSync, 'a snapshot is synced');
      this.disk.install(image, ready);
      running.state = new RegisterState(image);
      for (const index of this.#received.keys()) if (index <= image.index) this.#received.delete(index);
    }
    oracle.written(this);
    for (const message of ready.messagesAfterAppend) this.#send(message);
    for (const entry of ready.committed) this.#apply(running, entry);
    for (const { context, index } of ready.readStates) this.#confirmRead(running, context, index);
    this.#answerReads(running);
    running.raft.advance(ready);
    this.#maybeCompact(running);
    oracle.observe(this);
  }

  #send(message: Message): void {
    this.#world.oracle.sent(this, message);
    if (message.type !== 'snapshot') {
      this.#world.send(message, null);
      return;
    }
    const image = this.disk.snapshots.get(message.meta.index);
    // It was replaced meanwhile: as if the stream had failed.
    if (image === undefined) this.#world.queue.after(1, () => this.reportSnapshot(message.to, 'failed'));
    else this.#world.send(message, image);
  }

  #apply(running: Running, entry: Entry): void {
    const answer = running.state.apply(entry);
    if (entry.kind === 'conf-change') {
      running.state.confState = running.raft.applyConfChange(decodeConfChange(entry.data));
    }
    this.#world.oracle.applied(this, entry, running.state);
    if (answer !== null) this.#world.onApplied(this.id, decodeCommand(entry.data), answer);
  }

  #confirmRead(running: Running, context: string, index: number): void {
    for (const read of running.reads) if (read.context === context) read.index ??= index;
  }

  #answerReads(running: Running): void {
    const isDue = (read: WaitingRead) => read.index !== null && read.index <= running.state.index;
    const due = running.reads.filter(isDue);
    if (due.length === 0) return;
    running.reads = running.reads.filter((read) => !isDue(read));
    for (const { context, key } of due) this.#world.onRead(context, running.state.read(key));
  }

  #maybeCompact({ state }: Running): void {
    const { compactEvery, compactKeep } = this.#world.options;
    if (state.index - this.disk.state.index < compactEvery) return;
    this.disk.compact(state.image(), compactKeep);
  }
}
