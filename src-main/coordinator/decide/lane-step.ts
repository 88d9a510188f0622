/** The next thing to do for one lane, derived from what is stored and what the worker says. */
import type { RunReport } from '#shared/contract/worker-protocol.ts';
import type { RunId } from '#shared/model/ids.ts';
import type { Lane } from '#shared/model/lane.ts';
import type { Task } from '#shared/model/task.ts';
import { parseRunId, runIdOf } from './run-id.ts';

/** Facts beside the lane itself. */
export interface LaneStepFacts {
  readonly lane: Lane;
  /** The task that the lane was given; null when it has none. */
  readonly task: Task | null;
  /** The worker answers and has named all its runs. */
  readonly workerConnected: boolean;
  /** What the worker says of `lane.runId`; undefined when it does not know it. */
  readonly report: RunReport | undefined;
}

export type LaneStep =
  | { readonly kind: 'none' }
  /** Make worktree and ports. */
  | { readonly kind: 'prepare' }
  /** Record that this run begins, then start it. `rework`: bring the worktree up to date first. */
  | { readonly kind: 'begin-run'; readonly runId: RunId; readonly rework: boolean }
  /** It is recorded but the worker has never seen it: start it. */
  | { readonly kind: 'start-run'; readonly runId: RunId }
  /** The run is over: decide what becomes of the work. */
  | { readonly kind: 'finish-run'; readonly report: RunReport }
  /** Its task was cancelled, or is somebody else's by now: end it. */
  | { readonly kind: 'let-go'; readonly because: string }
  /** The lane is over: save what it left and remove its worktree. */
  | { readonly kind: 'clean-up' };

/**
 * Pure and total: the same facts always give the same step, and doing a step twice does no
 * harm, so that a lane goes on from its stored state after a crash at any point.
 */
export function decideLaneStep({ lane, task, workerConnected, report }: LaneStepFacts): LaneStep {
  if (lane.stage !== 'queued' && lane.stage !== 'ended' && !holds(lane, task)) {
    return { kind: 'let-go', because: whyLetGo(task) };
  }
  switch (lane.stage) {
    case 'queued':
    case 'submitted':
      return { kind: 'none' };
    case 'claimed':
      if (lane.workspace === null) return { kind: 'prepare' };
      return { kind: 'begin-run', runId: runIdOf(lane.id, { round: lane.reworks, attempt: 1 }), rework: false };
    case 'working':
      return workingStep(lane, workerConnected, report);
    case 'ended':
      return lane.workspace === null ? { kind: 'none' } : { kind: 'clean-up' };
  }
}

function workingStep(lane: Lane, workerConnected: boolean, report: RunReport | undefined): LaneStep {
  const round = lane.runId === null ? null : (parseRunId(lane.runId)?.round ?? null);
  if (lane.runId === null || round === null || round < lane.reworks) {
    return { kind: 'begin-run', runId: runIdOf(lane.id, { round: lane.reworks, attempt: 1 }), rework: true };
  }
  if (report?.state === 'ended') return { kind: 'finish-run', report };
  if (report === undefined && workerConnected) return { kind: 'start-run', runId: lane.runId };
  return { kind: 'none' };
}

/** The run that follows `runId` in the same round. */
export function nextRunId(lane: Lane, runId: RunId): RunId {
  const name = parseRunId(runId);
  return runIdOf(lane.id, { round: lane.reworks, attempt: (name?.attempt ?? 0) + 1 });
}

/** Whether the task is the lane's, be it claimed or submitted. */
export function holds(lane: Pick<Lane, 'id' | 'token'>, task: Task | null): boolean {
  const status = task?.status;
  return (
    (status?.state === 'claimed' || status?.state === 'submitted') &&
    status.laneId === lane.id &&
    status.token === lane.token
  );
}

function whyLetGo(task: Task | null): string {
  switch (task?.status.state) {
    case 'cancelled':
      return 'Its task was cancelled.';
    case 'merged':
      return 'Its task is merged already.';
    default:
      return 'Its task was given to somebody else.';
  }
}
