/** Whether somebody is in the middle of a merge, rebase or the like in a worktree. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissing } from './file-errors.ts';

const operations: readonly (readonly [file: string, name: string])[] = [
  ['rebase-merge', 'a rebase'],
  ['rebase-apply', 'a rebase'],
  ['MERGE_HEAD', 'a merge'],
  ['CHERRY_PICK_HEAD', 'a cherry-pick'],
  ['REVERT_HEAD', 'a revert'],
  ['BISECT_LOG', 'a bisect'],
];

/** What is under way, in words ("a rebase"); null for nothing. `gitFolder` is the worktree's own. */
export async function operationUnderway(gitFolder: string): Promise<string | null> {
  for (const [file, name] of operations) {
    if (await exists(join(gitFolder, file))) return name;
  }
  return null;
}

/**
 * The branch that a rebase or bisect under way will come back to: the head is detached
 * meanwhile, but moving that branch would make its end fail.
 */
export async function branchUnderway(gitFolder: string): Promise<string | null> {
  for (const file of ['rebase-merge/head-name', 'rebase-apply/head-name', 'BISECT_START']) {
    const text = await readIfThere(join(gitFolder, file));
    const name = text?.trim().replace(/^refs\/heads\//, '');
    if (name) return name;
  }
  return null;
}

export async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

export async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}
