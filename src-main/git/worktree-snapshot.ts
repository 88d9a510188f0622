/**
 * What lies in a worktree, as git objects, without touching its index: everything is added to
 * a temporary copy of the index, which is then written as a tree.
 */
import { randomUUID } from 'node:crypto';
import { copyFile, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { CommitId } from '#shared/model/ids.ts';
import { isMissing } from './file-errors.ts';
import { exists, readIfThere } from './operation-underway.ts';
import { type OwnWorktree, type RepositoryContext, resolveCommit } from './repository-context.ts';

/** The content of a worktree at one moment. */
export interface WorktreeSnapshot {
  readonly head: CommitId;
  readonly headTree: string;
  /** The other side of a merge under way. */
  readonly mergeHead: CommitId | null;
  /** All files, untracked ones too and ignored ones not. */
  readonly tree: string;
  /** What is staged, where that is neither what is committed nor what lies in the files. */
  readonly stagedTree: string | null;
  /** Files that git could not read into the tree. */
  readonly isIncomplete: boolean;
}

/** `staged` false leaves what is staged out of account, for looking rather than for keeping. */
export async function takeSnapshot(
  context: RepositoryContext,
  worktree: OwnWorktree,
  { staged: withStaged }: { staged: boolean },
): Promise<WorktreeSnapshot> {
  const { git } = context;
  const cwd = worktree.path;
  const index = join(context.folders.temporary, `index-${randomUUID()}`);
  const env = { GIT_INDEX_FILE: index };
  try {
    const names = await git.text({ cwd, args: ['rev-parse', 'HEAD^{commit}', 'HEAD^{tree}'] });
    const [head = '', headTree = ''] = names.split('\n');
    if (withStaged && (await isClean(context, worktree, head))) {
      const [commit, tree] = [head as CommitId, headTree];
      return { head: commit, headTree, mergeHead: null, tree, stagedTree: null, isIncomplete: false };
    }
    const isCopy = await copyIndex(join(worktree.gitFolder, 'index'), index);
    // Unmerged entries cannot be written as a tree: there is nothing staged but the conflict.
    const staged = isCopy && withStaged ? await git.run({ cwd, env, args: ['write-tree'], answers: [0, 128] }) : null;
    // A file that cannot be read, or a repository without commits in a subfolder, must not keep the rest from being saved.
    const added = await git.run({
      cwd,
      env,
      args: ['add', '--all', '--ignore-errors', '--', '.'],
      answers: [0, 1, 128],
    });
    const tree = await git.text({ cwd, env, args: ['write-tree'] });
    const stagedTree = staged?.exitCode === 0 ? staged.stdout.trim() : null;
    const mergeHead = (await readIfThere(join(worktree.gitFolder, 'MERGE_HEAD')))?.split('\n')[0]?.trim();
    return {
      head: head as CommitId,
      headTree,
      mergeHead: mergeHead ? await resolveCommit(git, cwd, mergeHead) : null,
      tree,
      stagedTree: stagedTree === headTree || stagedTree === tree ? null : stagedTree,
      isIncomplete: added.exitCode !== 0,
    };
  } finally {
    await Promise.all([rm(index, { force: true }), rm(`${index}.lock`, { force: true })]);
  }
}

/**
 * Whether a worktree is on `head` and holds nothing else, ignored files aside. One question
 * instead of an index and two trees; false where git could not look at everything.
 */
async function isClean({ git }: RepositoryContext, worktree: OwnWorktree, head: string): Promise<boolean> {
  const look = ['status', '--porcelain=v2', '--branch', '-z'];
  const args = [...look, '--untracked-files=normal', '--no-renames', '--ignore-submodules=none'];
  const { exitCode, stdout, stderr } = await git.run({ cwd: worktree.path, args, answers: [0, 1, 128] });
  // What cannot be read is only warned of.
  if (exitCode !== 0 || stderr !== '') return false;
  const lines = stdout.split('\0').filter((line) => line !== '');
  const isOnHead = lines.includes(`# branch.oid ${head}`) && lines.every((line) => line.startsWith('# '));
  return isOnHead && !(await exists(join(worktree.gitFolder, 'MERGE_HEAD')));
}

/**
 * Copies the index so that files whose times it remembers need not be read again. Its own time
 * comes along, rounded down: git reads a file again that is as young as the index, since it may
 * have changed within the same tick, and a younger copy would hide such a change.
 */
async function copyIndex(from: string, to: string): Promise<boolean> {
  try {
    const { mtimeMs } = await stat(from);
    await copyFile(from, to);
    const seconds = Math.floor(mtimeMs) / 1_000;
    await utimes(to, seconds, seconds);
    return true;
  } catch (error) {
    // A worktree whose making was cut short has no index yet: all its files are new to git then.
    if (isMissing(error) && !(await exists(from))) return false;
    throw error;
  }
}

/** The submodules and repositories of its own that a tree records only by their commit. */
export async function nestedRepositories(context: RepositoryContext, tree: string): Promise<string[]> {
  const { stdout } = await context.git.run({ cwd: context.path, args: ['ls-tree', '-r', '-z', tree] });
  return stdout
    .split('\0')
    .flatMap((entry) => (entry.startsWith('160000 ') ? [entry.slice(entry.indexOf('\t') + 1)] : []));
}
