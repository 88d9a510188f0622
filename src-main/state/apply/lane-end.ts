/** What ending a lane means for its task and its merges; one meaning for everyone who ends one. */
import type { Failure } from '#shared/base/result.ts';
import type { ClaimToken, TaskId } from '#shared/model/ids.ts';
import type { Lane, LaneEnd } from '#shared/model/lane.ts';
import type { Project } from '#shared/model/project.ts';
import type { Task } from '#shared/model/task.ts';
import type { Refusal } from '../command.ts';
import { refuse } from './refusal.ts';
import type { Step } from './step.ts';

/** What becomes of the task of a lane that ends. */
export type TaskFate = 'reopen' | 'reopen-free' | 'fail';

/** Whether the task is held by this lane under this token, be it claimed or submitted. */
export function isHeldBy(task: Task, lane: Pick<Lane, 'id' | 'token'>): boolean {
  const { status } = task;
  return (
    (status.state === 'claimed' || status.state === 'submitted') &&
    status.laneId === lane.id &&
    status.token === lane.token
  );
}

/** Gives up a held task and returns it as it is now. */
export function releaseTask(
  { tables }: Step,
  project: Project,
  task: Task,
  lane: Lane,
  fate: TaskFate,
  reason: string,
  atMs: number,
): Task {
  const attempts = fate === 'reopen' ? task.attempts + 1 : task.attempts;
  const isUsedUp = fate === 'reopen' && attempts >= project.attemptsMax;
  const released: Task =
    fate === 'fail' || isUsedUp
      ? { ...task, attempts, status: { state: 'failed', reason, laneId: lane.id, atMs } }
      : { ...task, attempts, status: { state: 'open' } };
  tables.task.put(released);
  return released;
}

/** Ends the lane. Its task and its token stay written on it, as facts. */
export function endLane({ tables }: Step, lane: Lane, end: LaneEnd, atMs: number): void {
  tables.lane.put({ ...lane, stage: 'ended', end, endedAtMs: atMs });
}

/**
 * Rejects the open merges of a task as withdrawn. Refuses when one is landing: the target may
 * be moving at this moment, and whether it did must be known first.
 */
export function withdrawMerges(
  { tables }: Step,
  task: Pick<Task, 'id' | 'key' | 'projectId'>,
  detail: string,
  atMs: number,
): Failure<Refusal> | null {
  const open = tables.openMerges(task.projectId).filter((merge) => merge.taskId === task.id);
  if (open.some((merge) => merge.stage === 'landing')) {
    return refuse(
      'wrong-state',
      `The work on ${task.key} is landing on the target branch at this moment. Nothing was changed; try again when it has landed.`,
    );
  }
  for (const merge of open) {
    tables.merge.put({ ...merge, stage: 'rejected', rejection: { kind: 'withdrawn', detail }, endedAtMs: atMs });
  }
  return null;
}

/** The refusal of everything that comes under a token that is no longer the task's. */
export function staleToken(what: string, token: ClaimToken | null, taskId: TaskId | null): Failure<Refusal> {
  const claim = token === null ? 'without a claim' : `under claim ${token}`;
  const of = taskId === null ? '' : ` of ${taskId}`;
  return refuse(
    'stale-token',
    `${what} came ${claim}${of}, which no longer holds. Nothing was changed, and the lane's own files were kept; stop this run, its task belongs to someone else by now.`,
  );
}
