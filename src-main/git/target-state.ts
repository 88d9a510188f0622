/** What is known of the branch that lanes merge into, read afresh each time. */
import { join } from 'node:path';
import { GantryError } from '#shared/contract/error.ts';
import type { BranchName, CommitId } from '#shared/model/ids.ts';
import type { TargetState } from '../ports/git.ts';
import { detourOf } from './lane-names.ts';
import { branchUnderway, exists, operationUnderway } from './operation-underway.ts';
import type { RepositoryContext } from './repository-context.ts';
import { adminFolderOf, listWorktrees, type Worktree } from './worktree-list.ts';

/**
 * Files of the person's that were in the way of a merge, by checkout: git refused to overwrite
 * them. As long as one of them is there, the checkout does not count as clean.
 */
export class FilesInTheWay {
  readonly #byCheckout = new Map<string, readonly string[]>();

  remember(checkout: string, paths: readonly string[]): void {
    this.#byCheckout.set(checkout, paths);
  }

  /** Those that are still there. */
  async stillIn(checkout: string): Promise<string[]> {
    const there: string[] = [];
    for (const path of this.#byCheckout.get(checkout) ?? []) {
      if (await exists(join(checkout, path))) there.push(path);
    }
    if (there.length === 0) this.#byCheckout.delete(checkout);
    return there;
  }
}

/** The heads of the target and of its detour. */
export type TargetHeads = Pick<TargetState, 'head' | 'detour'>;

/** Throws a `GantryError` (`unknown-branch`) when there is no such branch. */
export async function readTargetHeads(context: RepositoryContext, branch: BranchName): Promise<TargetHeads> {
  const heads = await findTargetHeads(context, branch);
  if (heads !== null) return heads;
  throw new GantryError(
    'unknown-branch',
    `The branch ${branch} is not there (any more) in ${context.path}. Nothing was changed. Make it again, or choose another target in the settings of the project.`,
    { data: branch },
  );
}

/** Null when there is no such branch. */
export async function readTargetState(
  context: RepositoryContext,
  inTheWay: FilesInTheWay,
  branch: BranchName,
): Promise<TargetState | null> {
  const heads = await findTargetHeads(context, branch);
  if (heads === null) return null;
  return { branch, ...heads, checkout: await checkoutOf(context, inTheWay, branch) };
}

async function findTargetHeads(context: RepositoryContext, branch: BranchName): Promise<TargetHeads | null> {
  const detourBranch = detourOf(branch);
  const heads = await headsOf(context, [branch, detourBranch]);
  const head = heads.get(branch);
  if (head === undefined) return null;
  return { head, detour: await detourState(context, detourBranch, heads.get(detourBranch) ?? null, head) };
}

/** The heads of those branches that exist, in one question: this is asked for every merge. */
async function headsOf(
  context: RepositoryContext,
  branches: readonly BranchName[],
): Promise<Map<BranchName, CommitId>> {
  const refs = branches.map((branch) => `refs/heads/${branch}`);
  const args = ['for-each-ref', '--format=%(objectname) %(refname)', ...refs];
  const heads = new Map<BranchName, CommitId>();
  for (const line of (await context.git.text({ cwd: context.path, args })).split('\n')) {
    const [commit, ref] = line.split(' ');
    // A pattern also matches what lies below it: `refs/heads/main/x` for `refs/heads/main`.
    const branch = branches[refs.indexOf(ref ?? '')];
    if (branch !== undefined && commit !== undefined) heads.set(branch, commit as CommitId);
  }
  return heads;
}

async function detourState(
  context: RepositoryContext,
  branch: BranchName,
  head: CommitId | null,
  targetHead: CommitId,
): Promise<TargetState['detour']> {
  const { git, path: cwd } = context;
  if (head === null || head === targetHead) return null;
  const count = await git.text({ cwd, args: ['rev-list', '--count', '--first-parent', `${targetHead}..${head}`] });
  // None are left out when the target has the head itself.
  return Number(count) === 0 ? null : { branch, head, aheadBy: Number(count) };
}

/** Where a branch is checked out, and whether git may move it there. Null when it is checked out nowhere. */
export async function checkoutOf(
  context: RepositoryContext,
  inTheWay: FilesInTheWay,
  branch: BranchName,
): Promise<TargetState['checkout']> {
  const listed = await listWorktrees(context.git, context.path);
  const holding: Worktree[] = [];
  for (const worktree of listed) {
    if (!worktree.isBare && !worktree.isMissing && (await holds(context, worktree, branch))) holding.push(worktree);
  }
  const [first, second] = holding;
  if (!first) return null;
  const because = second
    ? `${branch} is checked out in two places, ${first.path} and ${second.path}`
    : await whyNotClean(context, inTheWay, first.path);
  return { path: first.path, clean: because === null, because };
}

async function holds(context: RepositoryContext, worktree: Worktree, branch: BranchName): Promise<boolean> {
  if (worktree.ref !== null) return worktree.ref === `refs/heads/${branch}`;
  return (await branchUnderway(await gitFolderOf(context, worktree.path))) === branch;
}

/** Read from the worktree's own `.git` file: git need not be asked. The main worktree has none. */
async function gitFolderOf(context: RepositoryContext, worktree: string): Promise<string> {
  return (await adminFolderOf(worktree, context.commonFolder)) ?? context.commonFolder;
}

/**
 * Why git should not move this checkout now; null when it may. Untracked files are no reason
 * as such: git refuses to overwrite them, and those that were in the way once are remembered.
 */
async function whyNotClean(
  context: RepositoryContext,
  inTheWay: FilesInTheWay,
  checkout: string,
): Promise<string | null> {
  const operation = await operationUnderway(await gitFolderOf(context, checkout));
  if (operation !== null) return `${operation} is under way in ${checkout}`;
  const { stdout } = await context.git.run({
    cwd: checkout,
    args: ['status', '--porcelain=v1', '-z', '--no-renames', '--untracked-files=no', '--ignore-submodules=untracked'],
  });
  const changed = stdout.split('\0').filter((entry) => entry !== '');
  if (changed.length > 0) {
    const sample = changed[0]?.slice(3) ?? '';
    const count = changed.length === 1 ? '1 uncommitted change' : `${changed.length} uncommitted changes`;
    return `${checkout} has ${count} (${sample}${changed.length > 1 ? ', …' : ''})`;
  }
  const [blocking, ...more] = await inTheWay.stillIn(checkout);
  if (blocking === undefined) return null;
  return `${checkout} has a file that no branch knows, ${blocking}${more.length > 0 ? ` and ${more.length} more` : ''}, where a merge brings one of that name`;
}
