/** How the fleet that a person wants becomes lanes and claims. */
import type { AgentRef } from '#shared/model/agent.ts';
import type { LaneId, TaskId } from '#shared/model/ids.ts';
import type { Lane } from '#shared/model/lane.ts';
import type { Task } from '#shared/model/task.ts';
import { accepts } from './queue.ts';

/** What the plan is made from. */
export interface FleetFacts {
  /** How many agents of each kind are to be kept busy. */
  readonly fleet: readonly { readonly agent: AgentRef; readonly count: number }[];
  /** Lanes that have not ended. */
  readonly lanes: readonly Lane[];
  /** Open tasks, whether ready or blocked. */
  readonly openTasks: readonly Task[];
  /** Tasks that may be claimed now, the first to take in front (`claimableTasks`). */
  readonly claimable: readonly Task[];
  /** Kinds of agents that must not begin anything now. */
  readonly resting: ReadonlySet<AgentRef>;
}

/** Commands to propose, in this order. */
export interface FleetPlan {
  readonly close: readonly LaneId[];
  readonly claims: readonly { readonly laneId: LaneId; readonly taskId: TaskId }[];
  /** One entry for each lane to open. */
  readonly open: readonly AgentRef[];
}

/**
 * Matches wishes with what is there. A lane is busy from its claim until its work is submitted;
 * one whose work waits in the merge queue frees its place, and when that work comes back it
 * runs beside its replacement. No more lanes wait for a task than there are open tasks that
 * they could take; those beyond the fleet or without any task in sight are closed.
 */
export function planFleet(facts: FleetFacts): FleetPlan {
  const queued = facts.lanes.filter((lane) => lane.stage === 'queued').sort((a, b) => a.number - b.number);
  const claims: { laneId: LaneId; taskId: TaskId }[] = [];
  const close: LaneId[] = [];
  const open: AgentRef[] = [];
  const wanted = new Map(facts.fleet.map((entry) => [entry.agent, entry.count]));

  // Places each kind has for lanes that wait or begin.
  const places = new Map<AgentRef, number>();
  for (const [agent, count] of wanted) {
    const busy = facts.lanes.filter(
      (lane) => lane.agent === agent && (lane.stage === 'claimed' || lane.stage === 'working'),
    ).length;
    places.set(agent, Math.max(0, count - busy));
  }

  const free = new Map<AgentRef, Lane[]>();
  for (const lane of queued) {
    const kept = free.get(lane.agent) ?? [];
    free.set(lane.agent, kept);
    if (kept.length < (places.get(lane.agent) ?? 0)) kept.push(lane);
    else close.push(lane.id);
  }

  const taken = new Set<TaskId>();
  for (const task of facts.claimable) {
    const lane = firstFree(free, (agent) => accepts(task, agent) && !facts.resting.has(agent));
    if (!lane) continue;
    removeFrom(free, lane);
    places.set(lane.agent, (places.get(lane.agent) ?? 0) - 1);
    claims.push({ laneId: lane.id, taskId: task.id });
    taken.add(task.id);
  }

  // What is left of the open tasks is the reason for lanes to wait: ready ones first.
  const claimable = new Set(facts.claimable.map((task) => task.id));
  const rest = facts.openTasks.filter((task) => !taken.has(task.id));
  const demand = [...rest.filter((task) => claimable.has(task.id)), ...rest.filter((task) => !claimable.has(task.id))];
  for (const task of demand) {
    const waiting = firstFree(free, (agent) => accepts(task, agent));
    if (waiting) {
      removeFrom(free, waiting);
      places.set(waiting.agent, (places.get(waiting.agent) ?? 0) - 1);
      continue;
    }
    for (const [agent, count] of places) {
      if (count <= 0 || !accepts(task, agent)) continue;
      open.push(agent);
      places.set(agent, count - 1);
      break;
    }
  }
  for (const lanes of free.values()) close.push(...lanes.map((lane) => lane.id));
  return { close, claims, open };
}

function firstFree(free: ReadonlyMap<AgentRef, Lane[]>, suits: (agent: AgentRef) => boolean): Lane | null {
  let first: Lane | null = null;
  for (const [agent, lanes] of free) {
    const lane = lanes[0];
    if (lane && suits(agent) && (first === null || lane.number < first.number)) first = lane;
  }
  return first;
}

function removeFrom(free: Map<AgentRef, Lane[]>, lane: Lane): void {
  free.set(
    lane.agent,
    (free.get(lane.agent) ?? []).filter((each) => each.id !== lane.id),
  );
}
