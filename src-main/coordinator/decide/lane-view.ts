/** A lane as the screens show it: stored facts and live ones made into one row. */
import type { Collision, LaneStatus, LaneView } from '#shared/contract/views.ts';
import type { RunReport } from '#shared/contract/worker-protocol.ts';
import type { Lane } from '#shared/model/lane.ts';
import type { Merge } from '#shared/model/merge.ts';
import type { Project } from '#shared/model/project.ts';
import type { Task } from '#shared/model/task.ts';
import { agentLabel } from './agent-label.ts';
import { activityBars, type LaneActivity, waitsForPerson } from './lane-activity.ts';
import { type LaneHealth, laneHealth } from './lane-health.ts';
import { standingCollisions } from './forecast.ts';
import { parseRunId } from './run-id.ts';

/** What a row is made from. */
export interface LaneViewFacts {
  readonly project: Project;
  readonly lane: Lane;
  readonly task: Task | null;
  /** The lane's newest merge. */
  readonly merge: Merge | null;
  readonly activity: LaneActivity;
  readonly report: RunReport | undefined;
  readonly worker: {
    readonly connection: 'connected' | 'starting' | 'unreachable';
    readonly startingSinceMs: number | null;
    readonly heardAtMs: number;
    readonly unreachableBecause: string | null;
  };
  readonly collisions: readonly Collision[];
  /** Files and lines that lie in the worktree now; null while not counted. */
  readonly liveChanges: LaneView['changes'];
  /** The ref that its work was saved as when its worktree went; null when nothing was. */
  readonly savedRef: string | null;
  /** Its kind of agent can be written to while it runs. */
  readonly takesMessages: boolean;
  /** The gate that runs now for this lane. */
  readonly runningGate: string | null;
  readonly nowMs: number;
}

/** The one word for what the lane is doing. */
export function laneStatus(facts: LaneViewFacts): LaneStatus {
  const { lane, task, merge, activity, report } = facts;
  switch (lane.stage) {
    case 'queued':
      return 'queued';
    case 'claimed':
      return 'preparing';
    case 'submitted':
      if (merge?.stage === 'landing') return 'landing';
      return merge?.stage === 'gating' ? 'gating' : 'ready-to-merge';
    case 'ended':
      if (lane.end?.kind === 'merged') return 'merged';
      // A failed lane stays in view as failed only while its task waits for the person.
      return lane.end?.kind === 'failed' && task?.status.state === 'failed' && task.status.laneId === lane.id
        ? 'failed'
        : 'stopped';
    case 'working': {
      const health = healthOf(facts);
      if (health === 'stale') return 'stale';
      if (health === 'starting') return 'preparing';
      const round = lane.runId === null ? -1 : (parseRunId(lane.runId)?.round ?? -1);
      if (report === undefined || round < lane.reworks) return 'preparing';
      if (activity.asks.length > 0) return 'waiting';
      if (report.state === 'paused') return 'paused';
      return waitsForPerson(activity) ? 'waiting' : 'running';
    }
  }
}

function healthOf({ project, lane, activity, report, worker, nowMs }: LaneViewFacts): LaneHealth {
  return laneHealth({
    laneId: lane.id,
    connection: worker.connection,
    workerStartingSinceMs: worker.startingSinceMs,
    workerHeardAtMs: worker.heardAtMs,
    report,
    asking: waitsForPerson(activity),
    stallMs: project.stallMs,
    nowMs,
  });
}

