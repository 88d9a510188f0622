/** Experiments that a person runs on the live cluster: one at a time, each ends by itself. */
import type { Disposable } from '#shared/base/disposable.ts';
import { GantryError } from '#shared/contract/error.ts';
import type { Drill, DrillKind, LeadershipSpan } from '#shared/model/cluster.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { ClusterNode } from './cluster-node.ts';
import { leaderOf } from './cluster-view.ts';
import type { LeadershipHistory } from './leadership-history.ts';
import { refuseToStopWrites } from './refuse-to-stop-writes.ts';

const drillsMax = 20;
/** What the slow disk adds to each sync. */
const slowDiskMs = 200;
/** A hand-over that has not happened by then was given up by the leader. */
const handOverMsMax = 3_000;

interface Running {
  readonly drill: Drill;
  readonly node: ClusterNode;
  readonly committedBefore: number;
  readonly timer: Disposable;
  leaderlessMs: number | null;
  writesLost: number;
}

export interface DrillRunnerOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly nodes: () => readonly ClusterNode[];
  readonly history: LeadershipHistory;
  /** Writes acknowledged so far, and the highest index among them. */
  readonly committed: () => number;
  readonly acknowledgedIndex: () => number;
  readonly onDidChange: () => void;
}

/** See the file's comment. */
export class DrillRunner implements Disposable {
  readonly #options: DrillRunnerOptions;
  #past: Drill[] = [];
  #running: Running | null = null;

  constructor(options: DrillRunnerOptions) {
    this.#options = options;
  }

  /** The last ones, oldest first, with the one that runs. */
  drills(): Drill[] {
    return this.#running ? [...this.#past, this.#describe(this.#running, null)] : [...this.#past];
  }

  /** Begins a drill; rejects with the reason why not. */
  async start(kind: DrillKind, node: ClusterNode, forMs: number): Promise<void> {
    if (this.#running) {
      const { kind: other, nodeId } = this.#running.drill;
      throw new GantryError('wrong-state', `The drill "${other}" of ${nodeId} still runs. End it first.`);
    }
    if (node.condition.state !== 'running') {
      throw new GantryError('wrong-state', `${node.id} is ${node.condition.state}; a drill needs a node that runs.`);
    }
    if (kind === 'hand-over') return this.#handOver(node, forMs);
    if (kind !== 'slow-disk') refuseToStopWrites(this.#options.nodes(), node, this.#options.clock.nowMs());
    this.#begin(kind, node, forMs);
    const nowMs = this.#options.clock.nowMs();
    if (kind === 'cut-off') node.setCutOff(nowMs + forMs);
    else if (kind === 'slow-disk') node.post({ type: 'slow-disk', delayMs: slowDiskMs });
    else await node.stop('crash');
  }

  /** Ends the drill that runs: reconnects, starts or speeds up its node. */
  end(): void {
    const running = this.#running;
    if (!running) return;
    running.timer.dispose();
    this.#running = null;
    this.#past = [...this.#past, this.#describe(running, this.#options.clock.nowMs())].slice(-drillsMax);
    const { node, drill } = running;
    if (drill.kind === 'cut-off') node.setCutOff(null);
    if (drill.kind === 'slow-disk') node.post({ type: 'slow-disk', delayMs: 0 });
    if (drill.kind === 'stop') node.start();
    if (drill.kind === 'hand-over') this.#options.history.handingOver(null);
    this.#options.onDidChange();
  }

  /** Ends the drill if it is this node's. */
  endFor(node: ClusterNode): void {
    if (this.#running?.node === node) this.end();
  }

  /** A new leader: what was acknowledged before and is not in its log is lost. */
  onLeader(span: LeadershipSpan): void {
    const running = this.#running;
    if (!running) return;
    if (span.electionMs !== null) running.leaderlessMs = Math.max(running.leaderlessMs ?? 0, span.electionMs);
    const leader = leaderOf(this.#options.nodes());
    const missing = this.#options.acknowledgedIndex() - (leader?.status?.lastIndex ?? Number.POSITIVE_INFINITY);
    if (missing > 0) this.#options.log.error('acknowledged writes are missing', { missing, leader: span.nodeId });
    running.writesLost += Math.max(0, missing);
    if (running.drill.kind === 'hand-over') this.end();
    else this.#options.onDidChange();
  }

  dispose(): void {
    this.#running?.timer.dispose();
    this.#running = null;
  }

  #begin(kind: DrillKind, node: ClusterNode, forMs: number): void {
    const { clock, committed, onDidChange } = this.#options;
    const startedAtMs = clock.nowMs();
    const ends = { endedAtMs: null, leaderlessMs: null, writesCommitted: 0, writesLost: 0 };
    this.#running = {
      drill: { kind, nodeId: node.id, startedAtMs, untilMs: startedAtMs + forMs, ...ends },
      node,
      committedBefore: committed(),
      timer: clock.after(forMs, () => this.end()),
      leaderlessMs: null,
      writesLost: 0,
    };
    onDidChange();
  }

  #describe({ drill, committedBefore, leaderlessMs, writesLost }: Running, endedAtMs: number | null): Drill {
    const { clock, committed, history } = this.#options;
    const writesCommitted = committed() - committedBefore;
    const sinceMs = history.leaderlessSinceMs;
    // A busy machine may not elect anybody before the drill is over.
    const soFarMs = sinceMs === null ? null : clock.nowMs() - Math.max(sinceMs, drill.startedAtMs);
    const longestMs = soFarMs === null ? leaderlessMs : Math.max(leaderlessMs ?? 0, soFarMs);
    return { ...drill, endedAtMs, leaderlessMs: longestMs, writesCommitted, writesLost };
  }

  /** `chosen` receives leadership; when it leads already, the best of the others does. */
  #handOver(chosen: ClusterNode, forMs: number): void {
    const nodes = this.#options.nodes();
    const leader = leaderOf(nodes);
    if (!leader?.status) throw new GantryError('no-leader', 'There is no leader to hand over. Try again in a moment.');
    const candidates = leader.status.peers
      .filter(
        ({ peer, learner }) =>
          !learner && nodes.some((node) => node.peer === peer && node.condition.state === 'running'),
      )
      .toSorted((a, b) => b.match - a.match);
    const target = chosen === leader ? candidates[0] : candidates.find(({ peer }) => peer === chosen.peer);
    const receiver = nodes.find((node) => node.peer === target?.peer);
    if (!receiver) {
      throw new GantryError('wrong-state', 'There is no other voter that could lead now. Nothing was done.');
    }
    this.#begin('hand-over', receiver, Math.min(forMs, handOverMsMax));
    this.#options.history.handingOver(this.#options.clock.nowMs());
    leader.post({ type: 'transfer', to: receiver.peer });
  }
}
