/** What a person can ask of the coordinator, noun by noun. Each refuses with a `GantryError`. */
import { assertDefined } from '#shared/base/assert.ts';
import { GantryError } from '#shared/contract/error.ts';
import type { DiffFile, LaneGates, ProjectView } from '#shared/contract/views.ts';
import type { AgentRef } from '#shared/model/agent.ts';
import type { GateSpec } from '#shared/model/gate.ts';
import {
  type BranchName,
  type LaneId,
  type ProjectId,
  type RunId,
  type TaskId,
  type TaskKey,
  taskIdOf,
} from '#shared/model/ids.ts';
import type { Lane } from '#shared/model/lane.ts';
import type { Task, TaskSpec } from '#shared/model/task.ts';
import type { WorkerRefusal } from '../../ports/worker.ts';
import { describePlanProblems, parsePlan } from '../decide/plan.ts';
import type { CoordinatorCore } from './coordinator-core.ts';
import { effectiveBase } from './finished-work.ts';
import { runsOfLane } from './lane-live.ts';
import { newCheckpointId } from './new-ids.ts';
import { recordOutsideCommits } from './outside-commits.ts';
import { gatesFor, storedProject } from './project-context.ts';
import type { ProjectDriver } from './project-driver.ts';
import type { Views } from './views.ts';
import { proposeOrThrow } from './world.ts';

/** What `project.configure` may change. */
export interface ProjectChange {
  readonly targetBranch?: BranchName | undefined;
  readonly gates?: GateSpec[] | undefined;
  readonly autoMerge?: boolean | undefined;
  readonly attemptsMax?: number | undefined;
  readonly reworksMax?: number | undefined;
  readonly stallMs?: number | undefined;
}

/** Requests about projects. */
export class ProjectRequests {
  readonly #core: CoordinatorCore;
  readonly #views: Views;

  constructor(core: CoordinatorCore, views: Views) {
    this.#core = core;
    this.#views = views;
  }

  /** Opens a repository as a project, or the project that it is already, and begins to drive it. */
  async open(path: string, options: { isDemo?: boolean; gates?: GateSpec[] } = {}): Promise<ProjectView> {
    const { world } = this.#core;
    const opened = await world.git.open(path);
    if (!opened.ok) throw opened.error;
    const repository = opened.value;
    const { projectId } = repository;
    const isNew = world.store.read.project(projectId) === null;
    await proposeOrThrow(world, {
      kind: 'project.open',
      projectId,
      path: repository.path,
      name: repository.name,
      targetBranch: repository.currentBranch,
      gates: options.gates ?? [],
      isDemo: options.isDemo ?? false,
    });
    const head = isNew ? await repository.branchHead(repository.currentBranch) : null;
    if (head !== null) {
      const checkpointId = newCheckpointId(world.random);
      await repository.keep(`checkpoints/${checkpointId}/after`, head);
      await proposeOrThrow(world, {
        kind: 'checkpoint.add',
        checkpointId,
        projectId,
        checkpointKind: 'opened',
        label: `Opened ${repository.name}`,
        branch: repository.currentBranch,
        beforeCommit: head,
        afterCommit: head,
      });
    }
    await this.#core.refreshProjects();
    return this.#view(projectId);
  }

  async configure(projectId: ProjectId, change: ProjectChange): Promise<ProjectView> {
    const { targetBranch } = change;
    if (targetBranch !== undefined) {
      const { repository } = this.#core.usable(projectId).context;
      if ((await repository.branchHead(targetBranch)) === null) {
        throw new GantryError(
          'unknown-branch',
          `The repository has no branch ${targetBranch}. Nothing was changed. Choose one that exists.`,
        );
      }
    }
    const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
    await proposeOrThrow(this.#core.world, { kind: 'project.configure', projectId, change: given });
    this.#core.driver(projectId)?.onRepositoryChange();
    return this.#view(projectId);
  }

  /** Moves the target forward to where merges landed while its checkout was not clean. */
  async bringIn(projectId: ProjectId): Promise<ProjectView> {
    const driver = this.#core.usable(projectId);
    await driver.context.integration.run(async () => {
      const { repository } = driver.context;
      const brought = await repository.bringIn(storedProject(driver.context).targetBranch);
      if (!brought.ok) throw brought.error;
    });
    await driver.context.integration.run(() => recordOutsideCommits(driver.context));
    driver.context.mergeProblem = null;
    await driver.readRepository();
    driver.onRepositoryChange();
    return this.#view(projectId);
  }

  /** Takes the project off the list; nothing in the repository is removed. */
  async forget(projectId: ProjectId): Promise<void> {
    await proposeOrThrow(this.#core.world, { kind: 'project.forget', projectId });
    await this.#core.refreshProjects();
  }

  #view(projectId: ProjectId): ProjectView {
    const view = this.#views.project(projectId);
    if (!view) throw new GantryError('not-found', `The project ${projectId} is not open.`);
    return view;
  }
}

/** Requests about tasks. */
export class TaskRequests {
  readonly #core: CoordinatorCore;