/** The row of one lane. */
export function laneView(facts: LaneViewFacts): LaneView {
  const { project, lane, task, merge, activity, report, nowMs } = facts;
  const status = laneStatus(facts);
  const label = agentLabel(lane.agent);
  const live = lane.stage !== 'ended';
  const gatesTotal = project.gates.length + (task?.gate ? 1 : 0);
  return {
    id: lane.id,
    projectId: lane.projectId,
    number: lane.number,
    status,
    agent: lane.agent,
    agentName: label.name,
    agentShort: label.short,
    taskId: lane.taskId,
    taskKey: task?.key ?? null,
    title: task?.title ?? 'Waits for a task',
    step: stepOf(facts, status),
    ask: status === 'waiting' ? (activity.asks[0] ?? null) : null,
    workspace: lane.workspace,
    changes: lane.stage === 'working' ? (facts.liveChanges ?? lane.changes) : lane.changes,
    collisions: live ? standingCollisions(facts.collisions, merge) : [],
    usage: activity.usage ?? lane.usage,
    cpuPercent: lane.stage === 'working' ? (report?.cpuPercent ?? null) : null,
    memoryBytes: lane.stage === 'working' ? (report?.memoryBytes ?? null) : null,
    activity: activityBars(activity, nowMs),
    attempts: task?.attempts ?? 0,
    reworks: lane.reworks,
    openedAtMs: lane.openedAtMs,
    startedAtMs: lane.startedAtMs,
    endedAtMs: lane.endedAtMs,
    lastEventAtMs: activity.lastEventAtMs ?? report?.lastEventAtMs ?? null,
    end: lane.end,
    gatesPassed: merge === null ? null : merge.gates.filter((gate) => gate.state === 'passed').length,
    gatesTotal: merge === null ? null : gatesTotal,
    can: abilities(facts, status),
  };
}

function stepOf(facts: LaneViewFacts, status: LaneStatus): string {
  const { lane, merge, activity, worker, project } = facts;
  switch (status) {
    case 'queued':
      return 'Waits for a task';
    case 'preparing':
      if (lane.stage === 'working' && healthOf(facts) === 'starting') return 'Starting the worker';
      if (lane.reworks > 0) return `Work came back. ${lane.reworkReason ?? ''}`.trim();
      return lane.stage === 'working' ? 'Starting its agent' : 'Making its worktree';
    case 'stale':
      return worker.unreachableBecause ?? 'The worker does not answer';
    case 'waiting':
      return activity.asks[0]?.title ?? activity.question ?? activity.step;
    case 'running':
      return activity.step || 'Starting';
    case 'paused':
      return 'Paused';
    case 'ready-to-merge':
      return project.autoMerge || merge?.approved
        ? 'In the merge queue'
        : `Ready to merge. ${project.autoMergePausedBecause ?? 'Auto-merge is off.'}`;
    case 'gating':
      return facts.runningGate === null ? 'Checking the merged result' : `Gate: ${facts.runningGate}`;
    case 'landing':
      return `Landing on ${merge?.branch ?? project.targetBranch}`;
    case 'merged':
      return 'Merged';
    case 'failed':
      return whatWasKept(lane.end?.kind === 'failed' ? lane.end.reason : 'Failed.', facts);
    case 'stopped':
      return whatWasKept(
        lane.end?.kind === 'failed' || lane.end?.kind === 'stopped' ? lane.end.reason : 'Stopped.',
        facts,
      );
  }
}

/** The reason, which may be an agent's own words without a full stop, and where its work is. */
function whatWasKept(reason: string, { savedRef }: LaneViewFacts): string {
  if (savedRef === null) return reason;
  return `${reason}${/[.!?]$/.test(reason) ? '' : '.'} Its work is in \`${savedRef}\`.`;
}

function abilities(facts: LaneViewFacts, status: LaneStatus): LaneView['can'] {
  const { project, lane, task, merge } = facts;
  const reachable = status === 'running' || status === 'waiting';
  const landing = status === 'landing';
  const failed = status === 'failed';
  return {
    pause: reachable,
    resume: status === 'paused',
    interrupt: reachable,
    stop: lane.stage !== 'ended' && !landing,
    message: facts.takesMessages && (reachable || status === 'paused'),
    retry: failed,
    handOver: failed || (lane.stage !== 'ended' && !landing && task !== null),
    merge: merge?.stage === 'queued' && lane.stage === 'submitted' && !project.autoMerge && !merge.approved,
  };
}
