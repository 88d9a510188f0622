import { expect, it } from 'vitest';
import { Cluster } from './cluster.fixture.ts';

it('commits an entry of an earlier term only with one of its own (figure 8)', () => {
  const cluster = new Cluster({ voters: [1, 2, 3] });
  cluster.elect(1);
  cluster.propose(1, 'old');
  cluster.process(1);
  // Only its leader has it; that one starts again, and is elected for term 2.
  cluster.network = [];
  cluster.restart(1);
  for (const id of [2, 3]) {
    cluster.node(id).setElectionTimeout(100);
    cluster.tick(id, 10);
  }
  cluster.node(1).campaign();
  for (let round = 0; round < 10 && cluster.node(1).status().role !== 'leader'; round += 1) {
    for (const id of [1, 2, 3]) cluster.process(id);
    cluster.deliver();
  }
  cluster.process(1);
  const acknowledge = (index: number) =>
    cluster.node(1).step({
      group: 1,
      type: 'append-response',
      from: 2,
      to: 1,
      term: 2,
      index,
      reject: false,
      hintIndex: 0,
      hintTerm: 0,
    });
  acknowledge(2);
  expect(cluster.node(1).status().hardState.commit).toBe(1);
  acknowledge(3);
  expect(cluster.node(1).status().hardState.commit).toBe(3);
});

it('commits a lone entry only once the disk has it', () => {
  const cluster = new Cluster({ voters: [1] });
  cluster.elect(1);
  cluster.propose(1, 'a');
  cluster.begin(1);
  expect(cluster.node(1).status().hardState.commit).toBe(1);
  cluster.finish(1);
  expect(cluster.node(1).status().hardState.commit).toBe(2);
});

it('lets appends leave before the disk, and acknowledgements only after it', () => {
  const cluster = new Cluster({ voters: [1, 2] });
  cluster.elect(1);
  cluster.propose(1, 'a');
  cluster.begin(1);
  expect(cluster.network.map(({ type }) => type)).toEqual(['append']);
  cluster.deliver();
  cluster.begin(2);
  expect(cluster.network).toEqual([]);
  cluster.finish(2);
  expect(cluster.network.map(({ type }) => type)).toEqual(['append-response']);
});

it('forwards a proposal to the leader, and says when there is none', () => {
  const cluster = new Cluster({ voters: [1, 2] });
  expect(cluster.propose(2, 'too early')).toBe('no-leader');
  cluster.elect(1);
  expect(cluster.propose(2, 'a')).toBeNull();
  cluster.settle();
  expect(cluster.applied(1)).toEqual(['∅', 'a']);
});

it('takes no proposals while it hands over', () => {
  const cluster = new Cluster({ voters: [1, 2, 3] });
  cluster.elect(1);
  cluster.cut(2);
  cluster.node(1).transferLeadership(2);
  expect(cluster.propose(1, 'a')).toBe('transferring');
  cluster.tick(1, 5);
  cluster.settle();
  cluster.tick(1, 5);
  cluster.settle();
  expect(cluster.propose(1, 'a')).toBeNull();
});
