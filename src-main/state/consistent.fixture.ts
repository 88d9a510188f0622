/** What must hold between the tables after every command, whatever it was. */
import { assert } from '#shared/base/assert.ts';
import type { ProjectId } from '#shared/model/ids.ts';
import type { StateReader } from './control-store.ts';

/** Throws `AssertionError` naming the first thing that does not fit. */
export function assertConsistent(read: StateReader, projectId: ProjectId): void {
  const project = read.project(projectId);
  const tasks = read.tasks(projectId);
  const lanes = read.lanes(projectId);
  const merges = read.merges(projectId);
  const rollbacks = read.rollbacks(projectId);
  if (project === null) {
    assert(tasks.length + lanes.length + merges.length + rollbacks.length === 0, 'a forgotten project leaves nothing');
    return;
  }
  assert(!project.autoMerge || project.autoMergePausedBecause === null, 'what is on is not paused');

  for (const task of tasks) {
    const { status } = task;
    const holders = lanes.filter((lane) => lane.taskId === task.id && lane.stage !== 'ended');
    if (status.state === 'claimed' || status.state === 'submitted') {
      const holder = holders.find((lane) => lane.token === status.token);
      assert(holder !== undefined && holder.id === status.laneId, `${task.key} is held by exactly the lane it names`);
      assert(
        (status.state === 'submitted') === (holder.stage === 'submitted'),
        `${task.key} and lane ${holder.number} agree on whether work was submitted`,
      );
      const open = merges.filter((merge) => merge.taskId === task.id && isOpen(merge.stage));
      assert(open.length === (status.state === 'submitted' ? 1 : 0), `${task.key} has a merge while it is submitted`);
    } else {
      const open = merges.filter((merge) => merge.taskId === task.id && isOpen(merge.stage));
      assert(open.length === 0, `nothing can land for ${task.key}, which is ${status.state}`);
    }
    assert(
      task.dependsOn.every((key) => tasks.some((other) => other.key === key)),
      `${task.key} depends on tasks that exist`,
    );
  }
  const moving = merges.filter((merge) => merge.stage === 'gating' || merge.stage === 'landing');
  assert(moving.length <= 1, 'one merge at a time');
  const underWay = rollbacks.filter((rollback) => rollback.stage === 'reverting' || rollback.stage === 'undoing');
  assert(underWay.length <= 1, 'one rollback at a time');
  assert(
    underWay.length === 0 || moving.every((merge) => merge.stage !== 'landing'),
    'nothing lands while a rollback is under way',
  );
  for (const merge of merges) {
    const checkpoint = merge.checkpointId === null ? null : read.checkpoint(merge.checkpointId);
    assert(
      (checkpoint !== null) === (merge.stage === 'landing' || merge.stage === 'landed'),
      `a merge that is ${merge.stage} fits its checkpoint`,
    );
    assert(
      checkpoint === null || (checkpoint.afterCommit === null) === (merge.stage === 'landing'),
      'a checkpoint is complete once its merge has landed',
    );
  }
}

function isOpen(stage: string): boolean {
  return stage === 'queued' || stage === 'gating' || stage === 'landing';
}
