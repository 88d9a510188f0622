import type { TaskView } from '#shared/contract/views.ts';
import type { TaskKey } from '#shared/model/ids.ts';
import { clockMinute } from '../../app/text.ts';
import { isOver } from './task-bucket.ts';

/** What the forecast needs of a task. */
export type ForecastTask = Pick<TaskView, 'key' | 'shown' | 'dependsOn' | 'durationMs' | 'startedAtMs' | 'status'>;

/**
 * When each unfinished task ends if lanes are free and nothing goes wrong; a task without an
 * estimate, and all that wait for it, are left out. `tasks` are free of circles.
 */
export function finishTimes(tasks: readonly ForecastTask[], nowMs: number): ReadonlyMap<TaskKey, number> {
  const open = new Map(tasks.filter((task) => !isOver(task)).map((task) => [task.key, task]));
  const finish = new Map<TaskKey, number>();
  const unknown = new Set<TaskKey>();
  for (const start of open.values()) {
    // An explicit stack: a chain of thousands must not exhaust the call stack.
    const path: ForecastTask[] = finish.has(start.key) ? [] : [start];
    for (let task = path.at(-1); task !== undefined; task = path.at(-1)) {
      const waits = task.dependsOn.filter((key) => open.has(key));
      const next = waits.find((key) => !finish.has(key) && !unknown.has(key));
      const nextTask = next === undefined ? undefined : open.get(next);
      if (nextTask !== undefined && path.length <= open.size) {
        path.push(nextTask);
        continue;
      }
      path.pop();
      const leftMs = remainingMs(task, nowMs);
      if (leftMs === null || waits.some((key) => !finish.has(key))) unknown.add(task.key);
      else finish.set(task.key, Math.max(nowMs, ...waits.map((key) => finish.get(key) ?? nowMs)) + leftMs);
    }
  }
  return finish;
}

/** What is left of a task's estimate; null while there is none. */
export function remainingMs(
  task: Pick<TaskView, 'durationMs' | 'startedAtMs' | 'shown'>,
  nowMs: number,
): number | null {
  if (task.durationMs === null) return null;
  const runs = task.shown === 'running' || task.shown === 'gating' || task.shown === 'waiting';
  const spent = runs && task.startedAtMs !== null ? nowMs - task.startedAtMs : 0;
  return Math.max(0, task.durationMs - spent);
}

/** When all of `tasks` are done: in the past for the finished, null where it is not known. */
export function endOf(tasks: readonly ForecastTask[], finish: ReadonlyMap<TaskKey, number>): number | null {
  let end: number | null = null;
  for (const task of tasks) {
    const at = task.status.state === 'merged' ? task.status.atMs : isOver(task) ? null : finish.get(task.key);
    if (at === undefined) return null;
    if (at !== null) end = Math.max(end ?? at, at);
  }
  return end;
}

/** "18:50": an estimate, no more exact than it can be: five minutes once it is half an hour away. */
export function aboutClock(atMs: number, nowMs: number): string {
  const stepMs = atMs - nowMs > 1_800_000 ? 300_000 : 60_000;
  return clockMinute(Math.ceil(atMs / stepMs) * stepMs);
}

/** "45 min", "1 h 20 min", "40 s": how long something takes, roughly. */
export function roughly(ms: number): string {
  if (ms < 60_000) return `${Math.max(1, Math.round(ms / 1_000))} s`;
  const minutes = Math.round(ms / 60_000);
  if (minutes < 90) return `${minutes} min`;
  const rest = minutes % 60;
  return rest === 0 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 60)} h ${rest} min`;
}

/** The unfinished tasks of the critical path, in the order in which they are done. */
export function criticalChain<Task extends Pick<TaskView, 'key' | 'critical' | 'shown' | 'dependsOn'>>(
  tasks: readonly Task[],
): Task[] {
  const left = tasks.filter((task) => task.critical && !isOver(task));
  const chain: Task[] = [];
  while (left.length > 0) {
    const keys = new Set(left.map((task) => task.key));
    const at = left.findIndex((task) => !task.dependsOn.some((key) => keys.has(key)));
    if (at === -1) break;
    chain.push(...left.splice(at, 1));
  }
  return chain;
}
