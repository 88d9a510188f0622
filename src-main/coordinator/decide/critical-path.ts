/** The chain of unfinished tasks that decides when a plan ends. */
import type { TaskKey } from '#shared/model/ids.ts';
import type { GraphTask } from './task-graph.ts';

/** A task with how long it is expected to take. */
export interface PathTask extends GraphTask {
  /** Merged or cancelled: it takes no more time. */
  readonly finished: boolean;
  readonly durationMs: number;
}

export interface CriticalPath {
  /** For each unfinished task: its own time plus the longest chain that waits for it. */
  readonly weightMs: ReadonlyMap<TaskKey, number>;
  /** The heaviest chain, first task first. Empty when all is finished. */
  readonly chain: readonly TaskKey[];
  /** How long the heaviest chain takes with enough agents. */
  readonly totalMs: number;
}

/**
 * Computes weights from the end of the plan backwards. `tasks` must be free of circles;
 * of two equally heavy tasks the one that comes first in `tasks` is taken.
 */
export function criticalPath(tasks: readonly PathTask[]): CriticalPath {
  const open = tasks.filter((task) => !task.finished);
  const openKeys = new Set(open.map((task) => task.key));
  const dependents = new Map<TaskKey, PathTask[]>(open.map((task) => [task.key, []]));
  const waitingDependents = new Map<TaskKey, number>(open.map((task) => [task.key, 0]));
  for (const task of open) {
    for (const key of new Set(task.dependsOn)) {
      if (!openKeys.has(key)) continue;
      dependents.get(key)?.push(task);
      waitingDependents.set(key, (waitingDependents.get(key) ?? 0) + 1);
    }
  }

  const byKey = new Map(open.map((task) => [task.key, task]));
  const weightMs = new Map<TaskKey, number>();
  const settled = open.filter((task) => waitingDependents.get(task.key) === 0);
  for (let task = settled.pop(); task; task = settled.pop()) {
    weightMs.set(task.key, task.durationMs + heaviest(dependents.get(task.key) ?? [], weightMs).weight);
    for (const key of new Set(task.dependsOn)) {
      const left = (waitingDependents.get(key) ?? 0) - 1;
      waitingDependents.set(key, left);
      const dependency = byKey.get(key);
      if (left === 0 && dependency) settled.push(dependency);
    }
  }

  const roots = open.filter((task) => !task.dependsOn.some((key) => openKeys.has(key)));
  const chain: TaskKey[] = [];
  const first = heaviest(roots, weightMs);
  for (let task = first.task; task; task = heaviest(dependents.get(task.key) ?? [], weightMs).task) {
    chain.push(task.key);
  }
  return { weightMs, chain, totalMs: first.weight };
}

function heaviest(
  tasks: readonly PathTask[],
  weightMs: ReadonlyMap<TaskKey, number>,
): { task: PathTask | null; weight: number } {
  let task: PathTask | null = null;
  let weight = 0;
  for (const candidate of tasks) {
    const candidateWeight = weightMs.get(candidate.key) ?? 0;
    if (task === null || candidateWeight > weight) {
      task = candidate;
      weight = candidateWeight;
    }
  }
  return { task, weight };
}
