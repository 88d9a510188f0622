/** Looks up what a fenced command speaks of, and refuses it when its token is stale. */
import { assertDefined } from '#shared/base/assert.ts';
import { ok, type Result } from '#shared/base/result.ts';
import type { ClaimToken, LaneId, MergeId } from '#shared/model/ids.ts';
import type { Lane } from '#shared/model/lane.ts';
import type { Project } from '#shared/model/project.ts';
import type { Task } from '#shared/model/task.ts';
import type { MergeRow } from '../columns.ts';
import type { Refusal } from '../command.ts';
import { isHeldBy, staleToken } from './lane-end.ts';
import { notFound } from './refusal.ts';
import type { Step } from './step.ts';

/** A lane with the task that it holds. */
export interface HeldLane {
  readonly lane: Lane;
  readonly task: Task;
  readonly project: Project;
}

/** A merge with the lane and the task it belongs to. */
export interface HeldMerge extends HeldLane {
  readonly merge: MergeRow;
}

/** The lane and its task, while it holds the task under `token`. */
export function fencedLane({ tables }: Step, laneId: LaneId, token: ClaimToken): Result<HeldLane, Refusal> {
  const lane = tables.lane.get(laneId);
  if (lane === null) return notFound(`Lane ${laneId}`);
  const task = lane.taskId === null ? null : tables.task.get(lane.taskId);
  if (lane.stage === 'ended' || lane.token !== token || task === null || !isHeldBy(task, lane)) {
    return staleToken(`What lane ${lane.number} reported`, token, lane.taskId);
  }
  const project = assertDefined(tables.project.get(lane.projectId), 'a lane belongs to a project');
  return ok({ lane, task, project });
}

/** The merge, while its lane still holds the task under `token`. */
export function fencedMerge(step: Step, mergeId: MergeId, token: ClaimToken): Result<HeldMerge, Refusal> {
  const merge = step.tables.merge.get(mergeId);
  if (merge === null) return notFound(`Merge ${mergeId}`);
  if (merge.token !== token) return staleToken('A merge step', token, merge.taskId);
  const held = fencedLane(step, merge.laneId, token);
  return held.ok ? ok({ merge, ...held.value }) : held;
}
