import type { Disposable } from '#shared/base/disposable.ts';
import { assertDefined } from '#shared/base/assert.ts';
import type { CommitId, LaneId, MergeId } from '#shared/model/ids.ts';
import type { Merge, MergeRejection } from '#shared/model/merge.ts';
import { mayLand, nextMerge, type Rework, waitingForRework } from '../decide/merge-queue.ts';
import { mergeMessage } from '../decide/merge-message.ts';
import { decideAfterRejection, decideLanding } from '../decide/merge-step.ts';
import { effectiveBase } from './finished-work.ts';
import { type FailureStreak, Loop } from '../../reactor/loop.ts';
import { newCheckpointId } from './new-ids.ts';
import { recordOutsideCommits } from './outside-commits.ts';
import { gatesFor, isFailedGate, type ProjectContext, storedProject } from './project-context.ts';
import { propose, type UnstampedCommand } from '../../reactor/propose.ts';

const conflictsMax = 20;
const hunkCharsMax = 4_000;
const firstRequeueWaitMs = 250;
const longestRequeueWaitMs = 15_000;

/**
 * Lands finished work, one merge at a time. The merge commit is made without touching any
 * checkout, gates run in a worktree of that very commit, and only then the target moves from
 * the commit that was tested against; had it moved meanwhile, the merge queues again. Each
 * stage is recorded before the next begins, so a crash at any point lands the work once.
 */
export class MergeRunner implements Disposable {
  readonly #context: ProjectContext;
  readonly #loop: Loop;
  /** Merges whose target moved away, and when each is tried again. */
  readonly #requeued = new Map<MergeId, { times: number; notBeforeMs: number }>();
  /** Paths that open merges change, once they were asked for. */
  readonly #paths = new Map<MergeId, readonly string[]>();
  #wakeUp: Disposable | null = null;
  /** What made the last pass fail. */
  #failure: string | null = null;
  #disposed = false;
  #gateAbort: { mergeId: MergeId; controller: AbortController } | null = null;

