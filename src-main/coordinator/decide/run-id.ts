/**
 * Names of runs. A run's id says which lane it belongs to, which round of rework it serves and
 * which try within that round it is. So the stored lane alone tells, after any crash, whether
 * its newest run still has to be started or belongs to work that was given back since.
 */
import { assert } from '#shared/base/assert.ts';
import type { LaneId, RunId } from '#shared/model/ids.ts';

/** What a run's id says. */
export interface RunName {
  /** How often the lane's work had been given back when the run began. */
  readonly round: number;
  /** Counts from 1 within the round. */
  readonly attempt: number;
}

/** Lane ids longer than this would give run ids that are too long. */
export const laneIdSuffixCharsMax = 20;

/** The id of a lane's run. */
export function runIdOf(laneId: LaneId, name: RunName): RunId {
  const suffix = laneId.slice('lane-'.length);
  assert(suffix.length <= laneIdSuffixCharsMax, `lane id ${laneId} is too long to name runs after`);
  return `run-${suffix}r${name.round}n${name.attempt}` as RunId;
}

/** Reads a run's id; null for one that was not made by `runIdOf`. */
export function parseRunId(runId: RunId): RunName | null {
  const match = /^run-[a-z0-9]+r(\d+)n(\d+)$/.exec(runId);
  return match ? { round: Number(match[1]), attempt: Number(match[2]) } : null;
}
