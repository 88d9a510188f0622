/** Makes identifiers of what the coordinator brings into being. */
import type { CheckpointId, LaneId, MergeId, RollbackId } from '#shared/model/ids.ts';
import type { RolloutId } from '#shared/model/service-ids.ts';
import type { Random } from '../../ports/random.ts';

const idChars = 12;

export const newLaneId = (random: Random): LaneId => `lane-${random.id(idChars)}` as LaneId;
export const newMergeId = (random: Random): MergeId => `merge-${random.id(idChars)}` as MergeId;
export const newCheckpointId = (random: Random): CheckpointId => `checkpoint-${random.id(idChars)}` as CheckpointId;
export const newRollbackId = (random: Random): RollbackId => `rollback-${random.id(idChars)}` as RollbackId;
export const newRolloutId = (random: Random): RolloutId => `rollout-${random.id(idChars)}` as RolloutId;
