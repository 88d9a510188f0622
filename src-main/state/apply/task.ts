import { ok } from '#shared/base/result.ts';
import { type ProjectId, type TaskId, type TaskKey, taskIdOf } from '#shared/model/ids.ts';
import type { Task, TaskSpec } from '#shared/model/task.ts';
import { findCycle } from './find-cycle.ts';
import { withdrawMerges } from './lane-end.ts';
import { notFound, refuse } from './refusal.ts';
import type { Rule, Step } from './step.ts';

export const addTasks: Rule<'task.add'> = ({ tables }, { projectId, tasks, atMs }) => {
  if (!tables.project.has(projectId)) return notFound(`Project ${projectId}`);

  const added = new Map<TaskKey, TaskSpec>();
  for (const spec of tasks) {
    if (added.has(spec.key) || tables.task.has(taskIdOf(projectId, spec.key))) {
      return refuse(
        'duplicate-task',
        `There is already a task ${spec.key}. None of the tasks was added; give this one another id.`,
      );
    }
    added.set(spec.key, spec);
  }
  for (const spec of tasks) {
    const unknown = spec.dependsOn.find((key) => !added.has(key) && !tables.task.has(taskIdOf(projectId, key)));
    if (unknown !== undefined) return unknownDependency(spec.key, unknown, 'None of the tasks was added');
  }
  // A task that exists already cannot depend on one that is added now, so cycles lie among the new ones.
  const cycle = findCycle([...added.keys()], (key) => added.get(key)?.dependsOn ?? []);
  if (cycle !== null) return dependencyCycle(cycle, 'None of the tasks was added');

  const taskIds: TaskId[] = [];
  let order = tables.nextTaskOrder(projectId);
  for (const spec of tasks) {
    const id = taskIdOf(projectId, spec.key);
    tables.task.put({
      ...spec,
      dependsOn: [...new Set(spec.dependsOn)],
      id,
      projectId,
      order,
      attempts: 0,
      status: { state: 'open' },
      createdAtMs: atMs,
    });
    taskIds.push(id);
    order += 1;
  }
  return ok({ taskIds });
};

export const editTask: Rule<'task.edit'> = (step, { taskId, change }) => {
  const task = step.tables.task.get(taskId);
  if (task === null) return notFound(`Task ${taskId}`);
  const { state } = task.status;
  if (state !== 'open' && state !== 'failed' && state !== 'cancelled') {
    return refuse(
      'wrong-state',
      `Task ${task.key} is ${state} and can be edited only while it is open, failed or cancelled. ` +
        'It was left as it was; stop its lane first, or add another task.',
    );
  }
  const changed: Task = { ...task, ...change };
  if (change.dependsOn !== undefined) {
    changed.dependsOn = [...new Set(change.dependsOn)];
    const refusal = checkDependencies(step, changed);
    if (refusal !== null) return refusal;
  }
  step.tables.task.put(changed);
  return ok(null);
};

export const reopenTask: Rule<'task.reopen'> = ({ tables }, { taskId }) => {
  const task = tables.task.get(taskId);
  if (task === null) return notFound(`Task ${taskId}`);
  if (task.status.state !== 'failed' && task.status.state !== 'cancelled') {
    return refuse(
      'wrong-state',
      `Task ${task.key} is ${task.status.state}; only a failed or cancelled task can be opened again. It was left as it was.`,
    );
  }
  tables.task.put({ ...task, attempts: 0, status: { state: 'open' } });
  return ok(null);
};

/** Merges of the task that have not begun to land are withdrawn: nothing may land for a cancelled task. */
export const cancelTask: Rule<'task.cancel'> = (step, { taskId, atMs }) => {
  const task = step.tables.task.get(taskId);
  if (task === null) return notFound(`Task ${taskId}`);
  if (task.status.state === 'merged') {
    return refuse(
      'wrong-state',
      `Task ${task.key} is already merged and was left as it was. Roll back to a checkpoint before it to take its work back.`,
    );
  }
  if (task.status.state === 'cancelled') {
    return refuse('wrong-state', `Task ${task.key} is already cancelled. It was left as it was.`);
  }
  if (task.status.state === 'submitted') {
    const refusal = withdrawMerges(step, task, `Task ${task.key} was cancelled.`, atMs);
    if (refusal !== null) return refusal;
  }
  step.tables.task.put({ ...task, status: { state: 'cancelled', atMs } });
  return ok(null);
};

function checkDependencies({ tables }: Step, task: Task) {
  const unknown = task.dependsOn.find((key) => !tables.task.has(taskIdOf(task.projectId, key)));
  if (unknown !== undefined) return unknownDependency(task.key, unknown, 'The task was left as it was');
  const cycle = findCycle([task.key], (key) =>
    key === task.key ? task.dependsOn : dependenciesOf(task.projectId, key),
  );
  return cycle === null ? null : dependencyCycle(cycle, 'The task was left as it was');

  function dependenciesOf(projectId: ProjectId, key: TaskKey): readonly TaskKey[] {
    return tables.task.get(taskIdOf(projectId, key))?.dependsOn ?? [];
  }
}

function unknownDependency(key: TaskKey, dependency: TaskKey, kept: string) {
  return refuse(
    'unknown-dependency',
    `Task ${key} depends on ${dependency}, which does not exist. ${kept}; add ${dependency} or correct its name.`,
  );
}

function dependencyCycle(cycle: readonly TaskKey[], kept: string) {
  return refuse(
    'dependency-cycle',
    `These tasks wait for each other: ${cycle.join(' → ')}. ${kept}; remove one of these dependencies.`,
  );
}
