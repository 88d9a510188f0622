import { ok } from '#shared/base/result.ts';
import type { Checkpoint } from '#shared/model/checkpoint.ts';
import type { CheckpointId } from '#shared/model/ids.ts';
import { notFound, refuse } from './refusal.ts';
import type { Rule, Step } from './step.ts';

/** Adds an entry to the timeline: the next number, and the tasks' states and services' revisions as they are now. */
export function putCheckpoint(
  { tables }: Step,
  entry: Omit<Checkpoint, 'number' | 'tasksByState' | 'revisions' | 'undoneBy' | 'serviceId' | 'rolloutId'> &
    Partial<Pick<Checkpoint, 'serviceId' | 'rolloutId'>>,
): Checkpoint {
  const checkpoint: Checkpoint = {
    serviceId: null,
    rolloutId: null,
    ...entry,
    number: tables.nextCheckpointNumber(entry.projectId),
    tasksByState: tables.tasksByState(entry.projectId),
    revisions: tables.services.servingRevisions(entry.projectId),
    undoneBy: null,
  };
  tables.checkpoint.put(checkpoint);
  return checkpoint;
}

/** The refusal of an id that is taken, or null. */
export function refuseTakenCheckpoint({ tables }: Step, id: CheckpointId) {
  return tables.checkpoint.has(id)
    ? refuse('wrong-state', `There is already a checkpoint ${id}. It was kept; use a new id.`)
    : null;
}

/** Withdraws an entry whose step did not happen. */
export function withdrawCheckpoint({ tables }: Step, id: CheckpointId | null): void {
  const checkpoint = id === null ? null : tables.checkpoint.get(id);
  if (checkpoint !== null) tables.checkpoint.remove(checkpoint);
}

/** Completes an entry with the commit that the branch has now. */
export function completeCheckpoint({ tables }: Step, id: CheckpointId, afterCommit: Checkpoint['afterCommit']): void {
  const checkpoint = tables.checkpoint.get(id);
  if (checkpoint !== null) tables.checkpoint.put({ ...checkpoint, afterCommit });
}

export const addCheckpoint: Rule<'checkpoint.add'> = (step, command) => {
  if (!step.tables.project.has(command.projectId)) return notFound(`Project ${command.projectId}`);
  const taken = refuseTakenCheckpoint(step, command.checkpointId);
  if (taken !== null) return taken;
  putCheckpoint(step, {
    id: command.checkpointId,
    projectId: command.projectId,
    kind: command.checkpointKind,
    label: command.label,
    branch: command.branch,
    beforeCommit: command.beforeCommit,
    afterCommit: command.afterCommit,
    taskId: null,
    laneId: null,
    rollbackId: null,
    changes: null,
    atMs: command.atMs,
  });
  return ok(null);
};
