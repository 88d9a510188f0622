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

  // A task for any agent leaves lanes alone that others can only be done by.
  const wantedByName = new Set(facts.claimable.map((task) => task.agent));
  const taken = new Set<TaskId>();
  for (const task of facts.claimable) {
    const suits = (agent: AgentRef): boolean => accepts(task, agent) && !facts.resting.has(agent);
    const lane =
      (task.agent === null ? firstFree(free, (agent) => suits(agent) && !wantedByName.has(agent)) : null) ??
      firstFree(free, suits);
    if (!lane) continue;
    free.set(
      lane.agent,
      (free.get(lane.agent) ?? []).filter((each) => each.id !== lane.id),
    );
    places.set(lane.agent, (places.get(lane.agent) ?? 0) - 1);
    claims.push({ laneId: lane.id, taskId: task.id });
    taken.add(task.id);
  }

  const rest = facts.openTasks.filter((task) => !taken.has(task.id));
  for (const [agent, target] of waitingTargets(rest, places, free)) {
    const waiting = free.get(agent) ?? [];
    for (let count = waiting.length; count < target; count += 1) open.push(agent);
    close.push(...waiting.slice(target).map((lane) => lane.id));
  }
  return { close, claims, open };
}

/**
 * How many lanes of each kind are to wait: for tasks that name the kind, then for tasks that
 * any kind may take, where lanes that wait already come first. Doing what it says and asking
 * again gives the same answer, so lanes are not opened and closed by turns.
 */
function waitingTargets(
  tasks: readonly Task[],
  places: ReadonlyMap<AgentRef, number>,
  free: ReadonlyMap<AgentRef, readonly Lane[]>,
): Map<AgentRef, number> {
  const targets = new Map<AgentRef, number>();
  for (const agent of new Set([...places.keys(), ...free.keys()])) {
    const named = tasks.filter((task) => task.agent === agent).length;
    targets.set(agent, Math.min(places.get(agent) ?? 0, named));
  }
  let forAny = tasks.filter((task) => task.agent === null).length;
  const raise = (limitOf: (agent: AgentRef) => number): void => {
    for (const [agent, target] of targets) {
      const more = Math.min(forAny, Math.max(0, limitOf(agent) - target));
      targets.set(agent, target + more);
      forAny -= more;
    }
  };
  raise((agent) => free.get(agent)?.length ?? 0);
  raise((agent) => places.get(agent) ?? 0);
  return targets;
}

function firstFree(free: ReadonlyMap<AgentRef, Lane[]>, suits: (agent: AgentRef) => boolean): Lane | null {
  let first: Lane | null = null;
  for (const [agent, lanes] of free) {
    const lane = lanes[0];
    if (lane && suits(agent) && (first === null || lane.number < first.number)) first = lane;
  }
  return first;
}
