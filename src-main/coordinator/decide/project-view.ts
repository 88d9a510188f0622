/** A project as the shell shows it: counts and totals over its lanes, tasks and merges. */
import type { LaneView, ProjectView } from '#shared/contract/views.ts';
import type { Lane } from '#shared/model/lane.ts';
import type { Merge } from '#shared/model/merge.ts';
import type { Task } from '#shared/model/task.ts';

/** What the counts are made from. */
export interface CountFacts {
  /** Rows of live lanes and of failed ones. */
  readonly lanes: readonly Pick<LaneView, 'status' | 'end'>[];
  readonly tasks: readonly Task[];
  readonly openMerges: readonly Merge[];
}

/** The numbers in rail and headline. */
export function countsOf({ lanes, tasks, openMerges }: CountFacts): ProjectView['counts'] {
  const tasksIn = (state: Task['status']['state']): number =>
    tasks.filter((task) => task.status.state === state).length;
  return {
    lanesWaiting: lanes.filter((lane) => lane.status === 'waiting').length,
    lanesLive: lanes.filter((lane) => lane.end === null).length,
    lanesRunning: lanes.filter((lane) => lane.status === 'running' || lane.status === 'preparing').length,
    tasks: tasks.length,
    tasksMerged: tasksIn('merged'),
    tasksFailed: tasksIn('failed'),
    tasksOpen: tasksIn('open'),
    mergeQueue: openMerges.length,
  };
}

/** Totals of the day that began at `dayStartMs`; tokens and cost are those of the given lanes. */
export function totalsOf(
  lanes: readonly Pick<LaneView, 'usage'>[],
  ended: readonly Lane[],
  dayStartMs: number,
): ProjectView['totals'] {
  let tokens = 0;
  let costUsd: number | null = null;
  for (const { usage } of lanes) {
    if (usage === null) continue;
    tokens += usage.inputTokens + usage.outputTokens;
    if (usage.costUsd !== null) costUsd = (costUsd ?? 0) + usage.costUsd;
  }
  const mergedToday = ended.filter((lane) => lane.end?.kind === 'merged' && (lane.endedAtMs ?? 0) >= dayStartMs).length;
  return { mergedToday, tokens, costUsd };
}
