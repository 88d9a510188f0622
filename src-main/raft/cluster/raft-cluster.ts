/**
 * The Raft cluster inside the app: a thread for each node, one store in front of them. Losing a
 * node is nothing that users of the store notice; losing the majority makes writes fail with a
 * reason while reads go on.
 */
import { statfs } from 'node:fs/promises';
import { MessageChannel } from 'node:worker_threads';
import { type Disposable, DisposableStore } from '#shared/base/disposable.ts';
import { Emitter, type Event } from '#shared/base/emitter.ts';
import { RingBuffer } from '#shared/base/ring-buffer.ts';
import { GantryError } from '#shared/contract/error.ts';
import type { ClusterView, DrillKind, LatencySample, NodeCondition } from '#shared/model/cluster.ts';
import type { NodeId } from '#shared/model/ids.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { Random } from '../../ports/random.ts';
import type { ControlStore } from '../../state/control-store.ts';
import { defaultThresholds, defaultTiming, type HostTiming, type SnapshotThresholds } from '../host/host-options.ts';
import { statePathOf } from '../host/node-files.ts';
import type { NodeReport } from '../host/node-protocol.ts';
import { ClusterNode } from './cluster-node.ts';
import { lagOf, leaderOf, toClusterView } from './cluster-view.ts';
import { ConfirmedReads } from './confirmed-reads.ts';
import { currentReader } from './current-reader.ts';
import { DrillRunner } from './drill-runner.ts';
import { explainUnavailable } from './explain-unavailable.ts';
import { LeadershipHistory } from './leadership-history.ts';
import { Membership } from './membership.ts';
import { Proposer } from './proposer.ts';
import { Rebuilder } from './rebuilder.ts';
import { refuseToStopWrites } from './refuse-to-stop-writes.ts';
import { Roster, type RosterNode } from './roster.ts';
import { StateFeed } from './state-feed.ts';

const sampleIntervalMs = 1_000;
/** Ten minutes. */
const latencySamplesMax = 600;
/** Below it writes are refused, so that votes and what is under way still find room. */
const reserveBytesDefault = 32 * 1024 * 1024;

export interface RaftClusterOptions {
  /** Holds `cluster.json` and a folder for each node; made when missing. */
  readonly folder: string;
  /** Path of `raft/host/node-thread.ts`, or of its bundle. */
  readonly nodeProgram: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** How many nodes a new cluster begins with: 1, 3 or 5. */
  readonly voters?: number;
  readonly timing?: HostTiming;
  readonly thresholds?: SnapshotThresholds;
  /** Free space that is kept for the cluster itself. */
  readonly reserveBytes?: number;
}

/** Opens or begins the cluster of a folder and waits for a leader. Rejects with a `GantryError` that says why there is none. */
export async function openRaftCluster(options: RaftClusterOptions): Promise<RaftCluster> {
  const cluster = new RaftCluster(options);
  try {
    await cluster.ready();
    return cluster;
  } catch (error) {
    await cluster.close();
    throw error;
  }
}

/** See the file's comment. Made by `openRaftCluster`. */
export class RaftCluster {
  readonly store: ControlStore;
  readonly #options: RaftClusterOptions;
  readonly #roster: Roster;
  readonly #nodes = new Map<number, ClusterNode>();
  readonly #feed = new StateFeed();
  readonly #history: LeadershipHistory;
  readonly #latency = new RingBuffer<LatencySample>(latencySamplesMax);
  readonly #proposer: Proposer;
  readonly #reads: ConfirmedReads;
  readonly #membership: Membership;
  readonly #drills: DrillRunner;
  readonly #rebuilder: Rebuilder;
  readonly #viewChanged = new Emitter<ClusterView>();
  readonly #owned = new DisposableStore();
  #viewScheduled: Disposable | null = null;
  #freeBytes = Number.POSITIVE_INFINITY;
  #closed = false;

