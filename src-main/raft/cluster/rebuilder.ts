/**
 * Replaces a node whose data cannot be trusted by an empty one under a new id. A wiped node that
 * came back under its old id could vote twice in a term, having forgotten its vote.
 *
 * Steps, each of which is harmless to repeat, so that a crash in between only delays:
 * 1. the roster knows the newcomer; its thread runs;
 * 2. it listens as a learner and catches up, through a snapshot where the log is gone;
 * 3. it becomes a voter and the old one goes, in one joint change;
 * 4. the roster and the disk forget the old one.
 */
import { rmSync } from 'node:fs';
import { GantryError } from '#shared/contract/error.ts';
import type { NodeId } from '#shared/model/ids.ts';
import type { ConfState } from '../core/message.ts';
import type { ClusterNode } from './cluster-node.ts';
import type { Membership } from './membership.ts';
import type { Roster, RosterNode } from './roster.ts';

export interface RebuilderOptions {
  readonly roster: Roster;
  readonly membership: Membership;
  readonly nodes: () => readonly ClusterNode[];
  readonly addNode: (node: RosterNode) => ClusterNode;
  readonly removeNode: (peer: number) => Promise<void>;
}

/** See the file's comment. */
export class Rebuilder {
  readonly #options: RebuilderOptions;
  readonly #running = new Map<number, Promise<NodeId>>();

  constructor(options: RebuilderOptions) {
    this.#options = options;
  }

  /** Answers the new id once it votes. Rejects with `wrong-state` unless the node is fenced. Two callers share one rebuild. */
  rebuild(node: ClusterNode): Promise<NodeId> {
    const running = this.#running.get(node.peer);
    if (running) return running;
    if (node.condition.state !== 'fenced') {
      const message = `${node.id} is ${node.condition.state}; only a fenced node is rebuilt. Nothing was changed.`;
      return Promise.reject(new GantryError('wrong-state', message));
    }
    const { roster, addNode, nodes } = this.#options;
    const begun = roster.nodes.find(({ replaces }) => replaces === node.peer);
    const newcomer = begun ?? roster.addReplacement(node.peer);
    const thread = nodes().find(({ peer }) => peer === newcomer.peer) ?? addNode(newcomer);
    return this.#run(newcomer, thread);
  }

  /** Goes on with what a crash interrupted. */
  resume(onFailure: (error: Error) => void): void {
    const { roster, nodes } = this.#options;
    for (const newcomer of roster.nodes) {
      const thread = nodes().find(({ peer }) => peer === newcomer.peer);
      if (newcomer.replaces !== null && thread) this.#run(newcomer, thread).catch(onFailure);
    }
  }

  #run(newcomer: RosterNode, thread: ClusterNode): Promise<NodeId> {
    const replaced = newcomer.replaces ?? newcomer.peer;
    const run = this.#perform(newcomer, replaced, thread).finally(() => this.#running.delete(replaced));
    this.#running.set(replaced, run);
    return run;
  }

  async #perform({ peer, id }: RosterNode, replaced: number, thread: ClusterNode): Promise<NodeId> {
    const { roster, membership, removeNode } = this.#options;
    thread.start();
    const votes = (conf: ConfState): boolean => conf.voters.includes(peer);
    await membership.change(
      { steps: [{ action: 'add-learner', peer }], transition: 'auto' },
      `${id} as a learner`,
      (conf) => conf.learners.includes(peer) || votes(conf),
    );
    await membership.until(`${id} caught up`, ({ confState, peers, commitIndex }) => {
      const progress = peers.find((known) => known.peer === peer);
      return votes(confState) || (progress?.state === 'replicate' && progress.match >= commitIndex - caughtUpWithin);
    });
    await membership.change(
      {
        steps: [
          { action: 'add-voter', peer },
          { action: 'remove', peer: replaced },
        ],
        transition: 'auto',
      },
      `${id} as a voter`,
      (conf) => votes(conf) && !conf.voters.includes(replaced) && conf.votersOutgoing.length === 0,
    );
    const folder = roster.folderOf(replaced);
    roster.finishReplacement(peer);
    await removeNode(replaced);
    rmSync(folder, { recursive: true, force: true });
    return id;
  }
}

/** A learner this close will not hold up a commit once it votes. */
const caughtUpWithin = 100;
