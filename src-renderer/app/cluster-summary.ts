import type { ClusterView, NodeView } from '#shared/model/cluster.ts';
import { count } from './text.ts';

/** The Raft nodes in one line. */
export interface ClusterSummary {
  /** One dot per voter, in order of its name. */
  readonly dots: readonly ('lead' | 'vote' | 'gone')[];
  readonly sentence: string;
  /** Fewer voters than there are, or no leader. */
  readonly worried: boolean;
  readonly lag: string;
}

/** What the status bar says of the control plane. */
export function clusterSummary(cluster: ClusterView): ClusterSummary {
  const voters = cluster.nodes.filter((node) => node.votes);
  const dots = voters.map((node) =>
    node.condition.state !== 'running' ? 'gone' : node.id === cluster.leaderId ? 'lead' : 'vote',
  );
  const votes = `${cluster.votersHealthy} of ${cluster.voters} nodes vote`;
  const sentence = cluster.leaderId === null ? `no leader, ${votes}` : `${cluster.leaderId} leads, ${votes}`;
  const worst = cluster.nodes.reduce<NodeView | null>(
    (most, node) => ((node.lagEntries ?? 0) > (most?.lagEntries ?? 0) ? node : most),
    null,
  );
  const lag = worst === null ? 'lag 0' : `${worst.id} lags ${count(worst.lagEntries ?? 0)}`;
  return { dots, sentence, worried: cluster.votersHealthy < cluster.voters || cluster.leaderId === null, lag };
}
