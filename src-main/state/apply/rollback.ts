import { assertDefined } from '#shared/base/assert.ts';
import { ok } from '#shared/base/result.ts';
import type { ProjectId } from '#shared/model/ids.ts';
import type { Project } from '#shared/model/project.ts';
import { mainStack } from '#shared/model/service-ids.ts';
import type { RollbackRow } from '../columns.ts';
import type { CommandOf } from '../command.ts';
import { completeCheckpoint, putCheckpoint, refuseTakenCheckpoint, withdrawCheckpoint } from './checkpoint.ts';
import { notFound, refuse } from './refusal.ts';
import { wantedRevision } from './revision.ts';
import type { Rule, Step } from './step.ts';
import { withdrawMerges } from './lane-end.ts';

export const beginRollback: Rule<'rollback.begin'> = (step, command) => {
  const { tables } = step;
  const project = tables.project.get(command.projectId);
  if (project === null) return notFound(`Project ${command.projectId}`);
  const checkpoint = tables.checkpoint.get(command.checkpointId);
  if (checkpoint?.projectId !== project.id) return notFound(`Checkpoint ${command.checkpointId}`);
  if (tables.rollback.has(command.rollbackId)) {
    return refuse('wrong-state', `There is already a rollback ${command.rollbackId}. It was kept; use a new id.`);
  }
  const refusal = refuseWhileMoving(step, project.id) ?? refuseTakenCheckpoint(step, command.entryId);
  if (refusal !== null) return refusal;
  if (
    command.undoneCheckpoints.some((id) => tables.checkpoint.get(id)?.projectId !== project.id) ||
    command.taskIds.some((id) => tables.task.get(id)?.projectId !== project.id)
  ) {
    return refuse(
      'outdated-plan',
      'The rollback plan names checkpoints or tasks that are gone. Nothing was changed; open the checkpoint again for a new plan.',
    );
  }
  if (!areServicesAsPlanned(step, command)) {
    return refuse(
      'outdated-plan',
      'Services of the rollback plan have been deployed or removed since. Nothing was changed; open the checkpoint again for a new plan.',
    );
  }
  if (command.beforeCommit === command.afterCommit && command.services.length === 0) {
    return refuse(
      'wrong-state',
      'The code and all services are already as they were at this checkpoint. Nothing was changed; choose an older one.',
    );
  }
  const number = tables.nextRollbackNumber(project.id);
  putCheckpoint(step, {
    id: command.entryId,
    projectId: project.id,
    kind: 'rollback',
    label: `Rolled back to ${checkpoint.label}`,
    branch: command.branch,
    beforeCommit: command.beforeCommit,
    afterCommit: null,
    taskId: null,
    laneId: null,
    rollbackId: command.rollbackId,
    changes: null,
    atMs: command.atMs,
  });
  tables.rollback.put({
    id: command.rollbackId,
    projectId: project.id,
    number,
    checkpointId: command.checkpointId,
    stage: 'reverting',
    branch: command.branch,
    beforeCommit: command.beforeCommit,
    afterCommit: command.afterCommit,
    taskIds: command.taskIds,
    services: command.services.map((service) => ({ ...service, rolloutId: null })),
    detail: null,
    startedAtMs: command.atMs,
    endedAtMs: null,
    undo: null,
    entryId: command.entryId,
    undoneCheckpoints: command.undoneCheckpoints,
    reopened: [],
    pausedAutoMerge: project.autoMerge,
  });
  pauseAutoMerge(step, project, number);
  return ok(null);
};

