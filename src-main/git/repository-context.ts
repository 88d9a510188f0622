/** What the parts of one opened repository share. */
import { realpath } from 'node:fs/promises';
import type { CommitId, LaneId, ProjectId } from '#shared/model/ids.ts';
import { GitFailure } from '../ports/git.ts';
import type { Log } from '../ports/log.ts';
import { isMissing } from './file-errors.ts';
import type { GitRunner } from './git-runner.ts';
import { adminFolderOf, isInside } from './worktree-list.ts';

export interface RepositoryContext {
  readonly git: GitRunner;
  readonly projectId: ProjectId;
  /** Where commands that concern no worktree are run. */
  readonly path: string;
  /** The `.git` folder that all worktrees share, resolved. */
  readonly commonFolder: string;
  /** Gantry's own folders for this repository, resolved; each exists. */
  readonly folders: {
    readonly worktrees: string;
    readonly gates: string;
    /** What could not be saved as a ref and is therefore kept as files. */
    readonly kept: string;
    /** What is being removed: emptied in the background and at every start. */
    readonly trash: string;
    /** Temporary index files. */
    readonly temporary: string;
  };
  readonly log: Log;
}

/** One of Gantry's own worktrees, checked to be what it seems. */
export interface OwnWorktree {
  readonly path: string;
  /** Its folder under `<common>/worktrees`. */
  readonly gitFolder: string;
}

/**
 * Lets only Gantry's own, intact worktrees through: no method of this folder may ever run
 * `add`, `reset` or `merge` where a person works. Throws a `GitFailure` otherwise.
 */
export async function ownWorktree(context: RepositoryContext, worktree: string): Promise<OwnWorktree> {
  const found = await findOwnWorktree(context, worktree);
  if (found === null) {
    throw new GitFailure(
      `${worktree} is not a worktree of Gantry's any more: its folder or its .git file is gone`,
      null,
      '',
    );
  }
  return found;
}

/** The same, answering null when it is gone or no longer linked to this repository. */
export async function findOwnWorktree(context: RepositoryContext, worktree: string): Promise<OwnWorktree | null> {
  const path = await resolvedPath(worktree);
  if (path === null) return null;
  if (!isInside(path, context.folders.worktrees) && !isInside(path, context.folders.gates)) return null;
  const gitFolder = await adminFolderOf(path, context.commonFolder);
  return gitFolder === null ? null : { path, gitFolder };
}

export async function resolvedPath(path: string): Promise<string | null> {
  try {
    return await realpath(path);
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/** A worktree is locked with a reason that says whose it is, which keeps it from being pruned and makes it findable. */
export function laneLockReason(laneId: LaneId): string {
  return `gantry ${laneId}`;
}

/** The lane that a lock reason names, if it is one of ours. */
export function laneOfLockReason(reason: string | null): LaneId | null {
  const laneId = /^gantry (lane-[a-z0-9]{8,32})$/.exec(reason ?? '')?.[1];
  return laneId === undefined ? null : (laneId as LaneId);
}

/** The commit that `revision` names, or null. */
export async function resolveCommit(git: GitRunner, cwd: string, revision: string): Promise<CommitId | null> {
  const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`];
  const { exitCode, stdout } = await git.run({ cwd, args, answers: [0, 1, 128] });
  return exitCode === 0 ? (stdout.trim() as CommitId) : null;
}

/** The newest commit that both contain; null when their histories are unrelated. */
export async function mergeBase(git: GitRunner, cwd: string, one: string, other: string): Promise<CommitId | null> {
  const { exitCode, stdout } = await git.run({ cwd, args: ['merge-base', one, other], answers: [0, 1] });
  return exitCode === 0 ? (stdout.trim().split('\n')[0] as CommitId) : null;
}

export async function isAncestor(git: GitRunner, cwd: string, ancestor: string, descendant: string): Promise<boolean> {
  if (ancestor === descendant) return true;
  const args = ['merge-base', '--is-ancestor', ancestor, descendant];
  return (await git.run({ cwd, args, answers: [0, 1] })).exitCode === 0;
}
