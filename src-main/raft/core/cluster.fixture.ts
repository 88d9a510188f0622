/**
 * A few nodes without time, faults or surprises, for tests that read like a script. Every
 * step that is taken is written down as a line; nothing moves unless the script says so.
 */
import { assertDefined } from '#shared/base/assert.ts';
import type { NodeFactory } from '../../simulator/raft/simulated-node.ts';
import { StoredLog } from '../../simulator/raft/stored-log.ts';
import { decodeConfChange } from './conf-change-codec.ts';
import type { ConfState, Entry, Message, PeerId } from './message.ts';
import { RawNode } from './raw-node.ts';
import type { RaftConfig, RaftNode, Ready } from './raw-node-api.ts';

const text = new TextEncoder();
const plain = new TextDecoder();

/** What a script may set: the voters, the rest has defaults. */
export interface ClusterSetup extends Partial<RaftConfig> {
  readonly voters: readonly PeerId[];
  /** Nodes that exist beside the voters, but are in no configuration yet. */
  readonly strangers?: readonly PeerId[];
  /** Makes the node under test, if not the real one. */
  readonly createNode?: NodeFactory;
}

interface Member {
  node: RaftNode;
  log: StoredLog;
  applied: Entry[];
  conf: ConfState;
  outstanding: Ready | null;
}

/** See the file's comment. */
export class Cluster {
  readonly #setup: ClusterSetup;
  readonly #members = new Map<PeerId, Member>();
  readonly #cut = new Set<PeerId>();
  readonly #lines: string[] = [];
  /** Messages on their way, in order. A script may look, drop or deliver. */
  network: Message[] = [];
  /** Confirmed reads of each node, as `context@index`. */
  readonly reads = new Map<PeerId, string[]>();

  constructor(setup: ClusterSetup) {
    this.#setup = setup;
    const conf: ConfState = {
      voters: setup.voters,
      votersOutgoing: [],
      learners: [],
      learnersNext: [],
      autoLeave: false,
    };
    for (const id of [...setup.voters, ...(setup.strangers ?? [])]) {
      const log = new StoredLog(conf);
      this.#members.set(id, { node: this.#boot(id, log, 0), log, applied: [], conf, outstanding: null });
    }
  }

