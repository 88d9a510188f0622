/** Where merges land, and how what landed beside the target comes into it. */
import { fail, ok, type Result } from '#shared/base/result.ts';
import { GantryError } from '#shared/contract/error.ts';
import type { BranchName, CommitId } from '#shared/model/ids.ts';
import { commitTree } from './commit-tree.ts';
import { detourOf } from './lane-names.ts';
import { mergeTree } from './merge-tree.ts';
import { moveBranch } from './move-branch.ts';
import { isAncestor, type RepositoryContext } from './repository-context.ts';
import { checkoutOf, type FilesInTheWay, readTargetHeads } from './target-state.ts';

/** The target itself, or the detour while the target's checkout is not clean or the detour is not brought in. */
export async function chooseLanding(
  context: RepositoryContext,
  inTheWay: FilesInTheWay,
  target: BranchName,
): Promise<{ branch: BranchName; head: CommitId; because: string | null }> {
  const { head, detour } = await readTargetHeads(context, target);
  if (detour !== null) {
    const merges = detour.aheadBy === 1 ? '1 merge' : `${detour.aheadBy} merges`;
    const because = `${detour.branch} is ahead of ${target} by ${merges} that are not brought in yet.`;
    return { branch: detour.branch, head: detour.head, because };
  }
  const checkout = await checkoutOf(context, inTheWay, target);
  if (checkout !== null && !checkout.clean) {
    const because = `${checkout.because ?? `${checkout.path} is not clean`}, so ${target} is left alone.`;
    return { branch: detourOf(target), head, because };
  }
  return { branch: target, head, because: null };
}

/** The head of the branch that `chooseLanding` answers, which does not depend on any checkout. */
export async function landingHead(context: RepositoryContext, target: BranchName): Promise<CommitId> {
  const { head, detour } = await readTargetHeads(context, target);
  return detour?.head ?? head;
}

/**
 * Moves the target to the detour; merges the two first when the target went on meanwhile. The
 * detour goes once it is in. Refuses with `wrong-state` while the target's checkout is not
 * clean, and when the two do not merge (the conflicts are the error's data).
 */
export async function bringIn(
  context: RepositoryContext,
  inTheWay: FilesInTheWay,
  target: BranchName,
): Promise<Result<CommitId, GantryError>> {
  const { git, path: cwd } = context;
  const { head, detour } = await readTargetHeads(context, target);
  if (detour === null) return ok(head);
  const checkout = await checkoutOf(context, inTheWay, target);
  const kept = `Everything that was merged is kept on ${detour.branch}.`;
  if (checkout !== null && !checkout.clean) {
    return fail(
      new GantryError(
        'wrong-state',
        `${target} cannot be moved: ${checkout.because ?? `${checkout.path} is not clean`}. ${kept} Commit or stash your changes there, then bring it in again.`,
        { retryable: true },
      ),
    );
  }
  let to = detour.head;
  if (!(await isAncestor(git, cwd, head, detour.head))) {
    const merged = await mergeTree(git, cwd, head, detour.head);
    if (merged.kind === 'conflict') {
      const paths = merged.conflicts.map((conflict) => conflict.path);
      return fail(
        new GantryError(
          'wrong-state',
          `${target} went on meanwhile, and its new commits collide with what was merged, in ${paths.slice(0, 5).join(', ')}${paths.length > 5 ? ', …' : ''}. ${kept} Merge ${detour.branch} into ${target} by hand ("git merge ${detour.branch}") and decide there.`,
          { data: { conflicts: merged.conflicts } },
        ),
      );
    }
    to = await commitTree(
      context,
      merged.tree,
      [head, detour.head],
      `Merge ${detour.branch} into ${target}`,
      Date.now(),
    );
  }
  const moved = await moveBranch(context, inTheWay, target, head, to, `gantry: bring in ${detour.branch}`);
  if (!moved.ok) {
    return fail(
      new GantryError('wrong-state', `${target} was not moved: ${moved.error.detail} ${kept} Try again.`, {
        retryable: true,
      }),
    );
  }
  // Only as it was read: a merge that landed on it since then stays. A person may have it checked out.
  if ((await checkoutOf(context, inTheWay, detour.branch)) === null) {
    const args = ['update-ref', '-d', `refs/heads/${detour.branch}`, detour.head];
    await git.run({ cwd, args, answers: [0, 1, 128] });
  }
  return ok(to);
}
