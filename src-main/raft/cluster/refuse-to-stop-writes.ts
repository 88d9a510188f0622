/** Keeps people from taking away the node that writes need. */
import { GantryError } from '#shared/contract/error.ts';
import type { ClusterNode } from './cluster-node.ts';
import { configurationOf, healthOf } from './cluster-view.ts';

/** Throws `would-stop-writes` with the figures when the voters left without `node` are no quorum. */
export function refuseToStopWrites(nodes: readonly ClusterNode[], node: ClusterNode, nowMs: number): void {
  const votes = configurationOf(nodes)?.voters.includes(node.peer) ?? false;
  const health = healthOf(nodes, nowMs, [node]);
  if (!votes || health.failuresTolerated >= 0) return;
  const needed = Math.floor(health.voters / 2) + 1;
  throw new GantryError(
    'would-stop-writes',
    `Without ${node.id} only ${health.votersHealthy} of ${health.voters} voters would be left and ${needed} are needed: writes would stop. Nothing was done.`,
  );
}
