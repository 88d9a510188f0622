/** Tasks as the board shows them. */
import type { LaneStatus, TaskStatus, TaskView } from '#shared/contract/views.ts';
import type { AgentRef } from '#shared/model/agent.ts';
import type { LaneId, TaskId, TaskKey } from '#shared/model/ids.ts';
import type { Lane } from '#shared/model/lane.ts';
import type { Task } from '#shared/model/task.ts';
import { agentLabel } from './agent-label.ts';
import { criticalPath, type PathTask } from './critical-path.ts';
import { readinessOf } from './task-graph.ts';

/** What the cards are made from. */
export interface TaskViewFacts {
  readonly tasks: readonly Task[];
  /** Live lanes and recent ended ones. */
  readonly lanes: readonly Lane[];
  /** What each live lane is doing. */
  readonly laneStatus: ReadonlyMap<LaneId, LaneStatus>;
  /** Kinds of agents that are kept busy. */
  readonly fleetAgents: readonly AgentRef[];
  /** Tasks held back after a failure, until when. */
  readonly notBeforeMs: ReadonlyMap<TaskId, number>;
  readonly nowMs: number;
}

/** An estimate for tasks while nothing has ended yet, for weights only; never shown. */
const unknownDurationMs = 60_000;

/** How long each task took or is expected to take, and whether that was learnt from anything. */
export function durationsOf(
  tasks: readonly Task[],
  lanes: readonly Lane[],
): { of: (task: Task) => number; known: boolean } {
  const measured = new Map<TaskId, number>();
  for (const lane of lanes) {
    if (lane.taskId === null || lane.end?.kind !== 'merged' || lane.startedAtMs === null || lane.endedAtMs === null)
      continue;
    measured.set(lane.taskId, lane.endedAtMs - lane.startedAtMs);
  }
  const sorted = tasks
    .map((task) => measured.get(task.id))
    .filter((each) => each !== undefined)
    .sort((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)];
  return { of: (task) => measured.get(task.id) ?? median ?? unknownDurationMs, known: median !== undefined };
}

/** The tasks as the critical path needs them. */
export function pathTasks(tasks: readonly Task[], durationOf: (task: Task) => number): PathTask[] {
  return tasks.map((task) => ({
    key: task.key,
    dependsOn: task.dependsOn,
    finished: task.status.state === 'merged' || task.status.state === 'cancelled',
    durationMs: durationOf(task),
  }));
}

/** All cards of a project, in order of arrival. */
export function taskViews(facts: TaskViewFacts): TaskView[] {
  const readiness = readinessOf(facts.tasks);
  const durations = durationsOf(facts.tasks, facts.lanes);
  const path = criticalPath(pathTasks(facts.tasks, durations.of));
  const critical = new Set<TaskKey>(path.chain.length > 1 ? path.chain : []);
  const lanes = new Map<LaneId, Lane>(facts.lanes.map((lane) => [lane.id, lane]));

  return facts.tasks.map((task) => {
    const { status } = task;
    const laneId = 'laneId' in status ? status.laneId : null;
    const lane = laneId === null ? undefined : lanes.get(laneId);
    const waitsFor = [...(readiness.get(task.key)?.waitsFor ?? [])];
    const finished = status.state === 'merged' || status.state === 'cancelled';
    return {
      ...task,
      shown: shownStatus(task, waitsFor.length > 0, laneId === null ? undefined : facts.laneStatus.get(laneId)),
      waitsFor: finished ? [] : waitsFor,
      laneId,
      laneNumber: lane?.number ?? null,
      agentShort: lane ? agentLabel(lane.agent).short : task.agent === null ? null : agentLabel(task.agent).short,
      critical: critical.has(task.key),
      durationMs: durations.known && status.state !== 'cancelled' ? durations.of(task) : null,
      startedAtMs: lane?.startedAtMs ?? null,
      note: noteOf(task, lane, facts),
    };
  });
}

function shownStatus(task: Task, blocked: boolean, lane: LaneStatus | undefined): TaskStatus {
  switch (task.status.state) {
    case 'open':
      return blocked ? 'blocked' : 'ready';
    case 'claimed':
      return lane === 'waiting' ? 'waiting' : 'running';
    case 'submitted':
      return lane === 'waiting' ? 'waiting' : 'gating';
    case 'merged':
    case 'failed':
    case 'cancelled':
      return task.status.state;
  }
}

function noteOf(task: Task, lane: Lane | undefined, facts: TaskViewFacts): string | null {
  const { status } = task;
  if (status.state === 'failed') return status.reason;
  if (status.state === 'claimed') return lane && lane.reworks > 0 ? lane.reworkReason : null;
  if (status.state !== 'open') return null;
  if (task.agent !== null && !facts.fleetAgents.includes(task.agent)) {
    return `Waits for ${agentLabel(task.agent).name}, of which no agent is spawned.`;
  }
  const notBeforeMs = facts.notBeforeMs.get(task.id);
  if (notBeforeMs === undefined || notBeforeMs <= facts.nowMs) return null;
  const times = ['never', 'once', 'twice'][task.attempts] ?? `${task.attempts} times`;
  return `Failed ${times}, is tried again soon.`;
}
