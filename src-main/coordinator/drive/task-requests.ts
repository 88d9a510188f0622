import { GantryError } from '#shared/contract/error.ts';
import { type ProjectId, type TaskId, type TaskKey, taskIdOf } from '#shared/model/ids.ts';
import type { Task, TaskSpec } from '#shared/model/task.ts';
import { describePlanProblems, parsePlan } from '../decide/plan.ts';
import type { CoordinatorCore } from './coordinator-core.ts';
import { Mutex } from './mutex.ts';
import { proposeOrThrow } from '../../reactor/propose.ts';

/** A task to add, with or without a key of its own. */
type NewTask = Omit<TaskSpec, 'key'> & { key?: TaskKey | undefined };

/** What a person can ask about tasks. Each refuses with a `GantryError`. */
export class TaskRequests {
  readonly #core: CoordinatorCore;
  readonly #additions = new Mutex();

  constructor(core: CoordinatorCore) {
    this.#core = core;
  }

  /** Adds tasks; one without a key gets the next free `T-n`. */
  add(projectId: ProjectId, tasks: readonly NewTask[]): Promise<TaskId[]> {
    // Two at once must not both be given the same number.
    return this.#additions.run(() => this.#add(projectId, tasks));
  }

  async #add(projectId: ProjectId, tasks: readonly NewTask[]): Promise<TaskId[]> {
    const { world } = this.#core;
    const known = new Set<string>(world.store.read.tasks(projectId).map((task) => task.key));
    for (const task of tasks) if (task.key !== undefined) known.add(task.key);
    let number = 0;
    const specs = tasks.map((task): TaskSpec => {
      if (task.key !== undefined) return { ...task, key: task.key };
      do number += 1;
      while (known.has(`T-${number}`));
      return { ...task, key: `T-${number}` as TaskKey };
    });
    const { taskIds } = await proposeOrThrow(world, { kind: 'task.add', projectId, tasks: specs });
    return taskIds;
  }

  /** Adds the tasks of a plan that are new; those that exist with the same words are left as they are. */
  async loadPlan(projectId: ProjectId, fileName: string, text: string): Promise<{ added: TaskId[]; kept: TaskId[] }> {
    const { read } = this.#core.world.store;
    const existing = new Map<TaskKey, Task>(read.tasks(projectId).map((task) => [task.key, task]));
    const plan = parsePlan(fileName, text, new Set(existing.keys()));
    if (!plan.ok) {
      const kinds = new Set(plan.error.map((problem) => problem.kind));
      const [only] = kinds.size === 1 ? kinds : [];
      const code =
        only === 'cycle'
          ? 'dependency-cycle'
          : only === 'unknown-dependency'
            ? 'unknown-dependency'
            : only === 'duplicate'
              ? 'duplicate-task'
              : 'invalid-plan';
      throw new GantryError(
        code,
        `The plan was not loaded. Nothing was changed.\n${describePlanProblems(plan.error)}`,
        {
          data: plan.error,
        },
      );
    }
    const kept: TaskId[] = [];
    const added: TaskSpec[] = [];
    for (const spec of plan.value) {
      const task = existing.get(spec.key);
      if (task === undefined) added.push(spec);
      else if (task.title === spec.title && task.prompt === spec.prompt) kept.push(task.id);
      else {
        throw new GantryError(
          'duplicate-task',
          `${fileName}: The task ${spec.key} exists already with another title or prompt. Nothing was changed. Give it another id, or edit the task.`,
        );
      }
    }
    if (added.length > 0) await this.add(projectId, added);
    return { added: added.map((spec) => taskIdOf(projectId, spec.key)), kept };
  }

  async edit(taskId: TaskId, change: Partial<Omit<TaskSpec, 'key'>>): Promise<void> {
    await proposeOrThrow(this.#core.world, { kind: 'task.edit', taskId, change });
  }

  /** Opens a failed or cancelled task again. */
  async retry(taskId: TaskId): Promise<void> {
    await proposeOrThrow(this.#core.world, { kind: 'task.reopen', taskId });
  }

  /** The lane that holds it ends by itself: it sees that its task is gone. */
  async cancel(taskId: TaskId): Promise<void> {
    await proposeOrThrow(this.#core.world, { kind: 'task.cancel', taskId });
  }
}
