/** Makes the picture of the cluster that people see. Pure: everything it needs comes in. */
import type { ClusterView, Drill, LatencySample, NodeView } from '#shared/model/cluster.ts';
import type { ConfState } from '../core/message.ts';
import type { NodeStatus, PeerStatus } from '../host/node-status.ts';
import type { ClusterNode } from './cluster-node.ts';
import type { LeadershipHistory } from './leadership-history.ts';

/** A node that was silent for longer takes no part, whatever its condition says. */
const heardWithinMs = 2_000;

export interface ClusterPicture {
  readonly nodes: readonly ClusterNode[];
  readonly history: LeadershipHistory;
  readonly latency: readonly LatencySample[];
  readonly drills: readonly Drill[];
  readonly nowMs: number;
}

/** The node that leads in the newest term, among those that take part. */
export function leaderOf(nodes: readonly ClusterNode[]): ClusterNode | null {
  let leader: ClusterNode | null = null;
  for (const node of nodes) {
    if (node.condition.state !== 'running' || node.status?.role !== 'leader') continue;
    if (leader === null || node.status.term > (leader.status?.term ?? 0)) leader = node;
  }
  return leader;
}

/** The configuration as the furthest node knows it. */
export function configurationOf(nodes: readonly ClusterNode[]): ConfState | null {
  let furthest: NodeStatus | null = null;
  for (const { status } of nodes) {
    if (status && (furthest === null || status.appliedIndex > furthest.appliedIndex)) furthest = status;
  }
  return furthest?.confState ?? null;
}

export interface Health {
  readonly voters: number;
  readonly votersHealthy: number;
  readonly failuresTolerated: number;
}

/** How many may fail before writes stop; `without` leaves out nodes that a drill is about to take away. */
export function healthOf(nodes: readonly ClusterNode[], nowMs: number, without: readonly ClusterNode[] = []): Health {
  const conf = configurationOf(nodes);
  const voters = conf?.voters ?? [];
  const healthy = voters.filter((peer) =>
    nodes.some((node) => node.peer === peer && takesPart(node, nowMs) && !without.includes(node)),
  );
  const quorum = Math.floor(voters.length / 2) + 1;
  return {
    voters: voters.length,
    votersHealthy: healthy.length,
    failuresTolerated: healthy.length - quorum,
  };
}

function takesPart(node: ClusterNode, nowMs: number): boolean {
  return node.condition.state === 'running' && nowMs - node.heardAtMs <= heardWithinMs;
}

/** How far `node` is behind its leader: 0 for the leader itself, null when nobody knows. */
export function lagOf(node: ClusterNode, leader: ClusterNode | null): Pick<PeerStatus, 'lagEntries' | 'lagMs'> | null {
  if (!leader?.status) return null;
  if (leader === node) return { lagEntries: 0, lagMs: 0 };
  return leader.status.peers.find(({ peer }) => peer === node.peer) ?? null;
}

export function toClusterView(picture: ClusterPicture): ClusterView {
  const { nodes, history, latency, drills, nowMs } = picture;
  const leader = leaderOf(nodes);
  const conf = configurationOf(nodes);
  return {
    leaderId: leader?.id ?? null,
    term: Math.max(0, ...nodes.map((node) => node.status?.term ?? 0)),
    ...healthOf(nodes, nowMs),
    lastCommitAtMs: latest(nodes.map((node) => node.status?.lastCommitAtMs ?? null)),
    nodes: nodes.map((node) => toNodeView(node, leader, conf, history)),
    latency: [...latency],
    leadership: history.spans(),
    absences: history.absences(),
    drills: [...drills],
  };
}

function toNodeView(
  node: ClusterNode,
  leader: ClusterNode | null,
  conf: ConfState | null,
  history: LeadershipHistory,
): NodeView {
  const { status, condition } = node;
  const lag = lagOf(node, leader);
  const votes = conf?.voters.includes(node.peer) ?? false;
  const learns = conf?.learners.includes(node.peer) ?? false;
  const span = history.spans().findLast(({ nodeId, toMs }) => nodeId === node.id && toMs === null);
  return {
    id: node.id,
    address: `thread ${node.peer}`,
    role: !node.serves || !status ? 'none' : learns ? 'learner' : status.role,
    votes,
    condition,
    term: status?.term ?? 0,
    lastIndex: status?.lastIndex ?? 0,
    commitIndex: status?.commitIndex ?? 0,
    appliedIndex: status?.appliedIndex ?? 0,
    snapshotIndex: status?.snapshotIndex ?? 0,
    logBytes: status?.logBytes ?? 0,
    stateHash: status?.stateHash ?? null,
    leaderSinceMs: leader === node ? (span?.fromMs ?? null) : null,
    heardAtMs: node.heardAtMs,
    leaderContactAtMs: status?.leaderContactAtMs ?? null,
    lagEntries: lag?.lagEntries ?? null,
    lagMs: lag?.lagMs ?? null,
    writesPerSecond: condition.state === 'running' ? (status?.appliedPerSecond ?? 0) : 0,
    fsyncP99Ms: condition.state === 'running' ? (status?.fsync.p99Ms ?? null) : null,
    lagSamples: node.lagSamples.toArray(),
  };
}

function latest(times: readonly (number | null)[]): number | null {
  const known = times.filter((time) => time !== null);
  return known.length === 0 ? null : Math.max(...known);
}
