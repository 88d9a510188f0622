import { expect, it } from 'vitest';
import { Cluster } from './cluster.fixture.ts';

it('sends a snapshot to who is behind the compacted log, then the rest', () => {
  const cluster = new Cluster({ voters: [1, 2, 3] });
  cluster.elect(1);
  cluster.cut(3);
  for (const command of ['a', 'b', 'c']) {
    cluster.propose(1, command);
    cluster.settle();
  }
  cluster.compact(1);
  cluster.propose(1, 'd');
  cluster.settle();
  cluster.heal();
  cluster.trace();
  cluster.tick(1);
  cluster.settle();
  expect(cluster.trace()).toMatchInlineSnapshot(`
    "1→2 heartbeat t1 commit 5
    1→3 heartbeat t1 commit 1
    2→1 heartbeat-response t1
    3→1 heartbeat-response t1
    1→3 append t1 after 1:5, commit 5 []
    3→1 append-response t1 rejects 5, try 1:1
    1→3 snapshot t1 at 4, voters (1 2 3)
    3 installs snapshot 4
    3→1 append-response t1 up to 4
    1→3 append t1 after 1:4, commit 5 [5:d]
    3→1 append-response t1 up to 5
    3 applies 5 d"
  `);
  expect(cluster.node(1).status().progress.get(3)?.state).toBe('replicate');
});

it('comes back from a restart with what was durable', () => {
  const cluster = new Cluster({ voters: [1, 2, 3] });
  cluster.elect(1);
  cluster.propose(1, 'a');
  cluster.settle();
  cluster.compact(2);
  cluster.propose(1, 'lost');
  cluster.begin(1);
  cluster.network = [];
  cluster.restart(1);
  cluster.restart(2);
  cluster.elect(2);
  cluster.propose(2, 'b');
  cluster.settle();
  expect(cluster.applied(1)).toEqual(['∅', 'a', '∅', 'b']);
  expect(cluster.entries(1)).toEqual(['1:∅', '1:a', '2:∅', '2:b']);
});
