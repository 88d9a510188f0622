import type { TaskStatus, TaskView } from '#shared/contract/views.ts';
import type { MarkShape } from '../../ui/icon/Mark.tsx';

/** What a task asks of the person, or how far it is, from the most to the least urgent. */
export const taskBuckets = ['waiting', 'failed', 'running', 'ready', 'blocked', 'done', 'cancelled'] as const;
export type TaskBucket = (typeof taskBuckets)[number];

export const bucketWord: Record<TaskBucket, string> = {
  waiting: 'Needs input',
  failed: 'Failed',
  running: 'Running',
  ready: 'Ready',
  blocked: 'Blocked',
  done: 'Done',
  cancelled: 'Cancelled',
};

const bucketOfStatus: Record<TaskStatus, TaskBucket> = {
  waiting: 'waiting',
  failed: 'failed',
  running: 'running',
  gating: 'running',
  ready: 'ready',
  blocked: 'blocked',
  merged: 'done',
  cancelled: 'cancelled',
};

/** The mark of each status. */
export const taskShape: Record<TaskStatus, MarkShape> = {
  waiting: 'waiting',
  failed: 'failed',
  running: 'running',
  gating: 'gating',
  ready: 'queued',
  blocked: 'blocked',
  merged: 'done',
  cancelled: 'paused',
};

/** The word of each status, for those who do not see the mark. */
export const taskStatusWord: Record<TaskStatus, string> = {
  waiting: 'Needs input',
  failed: 'Failed',
  running: 'Running',
  gating: 'Running gates',
  ready: 'Ready',
  blocked: 'Blocked',
  merged: 'Done',
  cancelled: 'Cancelled',
};

/** The bucket of a task. */
export function bucketOf(task: Pick<TaskView, 'shown'>): TaskBucket {
  return bucketOfStatus[task.shown];
}

/** Nothing is to be done for it any more. */
export function isOver(task: Pick<TaskView, 'shown'>): boolean {
  return task.shown === 'merged' || task.shown === 'cancelled';
}

/** How many tasks are in each bucket. */
export function countBuckets(tasks: readonly Pick<TaskView, 'shown'>[]): Record<TaskBucket, number> {
  const counts = { waiting: 0, failed: 0, running: 0, ready: 0, blocked: 0, done: 0, cancelled: 0 };
  for (const task of tasks) counts[bucketOf(task)] += 1;
  return counts;
}