  constructor(context: ProjectContext) {
    this.#context = context;
    this.#loop = new Loop({
      clock: context.world.clock,
      pass: () => this.#pass(),
      onFailure: (error, streak) => this.#onFailure(error, streak),
    });
  }

  /** Looks at the queue as soon as possible; a gate that runs for a merge that is gone is ended. */
  request(): void {
    if (this.#gateAbort) {
      const merge = this.#context.world.store.read.merge(this.#gateAbort.mergeId);
      if (merge?.stage !== 'gating') this.#gateAbort.controller.abort();
    }
    this.#loop.request();
  }

  idle(): Promise<void> {
    return this.#loop.idle();
  }

  dispose(): void {
    this.#disposed = true;
    this.#wakeUp?.dispose();
    this.#gateAbort?.controller.abort();
    this.#loop.dispose();
  }

  async #pass(): Promise<void> {
    await this.#context.integration.run(() => recordOutsideCommits(this.#context));
    for (let merge = await this.#next(); merge; merge = await this.#next()) {
      const mayGoOn = await this.#step(merge);
      if (!mayGoOn || this.#disposed) break;
    }
    // A pass that went through has nothing to complain of; why a merge queued again stays until one lands.
    if (this.#failure !== null && this.#failure === this.#context.mergeProblem) this.#setProblem(null);
    this.#failure = null;
  }

  async #next(): Promise<Merge | null> {
    await this.#learnPaths();
    const { world, projectId, collisions } = this.#context;
    const { read } = world.store;
    const project = storedProject(this.#context);
    if (read.rollbacks(projectId).some((each) => each.stage === 'reverting' || each.stage === 'undoing')) return null;
    const merges = read.merges(projectId, { open: true });
    const reworks = new Map(read.lanes(projectId, { live: true }).map((lane) => [lane.id, lane.reworks]));
    const candidates = merges.map((merge) => ({
      merge,
      reworks: reworks.get(merge.laneId) ?? 0,
      changedPaths: this.#paths.get(merge.id) ?? [],
    }));
    return nextMerge({
      project,
      merges,
      reworks,
      heldBack: waitingForRework(candidates, this.#reworksUnderWay(), world.clock.nowMs()),
      tasks: new Map(read.tasks(projectId).map((task) => [task.id, task])),
      collisions,
      notBeforeMs: new Map([...this.#requeued].map(([id, entry]) => [id, entry.notBeforeMs])),
      nowMs: world.clock.nowMs(),
    });
  }

  /** What each open merge changes; only asked of git while somebody's work is being done over. */
  async #learnPaths(): Promise<void> {
    const { world, projectId, repository } = this.#context;
    const { read } = world.store;
    const open = read.merges(projectId, { open: true });
    const ids = new Set(open.map((merge) => merge.id));
    for (const id of this.#paths.keys()) if (!ids.has(id)) this.#paths.delete(id);
    for (const id of this.#requeued.keys()) if (!ids.has(id)) this.#requeued.delete(id);
    if (this.#reworksUnderWay().length === 0) return;
    for (const merge of open) {
      const workspace = read.lane(merge.laneId)?.workspace;
      if (this.#paths.has(merge.id) || !workspace) continue;
      const base = await effectiveBase(this.#context, workspace.baseCommit, merge.headCommit);
      this.#paths.set(merge.id, await repository.changedPaths(base, merge.headCommit));
    }
  }

  #reworksUnderWay(): Rework[] {
    const { world, projectId } = this.#context;
    const { read } = world.store;
    return read.lanes(projectId, { live: true }).flatMap((lane) => {
      if (lane.stage !== 'working' || lane.reworks === 0) return [];
      const rejection = read.merges(projectId, { laneId: lane.id }).at(-1)?.rejection;
      if (rejection?.kind !== 'conflict') return [];
      return [{ reworks: lane.reworks, conflictPaths: rejection.conflicts.map((conflict) => conflict.path) }];
    });
  }

  /** Takes the merge one stage further; false when the queue has to wait for something. */
  #step(merge: Merge): Promise<boolean> {
    switch (merge.stage) {
      case 'queued':
        return this.#begin(merge);
      case 'gating':
        return this.#gate(merge);
      case 'landing':
        return this.#context.integration.run(() => this.#landAgain(merge));
      case 'landed':
      case 'rejected':
        return Promise.resolve(true);
    }
  }

  async #begin(merge: Merge): Promise<boolean> {
    const { world, repository } = this.#context;
    const { read } = world.store;
    const task = assertDefined(read.task(merge.taskId), 'a merge has a task');
    const lane = assertDefined(read.lane(merge.laneId), 'a merge has a lane');
    const landing = await repository.landingBranch(storedProject(this.#context).targetBranch);
    const outcome = await repository.mergeTree(landing.head, merge.headCommit);
    if (outcome.kind === 'conflict') {
      const conflicts = outcome.conflicts
        .slice(0, conflictsMax)
        .map(({ path, hunk }) => ({ path, hunk: hunk.slice(0, hunkCharsMax) }));
      return this.#reject(merge, { kind: 'conflict', conflicts });
    }
    const parents = [landing.head, merge.headCommit];
    const mergeCommit = await repository.commitTree(
      outcome.tree,
      parents,
      mergeMessage(task, lane),
      world.clock.nowMs(),
    );
    await repository.keep({ [`merges/${merge.id}`]: mergeCommit });
    return this.#propose({
      kind: 'merge.begin',
      mergeId: merge.id,
      token: merge.token,
      branch: landing.branch,
      targetCommit: landing.head,
      mergeCommit,
    });
  }

  async #gate(merge: Merge): Promise<boolean> {
    const { world, repository } = this.#context;
    const task = assertDefined(world.store.read.task(merge.taskId), 'a merge has a task');
    const gates = gatesFor(storedProject(this.#context), task.gate);
    const failed = merge.gates.find(isFailedGate);
    if (failed) return this.#rejectForGate(merge, failed.name, failed.exitCode, failed.state);

    const passed = new Set(merge.gates.filter((gate) => gate.state === 'passed').map((gate) => gate.command));
    const remaining = gates.filter((gate) => !passed.has(gate.command));
    if (remaining.length > 0) {
      const controller = new AbortController();
      this.#gateAbort = { mergeId: merge.id, controller };
      try {
        const mergeCommit = assertDefined(merge.mergeCommit, 'a gating merge has its commit');
        await using checkout = await repository.checkoutForGates(mergeCommit);
        for (const gate of remaining) {
          if (world.store.read.merge(merge.id)?.stage !== 'gating') return true;
          const running = {
            mergeId: merge.id,
            laneId: merge.laneId,
            name: gate.name,
            command: gate.command,
            startedAtMs: world.clock.nowMs(),
            outputTail: '',
          };
          this.#showGate(merge.laneId, running);
          const result = await world.gates.run({
            gate,
            cwd: checkout.path,
            env: {
              GANTRY_PROJECT: this.#context.projectId,
              GANTRY_TASK_ID: task.key,
              GANTRY_TASK_TITLE: task.title,
              GANTRY_MERGE_COMMIT: mergeCommit,
              GANTRY_TARGET_COMMIT: merge.targetCommit ?? '',
            },
            signal: controller.signal,
            onOutput: (outputTail) => this.#showGate(merge.laneId, { ...running, outputTail }),
          });
          if (result.state === 'skipped') return true;
          await this.#propose({ kind: 'merge.gate', mergeId: merge.id, token: merge.token, result });
          if (isFailedGate(result)) return this.#rejectForGate(merge, result.name, result.exitCode, result.state);
        }
      } finally {
        this.#gateAbort = null;
        this.#showGate(merge.laneId, null);
      }
    }
    return this.#context.integration.run(() => this.#checkpoint(merge));
  }

  async #checkpoint(merge: Merge): Promise<boolean> {
    const { world, repository } = this.#context;
    const current = world.store.read.merge(merge.id);
    if (current?.stage !== 'gating') return true;
    const project = storedProject(this.#context);
    // Somebody paused the queue while the gates ran: what was not approved waits again.
    if (!mayLand(project, current)) return this.#requeue(current, null);
    const landing = await repository.landingBranch(project.targetBranch);
    if (landing.branch !== current.branch || landing.head !== current.targetCommit) {
      return this.#requeue(current, landing.because);
    }
    const task = assertDefined(world.store.read.task(current.taskId), 'a merge has a task');
    const isLanding = await this.#propose({
      kind: 'merge.checkpoint',
      mergeId: current.id,
      token: current.token,
      checkpointId: newCheckpointId(world.random),
      label: task.title,
    });
    const landingMerge = world.store.read.merge(current.id);
    return isLanding && landingMerge?.stage === 'landing' ? this.#land(landingMerge, landing.head) : isLanding;
  }

  /** A landing that was cut short: the branch may have been moved already, also by somebody else. */
  async #landAgain(merge: Merge): Promise<boolean> {
    const branch = assertDefined(merge.branch, 'a landing merge has a branch');
    return this.#land(merge, await this.#context.repository.branchHead(branch));
  }

  /**
   * Runs while the target is held. `branchHead` is what was read of the branch a moment ago:
   * moving it compares once more.
   */
  async #land(merge: Merge, branchHead: CommitId | null): Promise<boolean> {
    const { repository, log } = this.#context;
    const branch = assertDefined(merge.branch, 'a landing merge has a branch');
    const targetCommit = assertDefined(merge.targetCommit, 'a landing merge has a target');
    const mergeCommit = assertDefined(merge.mergeCommit, 'a landing merge has its commit');
    // What the merge builds on cannot contain it.
    const isElsewhere = branchHead !== null && branchHead !== targetCommit;
    const containsMerge = isElsewhere && (await repository.isAncestor(mergeCommit, branchHead));
    switch (decideLanding({ branchHead, targetCommit, containsMerge })) {
      case 'requeue':
        return this.#requeue(merge, `${branch} moved while the merge was landing.`);
      case 'move': {
        await this.#keepCheckpoint(merge, targetCommit, mergeCommit);
        const moved = await repository.moveBranch(branch, targetCommit, mergeCommit, `gantry: land ${merge.taskId}`);
        if (!moved.ok) return this.#requeue(merge, moved.error.detail);
        break;
      }
      case 'land':
        await this.#keepCheckpoint(merge, targetCommit, mergeCommit);
        break;
    }
    const landed = await this.#propose({ kind: 'merge.land', mergeId: merge.id, token: merge.token });
    if (landed) {
      log.info('merge landed', { mergeId: merge.id, taskId: merge.taskId, branch, commit: mergeCommit });
      this.#requeued.delete(merge.id);
      this.#setProblem(null);
    }
    return landed;
  }

  async #keepCheckpoint(merge: Merge, before: CommitId, after: CommitId): Promise<void> {
    if (merge.checkpointId === null) return;
    const kept = `checkpoints/${merge.checkpointId}`;
    await this.#context.repository.keep({ [`${kept}/before`]: before, [`${kept}/after`]: after });
  }

  #rejectForGate(merge: Merge, gate: string, exitCode: number | null, state: string): Promise<boolean> {
    const detail = state === 'timed-out' ? 'It ran out of time.' : `It ended with exit code ${exitCode ?? 'unknown'}.`;
    return this.#reject(merge, { kind: 'gate', gate, detail });
  }

  #reject(merge: Merge, rejection: MergeRejection): Promise<boolean> {
    const lane = assertDefined(this.#context.world.store.read.lane(merge.laneId), 'a merge has a lane');
    const next = decideAfterRejection(rejection, lane, storedProject(this.#context));
    this.#context.log.info('merge rejected', { mergeId: merge.id, kind: rejection.kind, next: next.kind });
    return this.#propose({ kind: 'merge.reject', mergeId: merge.id, token: merge.token, rejection, next });
  }

  async #requeue(merge: Merge, because: string | null): Promise<boolean> {
    const { clock } = this.#context.world;
    const times = (this.#requeued.get(merge.id)?.times ?? 0) + 1;
    const waitMs = Math.min(longestRequeueWaitMs, firstRequeueWaitMs * 2 ** Math.min(times - 1, 10));
    this.#requeued.set(merge.id, { times, notBeforeMs: clock.nowMs() + waitMs });
    this.#wakeUp?.dispose();
    this.#wakeUp = clock.after(waitMs, () => this.request());
    if (because !== null) this.#setProblem(because);
    return this.#propose({ kind: 'merge.requeue', mergeId: merge.id, token: merge.token });
  }

  /** Proposes a fenced step. A refusal is no failure: the lane was stopped or its task cancelled meanwhile. */
  async #propose<
    Kind extends 'merge.begin' | 'merge.gate' | 'merge.checkpoint' | 'merge.land' | 'merge.requeue' | 'merge.reject',
  >(command: UnstampedCommand<Kind> & { kind: Kind; mergeId: MergeId }): Promise<boolean> {
    const before = this.#context.world.store.read.merge(command.mergeId)?.stage;
    const outcome = await propose<Kind>(this.#context.world, command);
    if (outcome.ok) return true;
    const { code, message } = outcome.error;
    this.#context.log.info('merge step refused', {
      mergeId: command.mergeId,
      step: command.kind,
      code,
      detail: message,
    });
    // Where nothing moved on, going round at once would only be refused again.
    return this.#context.world.store.read.merge(command.mergeId)?.stage !== before;
  }

  #showGate(laneId: LaneId, gate: ProjectContext['runningGate']): void {
    this.#context.runningGate = gate;
    this.#context.feed.lane(laneId);
  }

  #setProblem(problem: string | null): void {
    if (this.#context.mergeProblem === problem) return;
    this.#context.mergeProblem = problem;
    this.#context.feed.project(this.#context.projectId);
  }

  #onFailure(error: unknown, { failures, isNews }: FailureStreak): void {
    const message = error instanceof Error ? error.message : String(error);
    if (isNews) this.#context.log.warn('merge pass failed', { failures, error: message });
    this.#failure = message;
    this.#setProblem(message);
  }
}
