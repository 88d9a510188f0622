/** The worktrees of a repository as git lists them, and what their folders under `.git/worktrees` say. */
import { readFile, realpath } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import type { CommitId } from '#shared/model/ids.ts';
import { isMissing } from './file-errors.ts';
import type { GitRunner } from './git-runner.ts';

export interface Worktree {
  readonly path: string;
  readonly isBare: boolean;
  /** Null for a bare one and one without commits. */
  readonly head: CommitId | null;
  /** Full name of the branch that is checked out; null when detached. */
  readonly ref: string | null;
  /** Why it is locked; null when it is not. */
  readonly lockReason: string | null;
  /** Its folder is gone. */
  readonly isMissing: boolean;
}

/** All worktrees, the main one first. */
export async function listWorktrees(git: GitRunner, cwd: string): Promise<Worktree[]> {
  const { stdout } = await git.run({ cwd, args: ['worktree', 'list', '--porcelain', '-z'] });
  return parseWorktreeList(stdout);
}

/** Entries end with an empty attribute; attributes are `name` or `name value`, each ended by NUL. */
export function parseWorktreeList(text: string): Worktree[] {
  return text
    .split('\0\0')
    .filter((entry) => entry !== '')
    .map((entry) => {
      const attributes = new Map(
        entry.split('\0').map((attribute): [string, string] => {
          const space = attribute.indexOf(' ');
          return space < 0 ? [attribute, ''] : [attribute.slice(0, space), attribute.slice(space + 1)];
        }),
      );
      const head = attributes.get('HEAD') ?? '';
      return {
        path: attributes.get('worktree') ?? '',
        isBare: attributes.has('bare'),
        head: /^0*$/.test(head) ? null : (head as CommitId),
        ref: attributes.get('branch') ?? null,
        lockReason: attributes.get('locked') ?? null,
        isMissing: attributes.has('prunable'),
      };
    });
}

/**
 * The folder under `<common>/worktrees` that a linked worktree's `.git` file names; null when
 * it names none of this repository (the folder is gone, or something else was made there).
 * Checked before every write in a worktree: without its `.git` file git would look for a
 * repository further up, and find the wrong one.
 */
export async function adminFolderOf(worktree: string, commonFolder: string): Promise<string | null> {
  let text: string;
  try {
    text = await readFile(join(worktree, '.git'), 'utf8');
  } catch (error) {
    if (isMissing(error) || isFolder(error)) return null;
    throw error;
  }
  // A path may hold line ends, so only the last one is left off.
  const named = /^gitdir: ([^]+?)\n?$/.exec(text)?.[1];
  if (named === undefined) return null;
  try {
    const folder = await realpath(resolve(worktree, named));
    return dirname(folder) === join(commonFolder, 'worktrees') ? folder : null;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

function isFolder(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EISDIR';
}

/** Whether `path` is `folder` or lies below it. Both are absolute and resolved. */
export function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder + sep);
}
