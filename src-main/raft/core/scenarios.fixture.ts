/**
 * Situations that a random world hardly ever meets, each played by hand. A scenario throws
 * when the node does what must not happen, so that the same one judges the real core and a
 * broken one.
 */
import { assert, assertDefined } from '#shared/base/assert.ts';
import type { NodeFactory } from '../../simulator/raft/simulated-node.ts';
import { Cluster } from './cluster.fixture.ts';
import type { Entry, Message, PeerId } from './message.ts';

/** A situation and what must come of it. */
export interface Scenario {
  readonly name: string;
  play(createNode: NodeFactory): void;
}

const bytes = (text: string) => new TextEncoder().encode(text);
const entry = (term: number, index: number): Entry => ({
  term,
  index,
  kind: 'normal',
  data: bytes(`${term}.${index}`),
});
const trio = [1, 2, 3];

function append(
  given: { from: PeerId; to: PeerId; term: number; prevIndex: number; prevTerm: number },
  commit: number,
  ...entries: Entry[]
): Message {
  return { group: 1, type: 'append', commit, entries, ...given };
}

/** All of them, by what they show. */
export const scenarios = {
  jointElection: {
    name: 'a joint configuration elects only by both majorities',
    play(createNode) {
      const cluster = new Cluster({ voters: trio, strangers: [4, 5], createNode });
      cluster.elect(3);
      cluster.node(3).proposeConfChange({
        steps: [
          { action: 'add-voter', peer: 4 },
          { action: 'add-voter', peer: 5 },
          { action: 'remove', peer: 1 },
          { action: 'remove', peer: 2 },
        ],
        transition: 'joint-explicit',
      });
      cluster.settle();
      cluster.cut(1, 2);
      cluster.tick(3, 30);
      cluster.settle();
      cluster.tick(4, 10);
      cluster.settle();
      const { role } = cluster.node(4).status();
      assert(role !== 'leader', 'node 4 was elected without the outgoing majority');
    },
  },

  unappliedConfChange: {
    name: 'nobody stands for election under a configuration that is about to change',
    play(createNode) {
      const cluster = new Cluster({ voters: trio, strangers: [4], createNode });
      cluster.elect(1);
      cluster.node(1).proposeConfChange({ steps: [{ action: 'add-voter', peer: 4 }], transition: 'auto' });
      cluster.process(1);
      for (let round = 0; round < 20 && cluster.node(2).status().hardState.commit < 2; round += 1) {
        cluster.deliver();
        cluster.process(1);
        cluster.process(3);
        if (cluster.node(2).status().hardState.commit < 2) cluster.process(2);
      }
      cluster.begin(2);
      cluster.node(2).campaign();
      assert(cluster.node(2).status().role === 'follower', 'node 2 stands before it applied the change');
    },
  },

  uncarriedCommit: {
    name: 'an append commits nothing past what it carries',
    play(createNode) {
      const cluster = new Cluster({ voters: trio, createNode });
      const node = cluster.node(1);
      node.step(append({ from: 2, to: 1, term: 1, prevIndex: 0, prevTerm: 0 }, 0, entry(1, 1), entry(1, 2)));
      cluster.process(1);
      // The leader of term 2 has another entry 2, which is committed.
      node.step(append({ from: 3, to: 1, term: 2, prevIndex: 1, prevTerm: 1 }, 2));
      assert(node.status().hardState.commit === 1, 'node 1 committed an entry that its leader may not have');
    },
  },

  earlyVoteRequest: {
    name: 'a vote is asked for only once the log that is claimed is durable',
    play(createNode) {
      const cluster = new Cluster({ voters: trio, createNode });
      cluster.node(1).campaign();
      cluster.process(1);
      cluster.deliver();
      cluster.process(2);
      cluster.deliver(1);
      cluster.begin(1);
      assert(cluster.node(1).status().role === 'candidate', 'the pre-vote is won');
      assert(!cluster.network.some(({ type }) => type === 'vote'), 'a vote was asked for before the disk had the log');
    },
  },

  earlyRead: {
    name: 'a new leader answers no read before its first commit',
    play(createNode) {
      const cluster = new Cluster({ voters: trio, createNode });
      cluster.elect(1);
      cluster.propose(1, 'a');
      cluster.process(1);
      cluster.deliver();
      cluster.process(2);
      cluster.process(3);
      cluster.deliver(1);
      cluster.process(1);
      assert(cluster.applied(1).includes('a'), 'the client has its answer');
      // Nobody else hears that it is committed.
      cluster.network = [];
      cluster.cut(1);
      cluster.node(3).setElectionTimeout(100);
      cluster.tick(3, 10);
      cluster.node(2).campaign();
      for (let round = 0; round < 10 && cluster.node(2).status().role !== 'leader'; round += 1) {
        cluster.process(2);
        cluster.process(3);
        cluster.deliver();
      }
      cluster.node(2).readIndex('r');
      cluster.process(2);
      cluster.network = cluster.network.filter(({ type }) => type === 'heartbeat');
      cluster.deliver();
      cluster.process(3);
      cluster.deliver();
      cluster.process(2);
      assert(cluster.reads.get(2)?.length === 0, 'a read was answered from before what is committed');
      cluster.tick(2);
      cluster.settle();
      assert(cluster.reads.get(2)?.join() === 'r@3', 'it is answered after the first commit');
    },
  },

  removedLeader: {
    name: 'a leader that removed itself blocks nobody who does not know of it',
    play(createNode) {
      const cluster = new Cluster({ voters: [1, 2], createNode });
      cluster.elect(1);
      cluster.node(1).proposeConfChange({ steps: [{ action: 'remove', peer: 1 }], transition: 'auto' });
      cluster.process(1);
      cluster.deliver(2);
      cluster.process(2);
      // One more entry, which node 2 never gets: the log of node 1 stays the longer one.
      cluster.propose(1, 'x');
      cluster.process(1);
      cluster.network = cluster.network.filter(({ to }) => to === 1);
      cluster.deliver(1);
      cluster.process(1);
      cluster.network = [];
      assert(cluster.node(1).status().role === 'follower', 'node 1 applied its own removal');
      for (let round = 0; round < 3; round += 1) {
        cluster.tick(2, 10);
        cluster.settle();
      }
      assert(cluster.node(2).status().role === 'leader', 'node 2 cannot be elected');
    },
  },

  lease: {
    name: 'whoever hears of a leader helps nobody to depose it',
    play(createNode) {
      const cluster = new Cluster({ voters: trio, createNode });
      cluster.elect(1);
      cluster
        .node(2)
        .step({ group: 1, from: 3, to: 2, term: 9, type: 'vote', lastIndex: 9, lastTerm: 8, transfer: false });
      cluster.process(2);
      assert(cluster.node(2).status().hardState.term === 1, 'a stranger to the leader raised the term');
    },
  },

  preVote: {
    name: 'a node that was cut off comes back without raising the term',
    play(createNode) {
      const cluster = new Cluster({ voters: trio, createNode });
      cluster.elect(1);
      cluster.cut(3);
      cluster.tick(3, 100);
      cluster.settle();
      cluster.heal();
      cluster.tick(1);
      cluster.settle();
      const { role, hardState } = cluster.node(1).status();
      assert(role === 'leader' && hardState.term === 1, 'the leader was deposed by a node that had been cut off');
    },
  },

  checkQuorum: {
    name: 'a leader that does not reach a quorum steps down',
    play(createNode) {
      const cluster = new Cluster({ voters: trio, createNode });
      cluster.elect(1);
      cluster.cut(1);
      cluster.tick(1, 20);
      cluster.settle();
      assert(cluster.node(1).status().role === 'follower', 'a leader that is cut off still leads');
    },
  },

  transfer: {
    name: 'leadership is handed over at once, pre-vote and lease notwithstanding',
    play(createNode) {
      const cluster = new Cluster({ voters: trio, createNode });
      cluster.elect(1);
      cluster.node(1).transferLeadership(2);
      cluster.settle();
      assert(cluster.node(2).status().role === 'leader', 'node 2 did not take over');
    },
  },

  boundedUncommitted: {
    name: 'a leader without a quorum takes only so much in',
    play(createNode) {
      const cluster = new Cluster({ voters: trio, createNode, uncommittedBytesMax: 100 });
      cluster.elect(1);
      cluster.cut(1);
      const answers = Array.from({ length: 20 }, () => cluster.propose(1, 'x'.repeat(10)));
      assert(
        answers.filter((answer) => answer === null).length === 10,
        'the limit on what is uncommitted does not hold',
      );
    },
  },

  window: {
    name: 'a follower that does not answer gets no more than the window',
    play(createNode) {
      const cluster = new Cluster({ voters: [1, 2], createNode, inflightMessagesMax: 3 });
      cluster.elect(1);
      for (let count = 0; count < 10; count += 1) cluster.propose(1, 'x');
      cluster.process(1);
      const appends = cluster.network.filter(({ type, to }) => type === 'append' && to === 2);
      assert(appends.length === 3, `${appends.length} appends are on their way`);
      cluster.settle();
      assert(cluster.applied(2).length === 11, 'the rest follows once the follower answers');
    },
  },

  snapshotDuringApply: {
    name: 'a snapshot that arrives while entries are applied waits with its configuration',
    play(createNode) {
      const cluster = new Cluster({ voters: [1], strangers: [2], createNode });
      const conf = { voters: [1], votersOutgoing: [], learners: [2], learnersNext: [], autoLeave: false };
      cluster.node(2).step({
        ...append({ from: 1, to: 2, term: 1, prevIndex: 0, prevTerm: 0 }, 1, entry(1, 1)),
      });
      assert(cluster.begin(2), 'there is an entry to apply');
      cluster
        .node(2)
        .step({ group: 1, from: 1, to: 2, term: 1, type: 'snapshot', meta: { index: 5, term: 1, confState: conf } });
      const during = cluster.node(2).status().confState.learners;
      assert(during.length === 0, 'the configuration changed before its snapshot was installed');
      cluster.finish(2);
      cluster.process(2);
      assert(
        assertDefined(cluster.node(2).status().confState.learners[0], 'it came into force') === 2,
        'node 2 learns',
      );
    },
  },
} as const satisfies Record<string, Scenario>;
