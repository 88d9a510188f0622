import type { ClusterView, Drill, DrillKind, NodeView } from '#shared/model/cluster.ts';
import type { NodeId } from '#shared/model/ids.ts';
import { clockMinute, count, counted, duration } from '../../app/text.ts';

/** How long a drill lasts unless it is ended before. */
export const drillMs = 60_000;

/** One drill of the list. */
export interface DrillRow {
  readonly kind: DrillKind;
  readonly title: string;
  readonly detail: string;
  /** What came of it last. */
  readonly last: string;
  /** The words of its button. */
  readonly verb: string;
  readonly running: boolean;
  /** Why it cannot be begun now, on any node. */
  readonly refusal: string | null;
  readonly choices: readonly DrillChoice[];
}

/** A node on which a drill can be run, or why not. */
export interface DrillChoice {
  readonly nodeId: NodeId;
  readonly refusal: string | null;
}

const kinds = ['cut-off', 'stop', 'hand-over', 'slow-disk'] as const satisfies readonly DrillKind[];

const words: Record<DrillKind, { readonly title: string; readonly verb: string; readonly end: string }> = {
  'cut-off': { title: 'Cut off a node', verb: 'Cut off…', end: 'Reconnect' },
  stop: { title: 'Stop a node', verb: 'Stop…', end: 'Start' },
  'hand-over': { title: 'Hand over leadership', verb: 'Hand over…', end: 'End' },
  'slow-disk': { title: 'Slow a disk', verb: 'Slow…', end: 'Speed up' },
};

/** The four drills, with what they would do now. */
export function drillRows(cluster: ClusterView, nowMs: number): DrillRow[] {
  const running = runningDrill(cluster);
  return kinds.map((kind) => {
    const isRunning = running?.kind === kind;
    const choices = choicesOf(cluster, kind);
    const open = choices.filter((choice) => choice.refusal === null);
    const refusal = isRunning || open.length > 0 ? null : commonRefusal(choices);
    return {
      kind,
      title: words[kind].title,
      detail: isRunning ? runningDetail(running, cluster, nowMs) : restingDetail(kind, refusal, open),
      last: lastResult(cluster, kind),
      verb: isRunning ? words[kind].end : words[kind].verb,
      running: isRunning,
      refusal,
      choices,
    };
  });
}

/** The drill that runs; undefined while none does. */
export function runningDrill(cluster: ClusterView): Drill | undefined {
  return cluster.drills.find((drill) => drill.endedAtMs === null);
}

/** The nodes of a drill. For a hand-over they are those that could lead. */
export function choicesOf(cluster: ClusterView, kind: DrillKind): DrillChoice[] {
  return cluster.nodes
    .filter((node) => kind !== 'hand-over' || (node.id !== cluster.leaderId && node.votes))
    .map((node) => ({ nodeId: node.id, refusal: refusalOf(cluster, kind, node) }));
}

function refusalOf(cluster: ClusterView, kind: DrillKind, node: NodeView): string | null {
  const takesAway = kind === 'cut-off' || kind === 'stop';
  if (node.condition.state !== 'running') return `it is ${conditionWord(node)}`;
  if (takesAway && node.votes && cluster.failuresTolerated < 1) return 'it would stop writes';
  if (runningDrill(cluster) !== undefined) return 'one drill at a time';
  if (kind === 'hand-over' && cluster.leaderId === null) return 'there is no leader';
  return null;
}

function conditionWord({ condition }: NodeView): string {
  return condition.state === 'cut-off' ? 'cut off' : condition.state;
}

/** The reason that matters most when no node will do. */
function commonRefusal(choices: readonly DrillChoice[]): string {
  const reasons = choices.flatMap((choice) => (choice.refusal === null ? [] : [choice.refusal]));
  return reasons.find((reason) => !reason.startsWith('it is ')) ?? reasons[0] ?? 'there is no other node';
}

function restingDetail(kind: DrillKind, refusal: string | null, open: readonly DrillChoice[]): string {
  if (refusal !== null) return `Not now: ${refusal}.`;
  switch (kind) {
    case 'cut-off':
      return `Cuts its connections for ${drillMs / 1_000} s. Writes go on.`;
    case 'stop':
      return `Kills it and starts it again after ${drillMs / 1_000} s.`;
    case 'hand-over':
      return open.length === 1
        ? `To ${open[0]?.nodeId}. Readers notice nothing.`
        : 'To another voter. Readers notice nothing.';
    case 'slow-disk':
      return 'Adds 200 ms to each fsync of one node.';
  }
}

function runningDetail(drill: Drill, cluster: ClusterView, nowMs: number): string {
  const writes = cluster.leaderId === null ? 'Writes wait for a leader.' : 'Writes go on.';
  if (drill.untilMs === null) return `${drill.nodeId}. ${writes}`;
  const leftS = Math.max(0, Math.ceil((drill.untilMs - nowMs) / 1_000));
  const totalS = Math.round((drill.untilMs - drill.startedAtMs) / 1_000);
  return `${drill.nodeId}, ${leftS} of ${totalS} s left. ${writes}`;
}

function lastResult(cluster: ClusterView, kind: DrillKind): string {
  const drill = cluster.drills.findLast((each) => each.kind === kind);
  if (drill === undefined) return 'not run yet';
  const lost = drill.writesLost > 0 || drill.endedAtMs === null;
  if (lost) return `${counted(drill.writesLost, 'write')} lost`;
  const at = `at ${clockMinute(drill.startedAtMs)}`;
  if (drill.leaderlessMs !== null) return `${duration(drill.leaderlessMs)} ${at}`;
  return kind === 'hand-over' ? `not taken over ${at}` : `${count(drill.writesCommitted)} writes ${at}`;
}

/** What ends the drill that runs, as a deed: "Reconnect node-3". */
export function endDrillTitle(drill: Drill): string {
  return `${words[drill.kind].end} ${drill.nodeId}`;
}
