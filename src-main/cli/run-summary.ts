/** When a run is over and what came of it: pure, from what the host shows. */
import type { LaneView, TaskView } from '#shared/contract/views.ts';

/** The last line of `gantry run --json`. */
export interface RunSummary {
  readonly tasks: number;
  readonly merged: number;
  readonly failed: number;
  readonly cancelled: number;
  /** Neither ended nor able to start, because a task they wait for did not merge. */
  readonly blocked: number;
  /** How often work went back to its lane because it collided with what had landed. */
  readonly conflicts: number;
  readonly durationMs: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly costUsd: number | null;
  readonly ok: boolean;
}

/** Tasks that can still make progress without a person. */
export function unfinishedTasks(tasks: readonly TaskView[]): TaskView[] {
  const byKey = new Map(tasks.map((task) => [task.key, task]));
  const dead = new Set<string>();
  /** A task is dead when it ended unmerged, or waits for one that is. */
  const isDead = (task: TaskView, seen: ReadonlySet<string>): boolean => {
    if (dead.has(task.key)) return true;
    if (seen.has(task.key)) return false;
    if (task.shown === 'failed' || task.shown === 'cancelled') {
      dead.add(task.key);
      return true;
    }
    if (task.shown !== 'blocked') return false;
    const next = new Set(seen).add(task.key);
    const stuck = task.waitsFor.some((key) => {
      const dependency = byKey.get(key);
      return dependency !== undefined && isDead(dependency, next);
    });
    if (stuck) dead.add(task.key);
    return stuck;
  };
  return tasks.filter((task) => task.shown !== 'merged' && !isDead(task, new Set()));
}

/** Adds up what the tasks and their lanes came to. */
export function summarise(tasks: readonly TaskView[], lanes: readonly LaneView[], durationMs: number): RunSummary {
  const count = (shown: TaskView['shown']): number => tasks.filter((task) => task.shown === shown).length;
  const merged = count('merged');
  const costs = lanes.flatMap((lane) => (lane.usage?.costUsd == null ? [] : [lane.usage.costUsd]));
  return {
    tasks: tasks.length,
    merged,
    failed: count('failed'),
    cancelled: count('cancelled'),
    blocked: count('blocked'),
    conflicts: lanes.reduce((sum, lane) => sum + lane.reworks, 0),
    durationMs,
    inputTokens: lanes.reduce((sum, lane) => sum + (lane.usage?.inputTokens ?? 0), 0),
    outputTokens: lanes.reduce((sum, lane) => sum + (lane.usage?.outputTokens ?? 0), 0),
    costUsd: costs.length === 0 ? null : costs.reduce((sum, cost) => sum + cost, 0),
    ok: merged === tasks.length,
  };
}
