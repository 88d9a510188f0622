import type { ClusterView, NodeView } from '#shared/model/cluster.ts';
import { age, count, duration } from '../../app/text.ts';
import type { MarkShape } from '../../ui/icon/Mark.tsx';

/** A follower that is further behind is over the limit. */
export const lagEntriesLimit = 1_000;
export const lagMsLimit = 50;
/** What was last heard longer ago is no longer shown as of now. */
const freshWithinMs = 2_000;

/** What can be done about a node that takes no part. */
export type Remedy = 'start' | 'rebuild';

/** How a node is shown on its card. */
export interface NodeState {
  readonly shape: MarkShape;
  /** The accessible word of the shape. */
  readonly word: string;
  readonly text: string;
  /** At the end of the line: where it is, or why it takes no part. */
  readonly detail: string;
  /** Its figures are the last known ones. */
  readonly stale: boolean;
  /** A sentence for which the line has no room. */
  readonly reason: string | null;
  readonly remedy: Remedy | null;
}

/** One named figure of a card. */
export interface NodeFact {
  readonly name: string;
  readonly value: string;
  readonly unit?: string;
  readonly over?: boolean;
}

/** How long a node has been silent; null while it is heard. */
export function silentMs(node: NodeView, nowMs: number): number | null {
  const silent = nowMs - node.heardAtMs;
  return silent > freshWithinMs ? silent : null;
}

/** "Follower", "Leader": the word of a role. */
export function roleWord(node: NodeView): string {
  switch (node.role) {
    case 'pre-candidate':
    case 'candidate':
      return 'Candidate';
    case 'none':
      return node.votes ? 'Voter' : 'No role';
    default:
      return `${node.role[0]?.toUpperCase()}${node.role.slice(1)}`;
  }
}

/** Threads run in this app; others name their host. */
export function placeOf(node: NodeView): string {
  return node.address.startsWith('thread ') ? 'this machine' : node.address;
}

/** The state of a node in shape and words, with what can be done. */
export function nodeState(node: NodeView, cluster: ClusterView, nowMs: number): NodeState {
  const { condition } = node;
  const place = placeOf(node);
  const base = { reason: null, remedy: null, stale: false, detail: place } as const;
  switch (condition.state) {
    case 'starting':
      return { ...base, shape: 'running', word: 'Starting', text: 'Starting' };
    case 'stopped': {
      const byDrill = cluster.drills.some((drill) => drill.endedAtMs === null && drill.nodeId === node.id);
      const text = `Stopped for ${age(nowMs - condition.sinceMs)}`;
      const detail = byDrill ? 'stopped by a drill' : place;
      return { ...base, shape: 'paused', word: 'Stopped', text, detail, stale: true, remedy: byDrill ? null : 'start' };
    }
    case 'cut-off':
      return {
        ...base,
        shape: 'stale',
        word: 'Stale',
        text: `Stale for ${age(nowMs - condition.sinceMs)}`,
        detail: 'cut off by a drill',
        stale: true,
      };
    case 'fenced':
      return {
        ...base,
        shape: 'failed',
        word: 'Fenced',
        text: `Fenced for ${age(nowMs - condition.sinceMs)}`,
        detail: 'does not vote',
        stale: true,
        reason: condition.reason,
        remedy: 'rebuild',
      };
    case 'crashed':
      return {
        ...base,
        shape: 'failed',
        word: 'Crashed',
        text: `Crashed ${age(nowMs - condition.sinceMs)} ago`,
        stale: true,
        reason: condition.reason,
        remedy: 'start',
      };
    case 'running':
      return runningState(node, cluster, nowMs, place);
  }
}

function runningState(node: NodeView, cluster: ClusterView, nowMs: number, place: string): NodeState {
  const base = { reason: null, remedy: null, stale: false, detail: place } as const;
  const silent = silentMs(node, nowMs);
  if (silent !== null) {
    const text = `Stale for ${age(silent)}`;
    return { ...base, shape: 'stale', word: 'Stale', text, detail: 'does not answer', stale: true };
  }
  if (node.id === cluster.leaderId) {
    const text = node.leaderSinceMs === null ? 'Leads' : `Leads for ${age(nowMs - node.leaderSinceMs)}`;
    return { ...base, shape: 'done', word: 'Healthy', text };
  }
  if (node.role === 'candidate' || node.role === 'pre-candidate')
    return { ...base, shape: 'running', word: 'Election', text: 'Asks for votes' };
  const behind = (node.lagEntries ?? 0) > 0 && (node.role === 'learner' || isOver(node));
  if (behind) return { ...base, shape: 'running', word: 'Catching up', text: 'Catching up' };
  if (cluster.leaderId === null) return { ...base, shape: 'running', word: 'Election', text: 'Waits for a leader' };
  return { ...base, shape: 'done', word: 'Healthy', text: 'Up to date' };
}

/** Whether a node's lag is over the limit, in entries or in time. */
export function isOver(node: Pick<NodeView, 'lagEntries' | 'lagMs'>): boolean {
  return (node.lagEntries ?? 0) > lagEntriesLimit || (node.lagMs ?? 0) > lagMsLimit;
}

/** The figures of a card: those of a leader differ from those of the others. */
export function nodeFacts(node: NodeView, cluster: ClusterView, nowMs: number): NodeFact[] {
  const known = node.term > 0;
  const figure = (value: number): string => (known ? count(value) : '–');
  const facts: NodeFact[] = [
    { name: 'Term', value: figure(node.term) },
    { name: 'Committed', value: figure(node.commitIndex) },
    { name: 'Applied', value: figure(node.appliedIndex) },
  ];
  if (node.id === cluster.leaderId) {
    facts.push({ name: 'Writes', value: count(node.writesPerSecond), unit: '/s' });
    facts.push(
      node.fsyncP99Ms === null
        ? { name: 'Fsync p99', value: '–' }
        : { name: 'Fsync p99', value: node.fsyncP99Ms.toFixed(1), unit: 'ms' },
    );
    return facts;
  }
  const contactMs = node.leaderContactAtMs === null ? null : Math.max(0, nowMs - node.leaderContactAtMs);
  facts.push({ name: 'Last contact', value: contactMs === null ? '–' : contactText(contactMs) });
  facts.push({
    name: 'Lag',
    value: node.lagEntries === null ? 'unknown' : count(node.lagEntries),
    over: (node.lagEntries ?? 0) > lagEntriesLimit,
  });
  return facts;
}

function contactText(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : duration(ms);
}
