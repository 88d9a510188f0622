/** Which task is to be worked on next. */
import type { AgentRef } from '#shared/model/agent.ts';
import type { TaskId, TaskKey } from '#shared/model/ids.ts';
import type { Task } from '#shared/model/task.ts';
import { readinessOf } from './task-graph.ts';

/** True when `agent` may take the task. */
export function accepts(task: Pick<Task, 'agent'>, agent: AgentRef): boolean {
  return task.agent === null || task.agent === agent;
}

/** Facts that hold a ready task back for a while. */
export interface QueueFacts {
  readonly tasks: readonly Task[];
  /** Time that hangs on each task (`criticalPath`). */
  readonly weightMs: ReadonlyMap<TaskKey, number>;
  /** Tasks that may not be claimed before this time, because they failed just now. */
  readonly notBeforeMs: ReadonlyMap<TaskId, number>;
  readonly nowMs: number;
}

/**
 * Tasks that may be claimed now, the one to take first in front: by priority, then by what
 * hangs on them, then in the order in which they came.
 */
export function claimableTasks(facts: QueueFacts): Task[] {
  const readiness = readinessOf(facts.tasks);
  return facts.tasks
    .filter((task) => readiness.get(task.key)?.ready && (facts.notBeforeMs.get(task.id) ?? 0) <= facts.nowMs)
    .sort(
      (a, b) =>
        a.priority - b.priority ||
        (facts.weightMs.get(b.key) ?? 0) - (facts.weightMs.get(a.key) ?? 0) ||
        a.order - b.order,
    );
}
