import { assertDefined } from '#shared/base/assert.ts';
import { GantryError } from '#shared/contract/error.ts';
import type { DiffFile, LaneGates } from '#shared/contract/views.ts';
import type { AgentRef } from '#shared/model/agent.ts';
import type { CommitId, LaneId, ProjectId, RunId } from '#shared/model/ids.ts';
import type { Lane } from '#shared/model/lane.ts';
import type { WorkerRefusal } from '../../ports/worker.ts';
import { agentLabel } from '../decide/agent-label.ts';
import { standingCollisions } from '../decide/forecast.ts';
import type { CoordinatorCore } from './coordinator-core.ts';
import { effectiveBase } from './finished-work.ts';
import { runsOfLane } from './lane-live.ts';
import { Mutex } from './mutex.ts';
import { gatesFor } from './project-context.ts';
import { proposeOrThrow } from '../../reactor/propose.ts';

/** How many agents of one kind can be kept busy in a project. */
const agentsMax = 1_000;

/** What a person can ask about lanes. Each refuses with a `GantryError`. */
export class LaneRequests {
  readonly #core: CoordinatorCore;
  readonly #fleetChanges = new Mutex();

  constructor(core: CoordinatorCore) {
    this.#core = core;
  }

  /** Adds agents to those that are kept busy; answers how many of the kind there are now. */
  async spawn(projectId: ProjectId, agent: AgentRef, count: number): Promise<number> {
    return this.#changeFleet(projectId, agent, count);
  }

  /** Two at once must not both add to the same number. */
  #changeFleet(projectId: ProjectId, agent: AgentRef, by: number): Promise<number> {
    return this.#fleetChanges.run(() => {
      const entry = this.#core.world.store.read.fleet(projectId).find((each) => each.agent === agent);
      const count = (entry?.count ?? 0) + by;
      return this.setFleet(projectId, agent, Math.max(0, Math.min(agentsMax, count)));
    });
  }

  async setFleet(projectId: ProjectId, agent: AgentRef, count: number): Promise<number> {
    // None is right whatever the state of the repository: it is how everything is ended.
    if (count > 0) this.#core.usable(projectId);
    await proposeOrThrow(this.#core.world, { kind: 'fleet.set', projectId, agent, count });
    if (count > 0) this.#core.world.worker.wake();
    return count;
  }

  /**
   * Ends the lane and opens its task again. The fleet gets one agent less: a stopped agent that
   * was replaced at once would not look stopped.
   */
  async stop(laneId: LaneId): Promise<void> {
    const lane = this.#live(laneId);
    await this.#end(lane, 'Stopped by you.');
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
        await this.#end(lane, `Handed over to ${agentLabel(agent).name}.`);
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

  /**
   * What the lane has changed: against the target that it contains, uncommitted work included.
   * Of a lane that ended without a merge it is what was saved when its worktree went.
   */
  async diff(laneId: LaneId): Promise<{ base: string; files: DiffFile[]; cut: boolean }> {
    const lane = this.#stored(laneId);
    const { context } = this.#core.usable(lane.projectId);
    const { repository } = context;
    if (lane.workspace === null) return { base: '', files: [], cut: false };
    const { worktree, baseCommit } = lane.workspace;
    // Once it has landed, the target contains the lane and would be its own base.
    const isMerged = lane.end?.kind === 'merged';
    const isFinished = lane.headCommit !== null && (lane.stage === 'submitted' || isMerged);
    const to = isFinished
      ? lane.headCommit
      : (await repository.hasWorktree(worktree))
        ? { worktree }
        : ((await repository.savedWork(laneId))?.commit ?? lane.headCommit);
    if (to === null) return { base: baseCommit, files: [], cut: false };
    const head = typeof to === 'string' ? to : await repository.worktreeHead(worktree);
    const base = isMerged ? await this.#baseOfMerged(lane) : await effectiveBase(context, baseCommit, head);
    const diff = await repository.diff(base, to);
    const newestMerge = this.#core.world.store.read.merges(lane.projectId, { laneId }).at(-1) ?? null;
    const standing = standingCollisions(context.collisions.get(laneId) ?? [], newestMerge);
    const collisions = new Set(standing.map((each) => each.path));
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
  async #baseOfMerged(lane: Lane): Promise<CommitId> {
    const { read } = this.#core.world.store;
    const landed = read.merges(lane.projectId, { laneId: lane.id }).findLast((merge) => merge.stage === 'landed');
    const base = assertDefined(lane.workspace, 'a merged lane had a worktree').baseCommit;
    const { repository } = this.#core.usable(lane.projectId).context;
    const target = landed?.targetCommit;
    if (!target || lane.headCommit === null) return base;
    return (await repository.mergeBase(target, lane.headCommit)) ?? base;
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
    await this.#changeFleet(lane.projectId, lane.agent, -1);
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

function throwRefusal(result: { ok: true } | { ok: false; error: WorkerRefusal }): void {
  if (result.ok) return;
  const { code, message } = result.error;
  throw new GantryError(code, message, { retryable: code === 'worker-unavailable' });
}