  constructor(core: CoordinatorCore) {
    this.#core = core;
  }

  /** Adds tasks; one without a key gets the next free `T-n`. */
  async add(
    projectId: ProjectId,
    tasks: readonly (Omit<TaskSpec, 'key'> & { key?: TaskKey | undefined })[],
  ): Promise<TaskId[]> {
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

/** Requests about lanes. */
export class LaneRequests {
  readonly #core: CoordinatorCore;

  constructor(core: CoordinatorCore) {
    this.#core = core;
  }

  /** Adds agents to those that are kept busy; answers how many of the kind there are now. */
  async spawn(projectId: ProjectId, agent: AgentRef, count: number): Promise<number> {
    const fleet = this.#core.world.store.read.fleet(projectId).find((entry) => entry.agent === agent);
    return this.setFleet(projectId, agent, Math.min(1_000, (fleet?.count ?? 0) + count));
  }

  async setFleet(projectId: ProjectId, agent: AgentRef, count: number): Promise<number> {
    this.#core.usable(projectId);
    await proposeOrThrow(this.#core.world, { kind: 'fleet.set', projectId, agent, count });
    return count;
  }

  /**
   * Ends the lane and opens its task again. The fleet gets one agent less: a stopped agent that
   * was replaced at once would not look stopped.
   */
  async stop(laneId: LaneId): Promise<void> {
    const lane = this.#live(laneId);
    await this.#end(lane, 'Stopped by you. Its work was saved.');
    await this.#shrinkFleet(lane);
  }

  async pause(laneId: LaneId): Promise<void> {
    await this.#control(laneId, 'pause');
  }

  async resume(laneId: LaneId): Promise<void> {
    await this.#control(laneId, 'resume');
  }

  async interrupt(laneId: LaneId): Promise<void> {
    await this.#control(laneId, 'interrupt');
  }

  async message(laneId: LaneId, text: string): Promise<void> {
    throwRefusal(await this.#core.world.worker.message(this.#runOf(laneId), text));
  }

  async answer(laneId: LaneId, requestId: string, optionId: string, forLane: boolean): Promise<void> {
    throwRefusal(await this.#core.world.worker.answer(this.#runOf(laneId), requestId, optionId, forLane));
  }

  /** Starts a failed lane's task again in a new lane. */
  async retry(laneId: LaneId): Promise<void> {
    const lane = this.#stored(laneId);
    if (lane.stage !== 'ended' || lane.taskId === null) {
      throw new GantryError('wrong-state', `Lane ${lane.number} has not failed, so there is nothing to retry.`);
    }
    await proposeOrThrow(this.#core.world, { kind: 'task.reopen', taskId: lane.taskId });
  }

  /** Stops the lane and gives its task to another kind of agent, which takes its place in the fleet. */
  async handOver(laneId: LaneId, agent: AgentRef): Promise<void> {
    const { world } = this.#core;
    const lane = this.#stored(laneId);
    if (lane.taskId === null) throw new GantryError('wrong-state', `Lane ${lane.number} has no task to hand over.`);
    const { taskId, projectId } = lane;
    const { reservedTasks } = this.#core.usable(projectId).context;
    // Otherwise an idle lane of the old kind could claim the task between the two commands.
    reservedTasks.add(taskId);
    try {
      if (lane.stage === 'ended') await proposeOrThrow(world, { kind: 'task.reopen', taskId });
      else {
        await this.#end(lane, `Handed over to ${agent}. Its work was saved.`);
        await this.#shrinkFleet(lane);
      }
      await proposeOrThrow(world, { kind: 'task.edit', taskId, change: { agent } });
      await this.spawn(projectId, agent, 1);
    } finally {
      reservedTasks.delete(taskId);
      this.#core.driver(projectId)?.request();
    }
  }

  /** Lets finished work land although auto-merge is off. */
  async merge(laneId: LaneId): Promise<void> {
    const { world } = this.#core;
    const lane = this.#stored(laneId);
    const merge = world.store.read.merges(lane.projectId, { open: true, laneId }).at(-1);
    if (!merge)
      throw new GantryError('wrong-state', `Lane ${lane.number} has no finished work that waits to be merged.`);
    await proposeOrThrow(world, { kind: 'merge.approve', mergeId: merge.id });
  }

  /** What the lane has changed: against the target that it contains, uncommitted work included. */
  async diff(laneId: LaneId): Promise<{ base: string; files: DiffFile[]; cut: boolean }> {
    const lane = this.#stored(laneId);
    const { context } = this.#core.usable(lane.projectId);
    const { repository } = context;
    if (lane.workspace === null) return { base: '', files: [], cut: false };
    const { worktree, baseCommit } = lane.workspace;
    const isFinished = lane.headCommit !== null && lane.stage !== 'working';
    const to = isFinished ? lane.headCommit : (await repository.hasWorktree(worktree)) ? { worktree } : null;
    if (to === null) return { base: baseCommit, files: [], cut: false };
    // Once it has landed, the target contains the lane and would be its own base.
    const isMerged = lane.end?.kind === 'merged';
    const head = typeof to === 'string' ? to : await repository.worktreeHead(worktree);
    const base = isMerged ? await this.#baseOfMerged(lane) : await effectiveBase(context, baseCommit, head);
    const diff = await repository.diff(base, to);
    const collisions = new Set((context.collisions.get(laneId) ?? []).map((each) => each.path));
    return { base, cut: diff.cut, files: diff.files.map((file) => ({ ...file, collides: collisions.has(file.path) })) };
  }

  /** Evidence of the lane's merges, and the gate that runs now. */
  gates(laneId: LaneId): LaneGates {
    const { read } = this.#core.world.store;
    const lane = this.#stored(laneId);
    const project = assertDefined(read.project(lane.projectId), 'a lane has a project');
    const task = lane.taskId === null ? null : read.task(lane.taskId);
    const merges = read.merges(lane.projectId, { laneId });
    const context = this.#core.driver(lane.projectId)?.context;
    const gate = context?.runningGate?.laneId === laneId ? context.runningGate : null;
    const done = new Set(merges.at(-1)?.gates.map((each) => each.command));
    const upcoming = gatesFor(project, task?.gate ?? null)
      .filter((each) => lane.stage !== 'ended' && each.command !== gate?.command && !done.has(each.command))
      .map(({ name, command }) => ({ name, command }));
    const running = gate && {
      mergeId: gate.mergeId,
      name: gate.name,
      command: gate.command,
      startedAtMs: gate.startedAtMs,
      outputTail: gate.outputTail,
    };
    return { merges, running, upcoming };
  }

  /** The lane's runs that the worker still knows, the first run first. */
  runs(laneId: LaneId): RunId[] {
    return runsOfLane(this.#core.world.worker, laneId).map((report) => report.runId);
  }

  /** What the lane's work was merged on top of: the merge's own first parent. */
  async #baseOfMerged(lane: Lane) {
    const { read } = this.#core.world.store;
    const landed = read.merges(lane.projectId, { laneId: lane.id }).findLast((merge) => merge.stage === 'landed');
    const base = assertDefined(lane.workspace, 'a merged lane had a worktree').baseCommit;
    const { repository } = this.#core.usable(lane.projectId).context;
    const target = landed?.targetCommit;
    if (!target || lane.headCommit === null) return base;
    return (await repository.isAncestor(target, lane.headCommit)) ? target : base;
  }

  async #end(lane: Lane, reason: string): Promise<void> {
    await proposeOrThrow(this.#core.world, {
      kind: 'lane.end',
      laneId: lane.id,
      token: lane.token,
      end: { kind: 'stopped', reason },
      task: lane.taskId === null ? 'keep' : 'reopen-free',
    });
  }

  async #shrinkFleet(lane: Lane): Promise<void> {
    const { world } = this.#core;
    const entry = world.store.read.fleet(lane.projectId).find((each) => each.agent === lane.agent);
    // One whose work waits in the merge queue had left its place in the fleet already.
    if (!entry || lane.stage === 'submitted') return;
    await this.setFleet(lane.projectId, lane.agent, Math.max(0, entry.count - 1));
  }

  async #control(laneId: LaneId, action: 'pause' | 'resume' | 'interrupt'): Promise<void> {
    throwRefusal(await this.#core.world.worker.control(this.#runOf(laneId), action, `Asked by you: ${action}.`));
  }

  #runOf(laneId: LaneId): RunId {
    const lane = this.#live(laneId);
    if (lane.runId === null || lane.stage !== 'working') {
      throw new GantryError('wrong-state', `Lane ${lane.number} has no agent that runs at the moment.`);
    }
    return lane.runId;
  }

  #live(laneId: LaneId): Lane {
    const lane = this.#stored(laneId);
    if (lane.stage === 'ended') throw new GantryError('wrong-state', `Lane ${lane.number} has already ended.`);
    return lane;
  }

  #stored(laneId: LaneId): Lane {
    const lane = this.#core.world.store.read.lane(laneId);
    if (!lane) throw new GantryError('not-found', 'This lane does not exist.');
    return lane;
  }
}

/** The project's driver for something that belongs to it. */
export function driverOf(core: CoordinatorCore, projectId: ProjectId | undefined, what: string): ProjectDriver {
  if (projectId === undefined) throw new GantryError('not-found', `This ${what} does not exist.`);
  return core.usable(projectId);
}

function throwRefusal(result: { ok: true } | { ok: false; error: WorkerRefusal }): void {
  if (result.ok) return;
  const { code, message } = result.error;
  throw new GantryError(code, message, { retryable: code === 'worker-unavailable' });
}