/** Auto-merge stays paused afterwards: what was just taken back must not come again by itself. */
export const finishRollback: Rule<'rollback.finish'> = (step, { rollbackId, atMs }) => {
  const { tables } = step;
  const rollback = tables.rollback.get(rollbackId);
  if (rollback === null) return notFound(`Rollback ${rollbackId}`);
  if (rollback.stage !== 'reverting') return wrongStage(rollback, 'be finished');
  completeCheckpoint(step, rollback.entryId, rollback.afterCommit);

  const undoneCheckpoints: RollbackRow['undoneCheckpoints'] = [];
  for (const id of rollback.undoneCheckpoints) {
    const checkpoint = tables.checkpoint.get(id);
    // One that an earlier rollback took back belongs to that one's undo.
    if (checkpoint === null || checkpoint.undoneBy !== null) continue;
    tables.checkpoint.put({ ...checkpoint, undoneBy: rollback.id });
    undoneCheckpoints.push(id);
  }
  const reopened: RollbackRow['reopened'] = [];
  for (const taskId of rollback.taskIds) {
    const task = tables.task.get(taskId);
    if (task?.status.state !== 'merged') continue;
    reopened.push({ taskId, laneId: task.status.laneId, atMs: task.status.atMs });
    tables.task.put({ ...task, attempts: 0, status: { state: 'open' } });
  }
  tables.rollback.put({ ...rollback, stage: 'done', endedAtMs: atMs, undoneCheckpoints, reopened });
  return ok(null);
};

export const refuseRollback: Rule<'rollback.refuse'> = (step, { rollbackId, detail, atMs }) => {
  const rollback = step.tables.rollback.get(rollbackId);
  if (rollback === null) return notFound(`Rollback ${rollbackId}`);
  if (rollback.stage !== 'reverting') return wrongStage(rollback, 'be refused');
  withdrawCheckpoint(step, rollback.entryId);
  step.tables.rollback.put({ ...rollback, stage: 'refused', detail, endedAtMs: atMs });
  resumeAutoMerge(step, rollback);
  return ok(null);
};

export const beginUndo: Rule<'rollback.beginUndo'> = (step, command) => {
  const { tables } = step;
  const rollback = tables.rollback.get(command.rollbackId);
  if (rollback === null) return notFound(`Rollback ${command.rollbackId}`);
  if (rollback.stage !== 'done') return wrongStage(rollback, 'be taken back');
  const refusal = refuseWhileMoving(step, rollback.projectId) ?? refuseTakenCheckpoint(step, command.entryId);
  if (refusal !== null) return refusal;
  putCheckpoint(step, {
    id: command.entryId,
    projectId: rollback.projectId,
    kind: 'undo',
    label: `Took rollback R-${rollback.number} back`,
    branch: rollback.branch,
    beforeCommit: command.beforeCommit,
    afterCommit: null,
    taskId: null,
    laneId: null,
    rollbackId: rollback.id,
    changes: null,
    atMs: command.atMs,
  });
  const { entryId, beforeCommit, afterCommit } = command;
  tables.rollback.put({ ...rollback, stage: 'undoing', detail: null, undo: { entryId, beforeCommit, afterCommit } });
  return ok(null);
};

/**
 * The work is in the target again, so its tasks are merged again, whatever became of them
 * meanwhile: who holds one is fenced out, and its queued merge is withdrawn.
 */
export const finishUndo: Rule<'rollback.finishUndo'> = (step, { rollbackId, atMs }) => {
  const { tables } = step;
  const rollback = tables.rollback.get(rollbackId);
  if (rollback === null) return notFound(`Rollback ${rollbackId}`);
  if (rollback.stage !== 'undoing') return wrongStage(rollback, 'be taken back');
  const undo = assertDefined(rollback.undo, 'an undo under way knows its commits');
  completeCheckpoint(step, undo.entryId, undo.afterCommit);
  for (const id of rollback.undoneCheckpoints) {
    const checkpoint = tables.checkpoint.get(id);
    if (checkpoint?.undoneBy === rollback.id) tables.checkpoint.put({ ...checkpoint, undoneBy: null });
  }
  for (const { taskId, laneId, atMs: mergedAtMs } of rollback.reopened) {
    const task = tables.task.get(taskId);
    if (task === null || task.status.state === 'merged') continue;
    const refusal = withdrawMerges(step, task, `Rollback R-${rollback.number} was taken back.`, atMs);
    if (refusal !== null) return refusal;
    tables.task.put({ ...task, status: { state: 'merged', laneId, atMs: mergedAtMs } });
  }
  tables.rollback.put({ ...rollback, stage: 'undone', endedAtMs: atMs });
  resumeAutoMerge(step, rollback);
  return ok(null);
};

