import type { ClusterView, NodeView } from '#shared/model/cluster.ts';
import { age, seconds } from '../../app/text.ts';
import { silentMs } from './node-state.ts';

/** The quorum in one sentence: who votes, and what one more failure would do. */
export function clusterHeadline(cluster: ClusterView): string {
  const { voters, votersHealthy, failuresTolerated, leaderId } = cluster;
  if (voters === 0) return 'The control plane is starting.';
  if (voters === 1)
    return votersHealthy === 1 ? 'One node keeps everything.' : 'The only node is down. Writes have stopped.';
  const votes = `${votersHealthy} of ${voters} nodes ${votersHealthy === 1 ? 'votes' : 'vote'}.`;
  if (failuresTolerated < 0) return `${votes} Writes have stopped.`;
  if (leaderId === null) return `${votes} A leader is being elected.`;
  if (failuresTolerated === 0) return `${votes} One more failure stops writes.`;
  return `${votes} Writes survive ${failuresTolerated === 1 ? 'one failure' : `${failuresTolerated} failures`}.`;
}

/** What the sentence rests on: the leader, the last commit, and who is missing and why. */
export function clusterEvidence(cluster: ClusterView, nowMs: number): string {
  const parts: string[] = [];
  if (cluster.leaderId !== null) parts.push(`${cluster.leaderId} leads term ${cluster.term}.`);
  if (cluster.lastCommitAtMs !== null) parts.push(`Last commit ${lastCommitAge(nowMs - cluster.lastCommitAtMs)} ago.`);
  for (const node of cluster.nodes) {
    const absence = absenceOf(node, cluster, nowMs);
    if (absence !== null) parts.push(absence);
  }
  return parts.join(' ');
}

function lastCommitAge(ms: number): string {
  return ms < 10_000 ? seconds(Math.max(0, ms)) : age(ms);
}

function absenceOf(node: NodeView, cluster: ClusterView, nowMs: number): string | null {
  const { condition, id } = node;
  switch (condition.state) {
    case 'cut-off':
      return `${id} is cut off by a drill and comes back in ${age(Math.max(0, condition.untilMs - nowMs))}.`;
    case 'stopped': {
      const drill = cluster.drills.find(
        (each) => each.endedAtMs === null && each.nodeId === id && each.kind === 'stop',
      );
      if (drill?.untilMs == null) return `${id} is stopped.`;
      return `${id} is stopped by a drill and comes back in ${age(Math.max(0, drill.untilMs - nowMs))}.`;
    }
    case 'fenced':
      return `${id} is fenced until it is rebuilt.`;
    case 'crashed':
      return `${id} has crashed.`;
    case 'starting':
      return `${id} is starting.`;
    case 'running': {
      const silent = silentMs(node, nowMs);
      return silent === null ? null : `${id} has not answered for ${age(silent)}.`;
    }
  }
}