  constructor(options: RaftClusterOptions) {
    this.#options = options;
    const { clock, random, folder } = options;
    this.#history = new LeadershipHistory(clock.nowMs());
    this.#roster = Roster.open(folder, options.voters ?? 3);
    const leader = (): ClusterNode | null => leaderOf(this.#all());
    this.#proposer = this.#owned.add(
      new Proposer({
        session: `app-${random.id(12)}`,
        clock,
        leader: () => leader()?.peer ?? null,
        send: (to, proposals) => this.#nodes.get(to)?.post({ type: 'propose', proposals }),
        explain: (wasSent) => explainUnavailable(this.#all(), wasSent),
      }),
    );
    this.#reads = this.#owned.add(
      new ConfirmedReads({ clock, leader, explain: () => explainUnavailable(this.#all(), false) }),
    );
    this.#membership = this.#owned.add(new Membership({ clock, leader }));
    this.#drills = this.#owned.add(
      new DrillRunner({
        clock,
        log: options.log,
        nodes: () => this.#all(),
        history: this.#history,
        committed: () => this.#proposer.committed,
        acknowledgedIndex: () => this.#proposer.acknowledgedIndex,
        onDidChange: () => this.#scheduleView(),
      }),
    );
    this.#rebuilder = new Rebuilder({
      roster: this.#roster,
      membership: this.#membership,
      nodes: () => this.#all(),
      addNode: (node) => this.#addNode(node),
      removeNode: (peer) => this.#removeNode(peer),
    });
    const feed = this.#feed;
    this.store = {
      propose: (command) => this.#refuseWhenFull() ?? this.#proposer.propose(command),
      read: currentReader(() => feed.current()),
      barrier: async () => feed.until(await this.#reads.confirm()),
      get onDidChange() {
        return feed.onDidChange;
      },
    };
    for (const node of this.#roster.nodes) this.#addNode(node).start();
    this.#owned.add(clock.every(sampleIntervalMs, () => this.#sample()));
  }

  get onDidChangeView(): Event<ClusterView> {
    return this.#viewChanged.event;
  }

  /** Resolves once there is a leader and what is read includes everything committed before. */
  async ready(): Promise<void> {
    await this.#measureDisk();
    await this.store.barrier();
    this.#rebuilder.resume((error) => this.#options.log.warn('a rebuild could not go on', { reason: error.message }));
  }

  view(): ClusterView {
    return toClusterView({
      nodes: this.#all(),
      history: this.#history,
      latency: this.#latency.toArray(),
      drills: this.#drills.drills(),
      nowMs: this.#options.clock.nowMs(),
    });
  }

  /** Begins a drill. Rejects with `would-stop-writes`, `wrong-state` or `not-found` and a reason. */
  async drill(kind: DrillKind, nodeId: NodeId, forMs: number): Promise<void> {
    await this.#drills.start(kind, this.#nodeOf(nodeId), forMs);
  }

  /** Ends the drill that runs, if any. */
  async endDrill(): Promise<void> {
    this.#drills.end();
  }

  /** Stops a node for as long as nobody starts it; a leader hands over first. Rejects with `would-stop-writes`. */
  async stopNode(nodeId: NodeId): Promise<void> {
    const node = this.#nodeOf(nodeId);
    const nowMs = this.#options.clock.nowMs();
    refuseToStopWrites(this.#all(), node, nowMs);
    if (leaderOf(this.#all()) === node) this.#history.handingOver(nowMs);
    await node.stop('hand-over');
  }

  /** Starts a node that was stopped or crashed. Rejects with `node-fenced` when its data cannot be trusted. */
  async startNode(nodeId: NodeId): Promise<void> {
    const node = this.#nodeOf(nodeId);
    if (node.condition.state === 'fenced') {
      throw new GantryError(
        'node-fenced',
        `${nodeId} cannot be started: ${node.condition.reason}. Rebuild it from the others.`,
      );
    }
    this.#drills.endFor(node);
    node.start();
  }

  /** Replaces a fenced node by an empty one under a new id, which is answered once it votes. */
  rebuildNode(nodeId: NodeId): Promise<NodeId> {
    return this.#rebuilder.rebuild(this.#nodeOf(nodeId));
  }

  /** Ends the thread of a node where it is, as a crash would; it is started again by itself. */
  async crashNode(nodeId: NodeId): Promise<void> {
    await this.#nodeOf(nodeId).crash();
  }

  /** Ends all nodes orderly. What was not answered is rejected. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#owned.dispose();
    this.#viewScheduled?.dispose();
    await Promise.all(this.#all().map((node) => node.stop('orderly')));
    this.#feed.dispose();
    this.#viewChanged.dispose();
  }

  #all(): ClusterNode[] {
    return [...this.#nodes.values()].sort((a, b) => a.peer - b.peer);
  }

  #nodeOf(nodeId: NodeId): ClusterNode {
    const node = this.#all().find(({ id }) => id === nodeId);
    if (!node) throw new GantryError('not-found', `There is no node ${nodeId}.`);
    return node;
  }

  #addNode({ peer, id }: RosterNode): ClusterNode {
    const { nodeProgram, clock, log, timing, thresholds } = this.#options;
    const { founders, group } = this.#roster;
    const founding = { voters: founders, votersOutgoing: [], learners: [], learnersNext: [], autoLeave: false };
    const node = new ClusterNode({
      peer,
      id,
      program: nodeProgram,
      clock,
      log: log.child({ node: id }),
      threadData: () => ({
        group,
        peer,
        folder: this.#roster.folderOf(peer),
        mustExist: this.#roster.nodes.some((known) => known.peer === peer && known.began),
        founding: founders.includes(peer) ? founding : null,
        timing: timing ?? defaultTiming,
        thresholds: thresholds ?? defaultThresholds,
      }),
      onReport: (reporter, report) => this.#onReport(reporter, report),
      onCondition: (changed, before) => this.#onCondition(changed, before),
    });
    this.#nodes.set(peer, node);
    return node;
  }

  async #removeNode(peer: number): Promise<void> {
    const node = this.#nodes.get(peer);
    this.#feed.removeNode(peer);
    this.#nodes.delete(peer);
    node?.dispose();
    await node?.stop('crash');
    for (const other of this.#all()) other.post({ type: 'disconnect', peer });
    this.#scheduleView();
  }

  #onReport(node: ClusterNode, report: NodeReport): void {
    if (this.#closed) return;
    switch (report.type) {
      case 'opened':
        this.#roster.setBegan(node.peer);
        this.#feed.addNode(node.peer, statePathOf(this.#roster.folderOf(node.peer)), report.status.appliedIndex);
        this.#connect(node);
        return;
      case 'progress':
        // The changes first: whoever proposed reads what they wrote.
        this.#feed.applied(node.peer, report.appliedIndex, report.changes);
        for (const { id, outcome } of report.outcomes) this.#proposer.onOutcome(node.peer, id, outcome);
        return;
      case 'restored':
        return this.#feed.restored(node.peer, report.index);
      case 'read-index':
        return this.#reads.onAnswer(report.id, report.index);
      case 'conf-change':
        return this.#membership.onAnswer(report.id, report.dropped);
      case 'status':
        return this.#noteLeader();
      case 'failed':
      case 'stopped':
      case 'log':
        return;
    }
  }

  #onCondition(node: ClusterNode, before: NodeCondition): void {
    const nowMs = this.#options.clock.nowMs();
    const { condition } = node;
    if (condition.state === 'running') this.#history.present(node.id, nowMs);
    else if (condition.state !== 'starting') this.#history.absent(node.id, condition.state, nowMs);
    const served = before.state === 'running' || before.state === 'cut-off';
    if (served && !node.serves) this.#proposer.onNodeGone(node.peer);
    if (condition.state !== 'running') this.#history.lost(node.id, nowMs);
    this.#noteLeader();
    this.#scheduleView();
  }

  /** Gives the node a connection to each other one that runs. */
  #connect(node: ClusterNode): void {
    for (const other of this.#all()) {
      if (other === node || !other.serves) continue;
      const { port1, port2 } = new MessageChannel();
      node.post({ type: 'connect', peer: other.peer, port: port1 }, [port1]);
      other.post({ type: 'connect', peer: node.peer, port: port2 }, [port2]);
    }
  }

  #noteLeader(): void {
    if (this.#closed) return;
    const nowMs = this.#options.clock.nowMs();
    const leader = leaderOf(this.#all());
    const known = this.#history.leader;
    if (!leader) {
      if (known) this.#history.lost(known, nowMs);
      return;
    }
    const span = this.#history.leads(leader.id, leader.status?.term ?? 0, nowMs);
    if (!span) return;
    this.#drills.onLeader(span);
    this.#proposer.onLeaderChanged();
    this.#reads.onLeaderChanged();
    this.#scheduleView();
  }

  #sample(): void {
    const nowMs = this.#options.clock.nowMs();
    const nodes = this.#all();
    const leader = leaderOf(nodes);
    for (const node of nodes) {
      const lag = lagOf(node, leader);
      node.lagSamples.push({ atMs: nowMs, entries: lag?.lagEntries ?? null, ms: lag?.lagMs ?? null });
    }
    this.#latency.push({
      atMs: nowMs,
      commitP50Ms: leader?.status?.commit.p50Ms ?? null,
      commitP99Ms: leader?.status?.commit.p99Ms ?? null,
      fsyncP99Ms: leader?.status?.fsync.p99Ms ?? null,
    });
    this.#measureDisk().catch((error: unknown) => {
      this.#options.log.warn('free space could not be measured', { reason: String(error) });
    });
    this.#announceView();
  }

  async #measureDisk(): Promise<void> {
    const { bavail, bsize } = await statfs(this.#options.folder);
    this.#freeBytes = bavail * bsize;
  }

  #refuseWhenFull(): Promise<never> | null {
    const reserveBytes = this.#options.reserveBytes ?? reserveBytesDefault;
    if (this.#freeBytes >= reserveBytes) return null;
    const freeMb = Math.floor(this.#freeBytes / 1_000_000);
    const message = `The disk of ${this.#options.folder} has ${freeMb} MB left, too little to write safely. Nothing was changed and everything is kept. Free some space; writing goes on by itself.`;
    return Promise.reject(new GantryError('disk-full', message, { retryable: true }));
  }

  /** Many things change at once; the view is made once for them. */
  #scheduleView(): void {
    if (this.#viewScheduled || this.#closed) return;
    this.#viewScheduled = this.#options.clock.after(20, () => this.#announceView());
  }

  #announceView(): void {
    this.#viewScheduled?.dispose();
    this.#viewScheduled = null;
    if (this.#viewChanged.listenerCount > 0) this.#viewChanged.fire(this.view());
  }
}
