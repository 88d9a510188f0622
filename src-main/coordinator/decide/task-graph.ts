/** The dependency graph of a project's tasks: who waits for whom, and whether it has a circle. */
import type { TaskKey } from '#shared/model/ids.ts';
import type { Task } from '#shared/model/task.ts';

/** What the graph needs of a task or of its specification. */
export interface GraphTask {
  readonly key: TaskKey;
  readonly dependsOn: readonly TaskKey[];
}

/**
 * Finds one circle of dependencies and answers its keys in the order in which they depend on
 * each other, the first repeated at the end: `a → b → a`. Null when there is none. Keys that
 * are not in `tasks` are ignored.
 */
export function findCycle(tasks: readonly GraphTask[]): TaskKey[] | null {
  const byKey = new Map(tasks.map((task) => [task.key, task]));
  const finished = new Set<TaskKey>();
  for (const start of tasks) {
    // An explicit stack: a plan of thousands of tasks in one chain must not exhaust the call stack.
    const path: { task: GraphTask; next: number }[] = [];
    const onPath = new Set<TaskKey>();
    const enter = (task: GraphTask): void => {
      path.push({ task, next: 0 });
      onPath.add(task.key);
    };
    if (!finished.has(start.key)) enter(start);
    for (let top = path.at(-1); top; top = path.at(-1)) {
      const key = top.task.dependsOn[top.next];
      top.next += 1;
      if (key === undefined) {
        finished.add(top.task.key);
        onPath.delete(top.task.key);
        path.pop();
        continue;
      }
      if (onPath.has(key)) {
        const keys = path.map((step) => step.task.key);
        return [...keys.slice(keys.indexOf(key)), key];
      }
      const dependency = byKey.get(key);
      if (dependency && !finished.has(key)) enter(dependency);
    }
  }
  return null;
}

/** Whether an open task may be claimed, and the unfinished tasks that it waits for. */
export interface Readiness {
  readonly ready: boolean;
  readonly waitsFor: readonly TaskKey[];
}

/** The readiness of every task by key. Only a merged dependency counts as done. */
export function readinessOf(tasks: readonly Task[]): Map<TaskKey, Readiness> {
  const merged = new Set(tasks.filter((task) => task.status.state === 'merged').map((task) => task.key));
  return new Map(
    tasks.map((task) => {
      const waitsFor = task.dependsOn.filter((key) => !merged.has(key));
      return [task.key, { ready: task.status.state === 'open' && waitsFor.length === 0, waitsFor }];
    }),
  );
}