  #boot(id: PeerId, log: StoredLog, applied: number): RaftNode {
    const { voters: _voters, strangers: _strangers, createNode, ...config } = this.#setup;
    const create: NodeFactory = createNode ?? ((given, reader) => new RawNode(given, reader));
    return create(
      {
        group: 1,
        id,
        electionTicks: 10,
        heartbeatTicks: 1,
        applied,
        appendBytesMax: 1024 * 1024,
        inflightMessagesMax: 256,
        uncommittedBytesMax: 1024 * 1024,
        committedBytesMax: 1024 * 1024,
        random: () => 0,
        stepDownOnRemoval: true,
        ...config,
      },
      log,
    );
  }

  #member(id: PeerId): Member {
    return assertDefined(this.#members.get(id), `there is a node ${id}`);
  }

  node(id: PeerId): RaftNode {
    return this.#member(id).node;
  }

  log(id: PeerId): StoredLog {
    return this.#member(id).log;
  }

  /** What the node has applied, as text: `∅` for an empty entry, `conf` for a change. */
  applied(id: PeerId): string[] {
    return this.#member(id).applied.map(showEntry);
  }

  /** The node's log as `term:what`. */
  entries(id: PeerId): string[] {
    const { log } = this.#member(id);
    const entries = log.entries(log.firstIndex(), log.lastIndex() + 1, Number.MAX_SAFE_INTEGER) ?? [];
    return entries.map((entry) => `${entry.term}:${showEntry(entry)}`);
  }

  propose(id: PeerId, ...commands: string[]): ReturnType<RaftNode['propose']> {
    return this.node(id).propose(commands.map((command) => text.encode(command)));
  }

  tick(id: PeerId, times = 1): void {
    for (let count = 0; count < times; count += 1) this.node(id).tick();
  }

  /** Nothing reaches or leaves these nodes any more. */
  cut(...ids: PeerId[]): void {
    for (const id of ids) this.#cut.add(id);
  }

  heal(): void {
    this.#cut.clear();
  }

  /** Takes a `Ready`, sends what may leave at once, and stops before the disk. */
  begin(id: PeerId): boolean {
    const member = this.#member(id);
    if (!member.node.hasReady()) return false;
    member.outstanding = member.node.ready();
    this.#send(member.outstanding.messages);
    return true;
  }

  /** Writes the `Ready` that `begin` took, and does the rest of it. */
  finish(id: PeerId): void {
    const member = this.#member(id);
    const ready = assertDefined(member.outstanding, 'begin comes before finish');
    member.outstanding = null;
    if (ready.softState !== null) {
      const { role, leader } = ready.softState;
      this.#lines.push(
        `${id} is ${role} in term ${member.node.status().hardState.term}, leader ${leader || 'unknown'}`,
      );
    }
    member.log.write(ready);
    if (ready.snapshot !== null) {
      member.conf = ready.snapshot.confState;
      this.#lines.push(`${id} installs snapshot ${ready.snapshot.index}`);
    }
    this.#send(ready.messagesAfterAppend);
    for (const entry of ready.committed) this.#apply(id, member, entry);
    const seen = this.reads.get(id) ?? [];
    this.reads.set(id, [...seen, ...ready.readStates.map(({ context, index }) => `${context}@${index}`)]);
    member.node.advance(ready);
    member.node.assertInvariants();
  }

  #apply(id: PeerId, member: Member, entry: Entry): void {
    member.applied.push(entry);
    this.#lines.push(`${id} applies ${entry.index} ${showEntry(entry)}`);
    if (entry.kind !== 'conf-change') return;
    member.conf = member.node.applyConfChange(decodeConfChange(entry.data));
    this.#lines.push(`${id} has ${showConf(member.conf)}`);
  }

  /** Does everything that the node asks for. */
  process(id: PeerId): void {
    while (this.begin(id)) this.finish(id);
  }

  #send(messages: readonly Message[]): void {
    for (const message of messages) {
      if (this.#cut.has(message.from) || this.#cut.has(message.to)) continue;
      this.#lines.push(showMessage(message));
      this.network.push(message);
    }
  }

  /** Delivers what is on its way at this moment, and no answers. */
  deliver(to?: PeerId): void {
    const now = this.network.filter((message) => to === undefined || message.to === to);
    this.network = this.network.filter((message) => !now.includes(message));
    for (const message of now) {
      if (!this.#cut.has(message.to)) this.#members.get(message.to)?.node.step(message);
    }
  }

  /** Delivers and processes until nothing moves any more. */
  settle(): void {
    for (let round = 0; round < 1_000; round += 1) {
      for (const id of this.#members.keys()) this.process(id);
      if (this.network.length === 0) return;
      this.deliver();
    }
    throw new Error('the cluster does not settle');
  }

  /** Makes `id` leader by an undisturbed election. */
  elect(id: PeerId): void {
    this.node(id).campaign();
    this.settle();
  }

  /** The node loses its memory, and what `begin` took but `finish` never wrote. Its state survives. */
  restart(id: PeerId): void {
    const member = this.#member(id);
    member.outstanding = null;
    const applied = member.applied.at(-1)?.index ?? member.log.firstIndex() - 1;
    member.log.confState = member.conf;
    member.node = this.#boot(id, member.log, Math.max(applied, member.log.firstIndex() - 1));
  }

  /** Compacts the node's log up to what it has applied. */
  compact(id: PeerId): void {
    const { log, conf, node } = this.#member(id);
    const index = node.status().applied;
    log.compact({ index, term: log.term(index) ?? 0, confState: conf }, index);
  }

  /** What happened since the last call. */
  trace(): string {
    return this.#lines.splice(0).join('\n');
  }
}

function showEntry(entry: Entry): string {
  if (entry.kind === 'empty') return '∅';
  return entry.kind === 'conf-change' ? 'conf' : plain.decode(entry.data);
}

/** A configuration in one line, as etcd prints it: `voters (1 2)&&(1 3) learners (4)`. */
export function showConf(conf: ConfState): string {
  const outgoing = conf.votersOutgoing.length > 0 ? `&&(${conf.votersOutgoing.join(' ')})` : '';
  const learners = conf.learners.length > 0 ? ` learners (${conf.learners.join(' ')})` : '';
  const next = conf.learnersNext.length > 0 ? ` learners next (${conf.learnersNext.join(' ')})` : '';
  return `voters (${conf.voters.join(' ')})${outgoing}${learners}${next}${conf.autoLeave ? ' auto-leave' : ''}`;
}

function showMessage(message: Message): string {
  const { from, to, term } = message;
  return `${from}→${to} ${message.type} t${term}${showDetail(message)}`;
}

function showDetail(message: Message): string {
  switch (message.type) {
    case 'append': {
      const entries = message.entries.map((entry) => `${entry.index}:${showEntry(entry)}`).join(' ');
      return ` after ${message.prevTerm}:${message.prevIndex}, commit ${message.commit} [${entries}]`;
    }
    case 'append-response':
      return message.reject
        ? ` rejects ${message.index}, try ${message.hintTerm}:${message.hintIndex}`
        : ` up to ${message.index}`;
    case 'vote':
    case 'pre-vote':
      return ` log ${message.lastTerm}:${message.lastIndex}`;
    case 'vote-response':
    case 'pre-vote-response':
      return message.reject ? ' no' : ' yes';
    case 'heartbeat':
      return ` commit ${message.commit}${message.context === '' ? '' : ` round ${message.context}`}`;
    case 'snapshot':
      return ` at ${message.meta.index}, ${showConf(message.meta.confState)}`;
    default:
      return '';
  }
}
