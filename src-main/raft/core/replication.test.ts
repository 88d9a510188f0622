import { expect, it } from 'vitest';
import { Cluster } from './cluster.fixture.ts';

it('elects a leader, which commits its empty entry and then a command', () => {
  const cluster = new Cluster({ voters: [1, 2, 3] });
  cluster.elect(1);
  expect(cluster.trace()).toMatchInlineSnapshot(`
    "1→2 pre-vote t1 log 0:0
    1→3 pre-vote t1 log 0:0
    1 is pre-candidate in term 0, leader unknown
    2→1 pre-vote-response t1 yes
    3→1 pre-vote-response t1 yes
    1 is candidate in term 1, leader unknown
    1→2 vote t1 log 0:0
    1→3 vote t1 log 0:0
    2→1 vote-response t1 yes
    3→1 vote-response t1 yes
    1→2 append t1 after 0:0, commit 0 [1:∅]
    1→3 append t1 after 0:0, commit 0 [1:∅]
    1 is leader in term 1, leader 1
    2 is follower in term 1, leader 1
    2→1 append-response t1 up to 1
    3 is follower in term 1, leader 1
    3→1 append-response t1 up to 1
    1→2 append t1 after 1:1, commit 1 []
    1→3 append t1 after 1:1, commit 1 []
    1 applies 1 ∅
    2→1 append-response t1 up to 1
    2 applies 1 ∅
    3→1 append-response t1 up to 1
    3 applies 1 ∅"
  `);
  expect(cluster.propose(1, 'a')).toBeNull();
  cluster.settle();
  expect(cluster.trace()).toMatchInlineSnapshot(`
    "1→2 append t1 after 1:1, commit 1 [2:a]
    1→3 append t1 after 1:1, commit 1 [2:a]
    2→1 append-response t1 up to 2
    3→1 append-response t1 up to 2
    1→2 append t1 after 1:2, commit 2 []
    1→3 append t1 after 1:2, commit 2 []
    1 applies 2 a
    2→1 append-response t1 up to 2
    2 applies 2 a
    3→1 append-response t1 up to 2
    3 applies 2 a"
  `);
});
