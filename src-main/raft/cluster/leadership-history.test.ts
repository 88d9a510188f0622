import { expect, it } from 'vitest';
import type { NodeId } from '#shared/model/ids.ts';
import { LeadershipHistory } from './leadership-history.ts';

const [one, two] = ['node-1', 'node-2'] as NodeId[] as [NodeId, NodeId];

it('measures the first election from the start of the nodes, later ones from the loss of a leader', () => {
  const history = new LeadershipHistory(1_000);
  expect(history.leaderlessSinceMs).toBe(1_000);
  expect(history.leads(one, 1, 1_184)).toMatchObject({ cause: 'start', electionMs: 184 });
  expect(history.leads(one, 1, 1_900)).toBeNull();
  history.lost(one, 5_000);
  expect(history.leaderlessSinceMs).toBe(5_000);
  expect(history.leads(two, 2, 5_212)).toMatchObject({ cause: 'election', electionMs: 212 });
  expect(history.leaderlessSinceMs).toBeNull();
});
