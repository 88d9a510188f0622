import { assertDefined } from '#shared/base/assert.ts';
import { GantryError } from '#shared/contract/error.ts';
import type { Checkpoint, Rollback, RollbackPlan } from '#shared/model/checkpoint.ts';
import type { CheckpointId, CommitId, RollbackId } from '#shared/model/ids.ts';
import type { Lane } from '#shared/model/lane.ts';
import { mainStack, type RolloutId, type ServiceId } from '#shared/model/service-ids.ts';
import type { StateReader } from '../../state/control-store.ts';
import { revertMessage, undoMessage } from '../decide/merge-message.ts';
import {
  fingerprintCovers,
  type HistoryCommit,
  planRollback,
  type RevertStep,
  revertSteps,
  type RollbackFacts,
  undoneCheckpoints,
} from '../decide/rollback-plan.ts';
import type { ServiceFacts } from '../decide/service-rollback.ts';
import { newCheckpointId, newRollbackId, newRolloutId } from './new-ids.ts';
import { type ProjectContext, storedProject } from './project-context.ts';
import { propose, proposeOrThrow } from '../../reactor/propose.ts';

/** Git answers no more of a history than this. */
const historyMax = 1_000;

/**
 * Plans rollbacks, executes what was agreed to, and takes it back. The commits are made first,
 * then recorded, then the branch moves, then the record is completed: after a crash the stored
 * stage and the branch together tell what is left to do (`recover`).
 */
export class RollbackRunner {
  readonly #context: ProjectContext;

  constructor(context: ProjectContext) {
    this.#context = context;
  }

