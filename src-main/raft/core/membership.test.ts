import { expect, it } from 'vitest';
import { Cluster } from './cluster.fixture.ts';

it('takes a learner in, promotes it, and lets it vote', () => {
  const cluster = new Cluster({ voters: [1], strangers: [2] });
  cluster.elect(1);
  cluster.trace();
  cluster.node(1).proposeConfChange({ steps: [{ action: 'add-learner', peer: 2 }], transition: 'auto' });
  cluster.settle();
  expect(cluster.trace()).toMatchInlineSnapshot(`
    "1 applies 2 conf
    1 has voters (1) learners (2)
    1→2 append t1 after 1:1, commit 2 [2:conf]
    2 is follower in term 1, leader 1
    2→1 append-response t1 rejects 1, try 0:0
    1→2 append t1 after 0:0, commit 2 [1:∅ 2:conf]
    2→1 append-response t1 up to 2
    2 applies 1 ∅
    2 applies 2 conf
    2 has voters (1) learners (2)"
  `);
  cluster.node(1).proposeConfChange({ steps: [{ action: 'add-voter', peer: 2 }], transition: 'auto' });
  cluster.settle();
  cluster.node(1).transferLeadership(2);
  cluster.settle();
  expect(cluster.node(2).status().role).toBe('leader');
});

it('replaces a voter through a joint configuration, which it leaves by itself', () => {
  const cluster = new Cluster({ voters: [1, 2, 3], strangers: [4] });
  cluster.elect(1);
  cluster.trace();
  const steps = [
    { action: 'add-voter', peer: 4 },
    { action: 'remove', peer: 3 },
  ] as const;
  cluster.node(1).proposeConfChange({ steps, transition: 'auto' });
  cluster.settle();
  const configurations = cluster
    .trace()
    .split('\n')
    .filter((line) => line.startsWith('1 has'));
  expect(configurations).toEqual(['1 has voters (1 2 4)&&(1 2 3) auto-leave', '1 has voters (1 2 4)']);
});

it('turns a change that may not go in now into an empty entry', () => {
  const cluster = new Cluster({ voters: [1, 2], strangers: [3, 4] });
  cluster.elect(1);
  cluster.node(1).proposeConfChange({ steps: [{ action: 'add-learner', peer: 3 }], transition: 'auto' });
  cluster.node(1).proposeConfChange({ steps: [{ action: 'add-learner', peer: 4 }], transition: 'auto' });
  cluster.settle();
  expect(cluster.entries(2)).toEqual(['1:∅', '1:conf', '1:∅']);
  expect(cluster.node(1).status().confState.learners).toEqual([3]);
});

it('lets a removed leader finish its own removal and step down', () => {
  const cluster = new Cluster({ voters: [1, 2, 3] });
  cluster.elect(1);
  cluster.node(1).proposeConfChange({ steps: [{ action: 'remove', peer: 1 }], transition: 'auto' });
  cluster.settle();
  expect(cluster.node(1).status().role).toBe('follower');
  expect(cluster.node(2).status().confState.voters).toEqual([2, 3]);
  cluster.node(3).setElectionTimeout(100);
  cluster.tick(3, 10);
  cluster.elect(2);
  expect(cluster.node(2).status().role).toBe('leader');
});

it('leaves a removed leader in charge when told so, without proposals', () => {
  const cluster = new Cluster({ voters: [1, 2, 3], stepDownOnRemoval: false });
  cluster.elect(1);
  cluster.node(1).proposeConfChange({ steps: [{ action: 'remove', peer: 1 }], transition: 'auto' });
  cluster.settle();
  expect(cluster.node(1).status().role).toBe('leader');
  expect(cluster.propose(1, 'x')).toBe('removed');
});
