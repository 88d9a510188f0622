/** Which finished work lands next. */
import type { LaneId, MergeId, TaskId } from '#shared/model/ids.ts';
import type { Merge } from '#shared/model/merge.ts';
import type { Project } from '#shared/model/project.ts';
import type { Task } from '#shared/model/task.ts';
import type { Collision } from '#shared/contract/views.ts';

/** What the order is made from. */
export interface MergeQueueFacts {
  readonly project: Pick<Project, 'autoMerge'>;
  /** Merges that have neither landed nor been rejected. */
  readonly merges: readonly Merge[];
  readonly tasks: ReadonlyMap<TaskId, Task>;
  /** Where lanes will collide (`forecast`). */
  readonly collisions: ReadonlyMap<LaneId, readonly Collision[]>;
  /** How often each lane's work came back; 0 where absent. */
  readonly reworks: ReadonlyMap<LaneId, number>;
  /** Merges that wait for work that is being reworked (`waitingForRework`). */
  readonly heldBack: ReadonlySet<MergeId>;
  /** Merges that must not be tried before a time, because their target kept moving. */
  readonly notBeforeMs: ReadonlyMap<MergeId, number>;
  readonly nowMs: number;
}

/** A merge that has waited for this long goes first, whatever it collides with. */
export const mergeWaitMsMax = 120_000;

/** True when the merge may land without asking anybody. */
export function mayLand(project: Pick<Project, 'autoMerge'>, merge: Pick<Merge, 'approved'>): boolean {
  return project.autoMerge || merge.approved;
}

/**
 * The queue in the order in which it is worked off. One that has begun comes first; then what
 * has waited too long; then what a person approved; then what came back most often, so that
 * nobody's work comes back for ever; then what collides with the fewest lanes, since each
 * collision sends somebody's work back; then by priority and age.
 */
export function orderMerges(facts: MergeQueueFacts): Merge[] {
  const rank = (merge: Merge): number[] => [
    merge.stage === 'queued' ? 1 : 0,
    facts.nowMs - merge.queuedAtMs > mergeWaitMsMax ? 0 : 1,
    merge.approved ? 0 : 1,
    -(facts.reworks.get(merge.laneId) ?? 0),
    collidingLanes(facts.collisions.get(merge.laneId) ?? []),
    facts.tasks.get(merge.taskId)?.priority ?? 5,
    merge.queuedAtMs,
  ];
  return facts.merges
    .map((merge) => ({ merge, rank: rank(merge) }))
    .sort((a, b) => compareRanks(a.rank, b.rank))
    .map((entry) => entry.merge);
}

/** The merge to go on with now, or null. */
export function nextMerge(facts: MergeQueueFacts): Merge | null {
  const next = orderMerges(facts).find(
    (merge) =>
      merge.stage !== 'queued' ||
      (mayLand(facts.project, merge) &&
        !facts.heldBack.has(merge.id) &&
        (facts.notBeforeMs.get(merge.id) ?? 0) <= facts.nowMs),
  );
  return next ?? null;
}

/** Work that is being done over because it conflicted in these places. */
export interface Rework {
  readonly reworks: number;
  readonly conflictPaths: readonly string[];
}

/** Finished work that could land now. */
export interface Candidate {
  readonly merge: Merge;
  readonly reworks: number;
  readonly changedPaths: readonly string[];
}

/** Nobody waits longer than this for somebody else's rework. */
export const reworkWaitMsMax = 600_000;

/**
 * Merges that change the very places for which others are being reworked, and came back less
 * often than those: were they to land first, the rework would be in vain. So of many tasks on
 * the same lines each is done over once, one after the other, not each time another lands.
 */
export function waitingForRework(
  candidates: readonly Candidate[],
  underWay: readonly Rework[],
  nowMs: number,
): Set<MergeId> {
  const held = new Set<MergeId>();
  for (const { merge, reworks, changedPaths } of candidates) {
    if (merge.approved || merge.stage !== 'queued' || nowMs - merge.queuedAtMs > reworkWaitMsMax) continue;
    const paths = new Set(changedPaths);
    const isInTheWay = underWay.some(
      (rework) => rework.reworks > reworks && rework.conflictPaths.some((path) => paths.has(path)),
    );
    if (isInTheWay) held.add(merge.id);
  }
  return held;
}

function collidingLanes(collisions: readonly Collision[]): number {
  return new Set(collisions.filter((each) => each.laneId !== null).map((each) => each.laneId)).size;
}

function compareRanks(a: readonly number[], b: readonly number[]): number {
  for (const [index, left] of a.entries()) {
    const difference = left - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
