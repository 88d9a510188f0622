import { GantryError } from '#shared/contract/error.ts';
import type { CommitId } from '#shared/model/ids.ts';
import type { Lane } from '#shared/model/lane.ts';
import type { Task } from '#shared/model/task.ts';
import type { ChangeCount } from '../../ports/git.ts';
import { workMessage } from '../decide/merge-message.ts';
import { type ProjectContext, storedProject } from './project-context.ts';

/** A lane's work as a commit, with what it changes against the target that it contains. */
export interface FinishedWork {
  readonly head: CommitId;
  readonly changes: ChangeCount;
}

/** Commits what the agent left, and counts what the lane changed. Harmless to repeat. */
export async function commitWork(context: ProjectContext, lane: Lane, task: Task): Promise<FinishedWork> {
  const { repository } = context;
  if (lane.workspace === null) throw new GantryError('wrong-state', `Lane ${lane.number} has no worktree.`);
  const head = await repository.commitAll(lane.workspace.worktree, workMessage(task, lane));
  const base = await effectiveBase(context, lane.workspace.baseCommit, head);
  return { head, changes: await repository.countChanges(base, head) };
}

/**
 * The newest commit of the target that a lane's work contains: what its changes are counted
 * against. That is where the lane began, unless the target was merged into it since.
 */
export async function effectiveBase(context: ProjectContext, base: CommitId, head: CommitId): Promise<CommitId> {
  const { repository } = context;
  const target = await repository.landingHead(storedProject(context).targetBranch);
  return (await repository.mergeBase(target, head)) ?? base;
}