/** The rollback stands; only the attempt to take it back is over. */
export const refuseUndo: Rule<'rollback.refuseUndo'> = (step, { rollbackId, detail }) => {
  const rollback = step.tables.rollback.get(rollbackId);
  if (rollback === null) return notFound(`Rollback ${rollbackId}`);
  if (rollback.stage !== 'undoing') return wrongStage(rollback, 'have its undo refused');
  withdrawCheckpoint(step, rollback.undo?.entryId ?? null);
  step.tables.rollback.put({ ...rollback, stage: 'done', detail, undo: null });
  return ok(null);
};

/** Told again, the newer rollouts count: an undo hands the same services over once more. */
export const recordRollouts: Rule<'rollback.services'> = ({ tables }, { rollbackId, services }) => {
  const rollback = tables.rollback.get(rollbackId);
  if (rollback === null) return notFound(`Rollback ${rollbackId}`);
  if (rollback.stage === 'refused') return wrongStage(rollback, 'take services with it');
  for (const { serviceId, rolloutId } of services) {
    if (!rollback.services.some((planned) => planned.serviceId === serviceId)) {
      return refuse(
        'invalid-input',
        `Rollback R-${rollback.number} has nothing to do with ${serviceId}. It was left as it was; name only services of its plan.`,
      );
    }
    if (tables.services.rollout.get(rolloutId)?.serviceId !== serviceId) {
      return notFound(`Rollout ${rolloutId} of ${serviceId}`);
    }
  }
  const rollouts = new Map(services.map(({ serviceId, rolloutId }) => [serviceId, rolloutId]));
  tables.rollback.put({
    ...rollback,
    services: rollback.services.map((planned) => ({
      ...planned,
      rolloutId: rollouts.get(planned.serviceId) ?? planned.rolloutId,
    })),
  });
  return ok(null);
};

/** Each service once, of the main stack, with the wanted revision that the plan says and the one that it goes back to. */
function areServicesAsPlanned(step: Step, { projectId, services: planned }: CommandOf<'rollback.begin'>): boolean {
  const { services } = step.tables;
  if (new Set(planned.map(({ serviceId }) => serviceId)).size !== planned.length) return false;
  return planned.every(({ serviceId, fromRevision, toRevision }) => {
    const service = services.service.get(serviceId);
    return (
      service?.projectId === projectId &&
      service.stack === mainStack &&
      service.state === 'active' &&
      wantedRevision(step, service) === fromRevision &&
      services.revision.has(serviceId, toRevision)
    );
  });
}

/** One mover of the target at a time: a landing merge or a rollback, never both. */
function refuseWhileMoving({ tables }: Step, projectId: ProjectId) {
  const [rollback] = tables.rollbacksUnderWay(projectId);
  if (rollback !== undefined) {
    return refuse(
      'wrong-state',
      `Rollback R-${rollback.number} is under way. Nothing was changed; try again when it has ended.`,
    );
  }
  const landing = tables.openMerges(projectId).find((merge) => merge.stage === 'landing');
  return landing === undefined
    ? null
    : refuse(
        'wrong-state',
        `The work on ${landing.taskId} is landing at this moment. Nothing was rolled back; try again when it has landed.`,
      );
}

function pauseReason(number: number): string {
  return `Paused by rollback R-${number}. Turn on when you are ready.`;
}

function pauseAutoMerge({ tables }: Step, project: Project, number: number): void {
  if (!project.autoMerge) return;
  tables.project.put({ ...project, autoMerge: false, autoMergePausedBecause: pauseReason(number) });
}

/** Only what this rollback paused, and only while nobody has decided otherwise since. */
function resumeAutoMerge({ tables }: Step, rollback: RollbackRow): void {
  const project = tables.project.get(rollback.projectId);
  if (project === null || !rollback.pausedAutoMerge) return;
  if (project.autoMergePausedBecause !== pauseReason(rollback.number)) return;
  tables.project.put({ ...project, autoMerge: true, autoMergePausedBecause: null });
}

function wrongStage(rollback: RollbackRow, what: string) {
  return refuse(
    'wrong-state',
    `Rollback R-${rollback.number} is ${rollback.stage} and cannot ${what}. It was left as it was.`,
  );
}