  /** What rolling back to the state after this checkpoint would do now. Changes nothing. */
  async plan(checkpointId: CheckpointId): Promise<RollbackPlan> {
    return planRollback(await this.#facts(checkpointId));
  }

  /** Executes a plan that a person agreed to; refuses with `outdated-plan` when it would do anything else now. */
  rollBack(checkpointId: CheckpointId, fingerprint: string): Promise<Rollback> {
    return this.#context.integration.run(async () => {
      const { world, repository, projectId } = this.#context;
      const facts = await this.#facts(checkpointId);
      const plan = planRollback(facts);
      if (!fingerprintCovers(fingerprint, plan.fingerprint)) {
        throw new GantryError(
          'outdated-plan',
          `${plan.branch} or its lanes have moved since this plan was computed. Nothing was changed. Look at the new plan and confirm that one.`,
        );
      }
      const steps = revertSteps(facts);
      if (steps.length === 0 && plan.services.length === 0) {
        throw new GantryError(
          'wrong-state',
          `${plan.branch} already has the files of this checkpoint, and all services its revisions. Nothing was changed.`,
        );
      }
      await world.services?.backUp(
        plan.services.map((service) => service.serviceId),
        `before the rollback to ${facts.checkpoint.label}`,
      );
      const rollbackId = newRollbackId(world.random);
      const entryId = newCheckpointId(world.random);
      const afterCommit = await this.#writeReverts(facts, steps, plan.title);
      const kept = `checkpoints/${entryId}`;
      await repository.keep({ [`${kept}/before`]: facts.headCommit, [`${kept}/after`]: afterCommit });
      await proposeOrThrow(world, {
        kind: 'rollback.begin',
        rollbackId,
        projectId,
        checkpointId,
        entryId,
        branch: facts.branch,
        beforeCommit: facts.headCommit,
        afterCommit,
        undoneCheckpoints: undoneCheckpoints(facts.checkpoints, steps).map((each) => each.id),
        taskIds: plan.tasks.map((task) => task.taskId),
        services: plan.services.map(({ serviceId, fromRevision, toRevision }) => ({
          serviceId,
          fromRevision,
          toRevision,
        })),
      });
      return this.#finish(this.#stored(rollbackId));
    });
  }

  /** Brings back what a rollback took: one commit on top, which keeps what landed since. */
  undo(rollbackId: RollbackId): Promise<Rollback> {
    return this.#context.integration.run(async () => {
      const { world, repository } = this.#context;
      const rollback = this.#stored(rollbackId);
      if (rollback.stage !== 'done') {
        throw new GantryError(
          'wrong-state',
          `Rollback R-${rollback.number} is ${rollback.stage} and cannot be undone.`,
        );
      }
      const landing = await repository.landingBranch(storedProject(this.#context).targetBranch);
      const atMs = world.clock.nowMs();
      const afterCommit = await this.#writeUndo(rollback, landing.head, atMs);
      if (afterCommit === null) {
        throw new GantryError(
          'wrong-state',
          `What landed after R-${rollback.number} changes the same places, so it cannot be undone in one step. Nothing was changed. Roll back to R-${rollback.number} first.`,
        );
      }
      const entryId = newCheckpointId(world.random);
      const kept = `checkpoints/${entryId}`;
      await repository.keep({ [`${kept}/before`]: landing.head, [`${kept}/after`]: afterCommit });
      // The entry bears the time of its commit, from which a restart makes the same commit again.
      const outcome = await world.store.propose<'rollback.beginUndo'>({
        kind: 'rollback.beginUndo',
        rollbackId,
        entryId,
        beforeCommit: landing.head,
        afterCommit,
        atMs,
      });
      if (!outcome.ok) throw new GantryError(outcome.error.code, outcome.error.message);
      return this.#finishUndo(this.#stored(rollbackId), landing.branch, landing.head, afterCommit);
    });
  }

  /** Completes or refuses what a crash cut short. Harmless when there is nothing. */
  recover(): Promise<void> {
    return this.#context.integration.run(async () => {
      for (const rollback of this.#context.world.store.read.rollbacks(this.#context.projectId)) {
        if (rollback.stage === 'reverting') await this.#finish(rollback);
        if (rollback.stage === 'undoing') await this.#recoverUndo(rollback);
        // Code first, then services: a crash between the two leaves them to be handed over now.
        if (rollback.stage === 'done') await this.#rollServices(rollback, 'back');
        if (rollback.stage === 'undone') await this.#rollServices(rollback, 'forth');
      }
    });
  }

  async #finish(rollback: Rollback): Promise<Rollback> {
    const { world, repository, log } = this.#context;
    const { branch, beforeCommit } = rollback;
    const afterCommit = assertDefined(rollback.afterCommit, 'a rollback under way knows its commit');
    const head = await repository.branchHead(branch);
    const isMoved = head !== null && (await repository.isAncestor(afterCommit, head));
    if (!isMoved) {
      const moved = await repository.moveBranch(
        branch,
        beforeCommit,
        afterCommit,
        `gantry: roll back R-${rollback.number}`,
      );
      if (!moved.ok) {
        const detail = `${branch} could not be moved: ${moved.error.detail}`;
        await proposeOrThrow(world, { kind: 'rollback.refuse', rollbackId: rollback.id, detail });
        throw new GantryError(
          'outdated-plan',
          `${detail} Nothing was rolled back. Look at the new plan and confirm that one.`,
        );
      }
    }
    // The lanes built on what was taken back: their work is saved when they are cleaned up.
    const checkpoint = assertDefined(world.store.read.checkpoint(rollback.checkpointId), 'a rollback has a checkpoint');
    const undone = await this.#history(assertDefined(checkpoint.afterCommit, 'it was completed'), beforeCommit);
    for (const lane of await this.#lanesBuiltOn(undone)) {
      await propose(world, {
        kind: 'lane.end',
        laneId: lane.id,
        token: lane.token,
        end: {
          kind: 'stopped',
          reason: `It was built on work that R-${rollback.number} took back. What it had done was saved.`,
        },
        task: 'reopen-free',
      });
    }
    await proposeOrThrow(world, { kind: 'rollback.finish', rollbackId: rollback.id });
    await this.#rollServices(rollback, 'back');
    log.info('rolled back', { rollbackId: rollback.id, branch, commit: afterCommit });
    return this.#stored(rollback.id);
  }

  async #finishUndo(
    rollback: Rollback,
    branch: Rollback['branch'],
    before: CommitId,
    after: CommitId,
  ): Promise<Rollback> {
    const { world, repository, log } = this.#context;
    const head = await repository.branchHead(branch);
    const isMoved = head !== null && (await repository.isAncestor(after, head));
    if (!isMoved) {
      const moved = await repository.moveBranch(branch, before, after, `gantry: undo R-${rollback.number}`);
      if (!moved.ok) {
        const detail = `${branch} could not be moved: ${moved.error.detail}`;
        await proposeOrThrow(world, { kind: 'rollback.refuseUndo', rollbackId: rollback.id, detail });
        throw new GantryError('wrong-state', `${detail} The rollback stands. Try again.`);
      }
    }
    await proposeOrThrow(world, { kind: 'rollback.finishUndo', rollbackId: rollback.id });
    await this.#rollServices(rollback, 'forth');
    log.info('rollback undone', { rollbackId: rollback.id, branch, commit: after });
    return this.#stored(rollback.id);
  }

  /**
   * Hands the rollback's services over to rollouts, in the order of the plan; taking it back, the
   * other way round. One that was deployed or removed since is left as it is. Harmless to repeat:
   * what was handed over before a crash is known by its origin, and only written down.
   */
  async #rollServices(rollback: Rollback, way: 'back' | 'forth'): Promise<void> {
    const { world, log } = this.#context;
    const handed: { serviceId: ServiceId; rolloutId: RolloutId }[] = [];
    const services = way === 'back' ? rollback.services : rollback.services.toReversed();
    for (const planned of services) {
      const { serviceId, fromRevision, toRevision } = planned;
      const target = way === 'back' ? toRevision : fromRevision;
      const expected = way === 'back' ? fromRevision : toRevision;
      const rollouts = world.store.read.rollouts(serviceId);
      const known = rollouts.find(
        ({ origin, toRevision: revision }) =>
          origin.kind === 'timeline' && origin.rollbackId === rollback.id && revision === target,
      );
      if (known !== undefined) {
        if (planned.rolloutId === null) handed.push({ serviceId, rolloutId: known.id });
        continue;
      }
      const newest = rollouts[0];
      const isUntouched =
        way === 'back'
          ? newest === undefined || newest.startedAtMs <= rollback.startedAtMs
          : newest?.id === planned.rolloutId;
      if (target === null || !isUntouched || wantedRevision(world.store.read, serviceId) !== expected) continue;
      const rolloutId = newRolloutId(world.random);
      const begun = await propose(world, {
        kind: 'service.rollBack',
        serviceId,
        toRevision: target,
        origin: { kind: 'timeline', rollbackId: rollback.id },
        rolloutId,
        checkpoint: null,
      });
      if (begun.ok) handed.push({ serviceId, rolloutId });
      else log.warn('a service could not be rolled back', { serviceId, error: begun.error.message });
    }
    if (handed.length === 0) return;
    await proposeOrThrow(world, { kind: 'rollback.services', rollbackId: rollback.id, services: handed });
  }

  async #recoverUndo(rollback: Rollback): Promise<void> {
    const { world, projectId } = this.#context;
    const entry = world.store.read
      .checkpoints(projectId)
      .find((each) => each.kind === 'undo' && each.rollbackId === rollback.id && each.afterCommit === null);
    const after = entry ? await this.#writeUndo(rollback, entry.beforeCommit, entry.atMs) : null;
    if (!entry || after === null) {
      const detail = 'Gantry ended while it was being undone. The rollback stands; undo it again.';
      await proposeOrThrow(world, { kind: 'rollback.refuseUndo', rollbackId: rollback.id, detail });
      return;
    }
    await this.#finishUndo(rollback, entry.branch, entry.beforeCommit, after);
  }

  async #facts(checkpointId: CheckpointId): Promise<RollbackFacts> {
    const { world, repository, projectId } = this.#context;
    const { read } = world.store;
    const checkpoint = read.checkpoint(checkpointId);
    if (checkpoint?.projectId !== projectId) {
      throw new GantryError('not-found', 'This checkpoint does not exist any more.');
    }
    const toCommit = checkpoint.afterCommit;
    if (toCommit === null) {
      throw new GantryError('wrong-state', 'What this checkpoint guards is still under way. Wait until it has ended.');
    }
    const { branch, head } = await repository.landingBranch(storedProject(this.#context).targetBranch);
    if (!(await repository.isAncestor(toCommit, head))) {
      throw new GantryError(
        'wrong-state',
        `${branch} does not contain ${toCommit.slice(0, 10)} any more: its history was changed from outside. Nothing can be rolled back to this checkpoint.`,
      );
    }
    const history = await this.#history(toCommit, head);
    const sameCommit = toCommit === head;
    return {
      checkpoint,
      branch,
      headCommit: head,
      toCommit,
      history,
      checkpoints: read.checkpoints(projectId),
      rollbacks: read.rollbacks(projectId),
      tasks: read.tasks(projectId),
      lanesBuiltOn: await this.#lanesBuiltOn(history),
      changes: sameCommit ? { files: 0, added: 0, removed: 0 } : await repository.countChanges(head, toCommit),
      changedPaths: sameCommit ? [] : await repository.changedPaths(head, toCommit),
      mergesWaiting: read.merges(projectId, { open: true }).length,
      services: this.#serviceFacts(checkpoint),
      nowMs: world.clock.nowMs(),
    };
  }

  #serviceFacts(checkpoint: Checkpoint): ServiceFacts[] {
    const { read } = this.#context.world.store;
    return read
      .services(this.#context.projectId)
      .filter((service) => service.stack === mainStack)
      .map((service) => {
        const wanted = wantedRevision(read, service.id);
        const target = checkpoint.revisions[service.name];
        return {
          service,
          wanted: wanted === null ? null : read.revision(service.id, wanted),
          target: target === undefined ? null : read.revision(service.id, target),
          keeping: read.keepingRollout(service.id),
        };
      });
  }

  async #history(from: CommitId, to: CommitId): Promise<HistoryCommit[]> {
    const history = from === to ? [] : await this.#context.repository.history(from, to);
    if (history.length < historyMax) return history;
    throw new GantryError(
      'too-large',
      `More than ${historyMax} commits lie after this checkpoint. Choose a newer one.`,
    );
  }

  /** Live lanes that contain a commit of the history: they began there, or had it merged in since. */
  async #lanesBuiltOn(history: readonly HistoryCommit[]): Promise<Lane[]> {
    const { world, repository, projectId } = this.#context;
    const oldest = history.at(-1)?.commit;
    if (oldest === undefined) return [];
    const commits = new Set(history.map((entry) => entry.commit));
    const lanes: Lane[] = [];
    for (const lane of world.store.read.lanes(projectId, { live: true })) {
      if (lane.workspace === null) continue;
      const { baseCommit, worktree } = lane.workspace;
      if (commits.has(baseCommit)) lanes.push(lane);
      else if (lane.reworks > 0 && (await repository.hasWorktree(worktree))) {
        const head = await repository.worktreeHead(worktree);
        if (await repository.isAncestor(oldest, head)) lanes.push(lane);
      }
    }
    return lanes;
  }

  /** One commit for each step, newest work first; the last has exactly the files of the checkpoint. */
  async #writeReverts(facts: RollbackFacts, steps: readonly RevertStep[], why: string): Promise<CommitId> {
    const { repository } = this.#context;
    let head = facts.headCommit;
    for (const step of steps) {
      const tree = await repository.treeOf(step.restores);
      head = await repository.commitTree(tree, [head], revertMessage(step, `${why}.`), facts.nowMs);
    }
    return head;
  }

  /** Merges the files of before the rollback into the branch as it is now; null when that conflicts. */
  async #writeUndo(rollback: Rollback, head: CommitId, atMs: number): Promise<CommitId | null> {
    const { repository } = this.#context;
    const after = assertDefined(rollback.afterCommit, 'a rollback that is done has its commit');
    const message = undoMessage(rollback);
    const tree = await repository.treeOf(rollback.beforeCommit);
    const onRollback = await repository.commitTree(tree, [after], message, atMs);
    if (head === after) return onRollback;
    const merged = await repository.mergeTree(head, onRollback);
    return merged.kind === 'clean' ? repository.commitTree(merged.tree, [head], message, atMs) : null;
  }

  #stored(id: RollbackId): Rollback {
    const rollback = this.#context.world.store.read.rollback(id);
    if (rollback?.projectId !== this.#context.projectId) {
      throw new GantryError('not-found', 'This rollback does not exist.');
    }
    return rollback;
  }
}

/** What a service serves, or is on its way to serve; null for one that never did and is not. */
function wantedRevision(read: StateReader, serviceId: ServiceId): number | null {
  const service = read.service(serviceId);
  const rollout = service?.rolloutId == null ? null : read.rollout(service.rolloutId);
  return rollout?.toRevision ?? service?.servingRevision ?? null;
}

/** Makes a checkpoint that a person asked for. */
export async function addManualCheckpoint(context: ProjectContext, label: string): Promise<Checkpoint> {
  const { world, repository, projectId } = context;
  const { branch, head } = await repository.landingBranch(storedProject(context).targetBranch);
  const checkpointId = newCheckpointId(world.random);
  await repository.keep({ [`checkpoints/${checkpointId}/after`]: head });
  await proposeOrThrow(world, {
    kind: 'checkpoint.add',
    checkpointId,
    projectId,
    checkpointKind: 'manual',
    label,
    branch,
    beforeCommit: head,
    afterCommit: head,
  });
  return assertDefined(world.store.read.checkpoint(checkpointId), 'it was just added');
}
