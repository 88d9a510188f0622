import { expect, it } from 'vitest';
import { Cluster } from './cluster.fixture.ts';

it('confirms reads of the leader and of followers with one round of heartbeats', () => {
  const cluster = new Cluster({ voters: [1, 2, 3] });
  cluster.elect(1);
  cluster.propose(1, 'a');
  cluster.settle();
  cluster.trace();
  cluster.node(1).readIndex('mine');
  cluster.node(3).readIndex('theirs');
  cluster.settle();
  expect(cluster.reads.get(1)).toEqual(['mine@2']);
  expect(cluster.reads.get(3)).toEqual(['theirs@2']);
  expect(cluster.trace()).toMatchInlineSnapshot(`
    "1→2 heartbeat t1 commit 2 round 1
    1→3 heartbeat t1 commit 2 round 1
    3→1 read-index t1
    1→2 heartbeat t1 commit 2 round 2
    1→3 heartbeat t1 commit 2 round 2
    2→1 heartbeat-response t1
    3→1 heartbeat-response t1
    2→1 heartbeat-response t1
    3→1 heartbeat-response t1
    1→3 read-index-response t1"
  `);
});

it('answers no read of a leader that has been replaced', () => {
  const cluster = new Cluster({ voters: [1, 2, 3] });
  cluster.elect(1);
  cluster.cut(1);
  cluster.tick(3, 15);
  cluster.settle();
  cluster.tick(2, 10);
  cluster.settle();
  cluster.node(1).readIndex('stale');
  cluster.settle();
  expect(cluster.reads.get(1)).toEqual([]);
});

it('answers a lone node once its entry of the term is durable', () => {
  const cluster = new Cluster({ voters: [1] });
  cluster.elect(1);
  cluster.node(1).readIndex('r');
  cluster.settle();
  expect(cluster.reads.get(1)).toEqual(['r@1']);
});
