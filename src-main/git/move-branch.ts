/** Moves a branch forward, by a reference update or, where a clean checkout has it, by git itself. */
import { fail, ok, type Result } from '#shared/base/result.ts';
import type { BranchName, CommitId } from '#shared/model/ids.ts';
import { GitLocked } from './git-runner.ts';
import { branchPrefix } from './lane-names.ts';
import { isAncestor, type RepositoryContext, resolveCommit } from './repository-context.ts';
import { checkoutOf, type FilesInTheWay } from './target-state.ts';

export type MoveRefusal = { kind: 'moved' | 'checkout-not-clean' | 'not-a-fast-forward'; detail: string };

const mergeTimeoutMs = 600_000;

/**
 * Moves `branch` from `from` to `to`, which has to descend from it: history is never rewritten.
 * A branch that is at `to` already was moved by an earlier call that was cut short. A missing
 * `gantry/…` branch is created; one that lies behind `from` (a detour that was brought in) is
 * brought up to it.
 */
export async function moveBranch(
  context: RepositoryContext,
  inTheWay: FilesInTheWay,
  branch: BranchName,
  from: CommitId,
  to: CommitId,
  why: string,
): Promise<Result<null, MoveRefusal>> {
  const { git, path: cwd } = context;
  const isForward = await isAncestor(git, cwd, from, to);
  const checkout = await checkoutOf(context, inTheWay, branch);
  // The last look before it is moved, so that little can happen in between.
  const { head, isCheckedOut } = await readBranch(context, checkout?.path ?? cwd, branch);
  if (head === to) return ok(null);
  const isOurs = branch.startsWith(branchPrefix);
  const isExpected = head === from || (isOurs && (head === null || (await isAncestor(git, cwd, head, from))));
  if (!isExpected) return fail(movedMeanwhile(branch, from, head));
  if (!isForward) {
    return fail({ kind: 'not-a-fast-forward', detail: `${short(to)} does not build on ${short(from)}.` });
  }
  if (checkout === null) return updateRef(context, branch, head, to, why);
  if (!checkout.clean) {
    return fail({ kind: 'checkout-not-clean', detail: `${checkout.because ?? checkout.path}; it was left alone.` });
  }
  if (!isCheckedOut) return fail(anotherBranch(checkout.path));
  return fastForward(context, inTheWay, { checkout: checkout.path, branch, from: head ?? from, to, why });
}

/** `expected` null: there must be no such branch. */
async function updateRef(
  context: RepositoryContext,
  branch: BranchName,
  expected: CommitId | null,
  to: CommitId,
  why: string,
): Promise<Result<null, MoveRefusal>> {
  const { git, path: cwd } = context;
  const ref = `refs/heads/${branch}`;
  const args = ['update-ref', '--create-reflog', '-m', why, ref, to, expected ?? ''];
  const { exitCode, stderr } = await git.run({ cwd, args, answers: [0, 1, 128] });
  if (exitCode === 0) return ok(null);
  const head = await resolveCommit(git, cwd, ref);
  if (head === to) return ok(null);
  if (head !== expected) return fail(movedMeanwhile(branch, expected, head));
  return fail({ kind: 'moved', detail: `git did not move ${branch}: ${stderr.trim().slice(0, 300)}` });
}

/**
 * Lets git move a clean checkout. Three things can happen between the look at it and the move:
 *  1. The person commits: `to` does not build on their commit and git refuses.
 *  2. A file of theirs appears where the merge has one: git refuses, ignored files included.
 *  3. They switch to another branch that `to` builds on: git moves that one. It is put back by
 *     `reset --keep`, which gives up rather than overwrite anything.
 */
async function fastForward(
  context: RepositoryContext,
  inTheWay: FilesInTheWay,
  move: { checkout: string; branch: BranchName; from: CommitId; to: CommitId; why: string },
): Promise<Result<null, MoveRefusal>> {
  const { git } = context;
  const { checkout: cwd, branch, from, to, why } = move;
  const args = [
    'merge',
    '--ff-only',
    '--no-overwrite-ignore',
    '--no-autostash',
    '--no-verify-signatures',
    '--no-stat',
    '--quiet',
  ];
  let refused: string | null = null;
  try {
    const env = { GIT_REFLOG_ACTION: why };
    const merged = await git.run({ cwd, env, args: [...args, to], answers: [0, 1, 128], timeoutMs: mergeTimeoutMs });
    if (merged.exitCode !== 0) refused = merged.stderr.trim();
  } catch (error) {
    if (!(error instanceof GitLocked)) throw error;
    return fail({ kind: 'checkout-not-clean', detail: error.message });
  }
  const after = await readBranch(context, cwd, branch);
  if (refused === null && after.isCheckedOut) return ok(null);
  if (refused === null) {
    if ((await resolveCommit(git, cwd, 'HEAD')) === to)
      await git.run({ cwd, args: ['reset', '--quiet', '--keep', from] });
    return fail(anotherBranch(cwd));
  }
  if (after.head !== from) return fail(movedMeanwhile(branch, from, after.head));
  const files = filesThatWouldBeOverwritten(refused);
  if (files.length > 0) inTheWay.remember(cwd, files);
  return fail({
    kind: 'checkout-not-clean',
    detail: `git left ${cwd} as it is: ${refused.split('\n').slice(0, 4).join(' ').slice(0, 400)}`,
  });
}

/** Where a branch is, null for nowhere, and whether it is what is checked out in the worktree `cwd`. */
async function readBranch(
  context: RepositoryContext,
  cwd: string,
  branch: BranchName,
): Promise<{ head: CommitId | null; isCheckedOut: boolean }> {
  const ref = `refs/heads/${branch}`;
  const args = ['for-each-ref', '--format=%(refname) %(objectname) %(HEAD)', ref];
  // A pattern also matches what lies below it.
  const found = (await context.git.text({ cwd, args })).split('\n').find((line) => line.startsWith(`${ref} `));
  const [, head = null, mark] = found?.split(' ') ?? [];
  return { head: head as CommitId | null, isCheckedOut: mark === '*' };
}

/** git lists them one a line, each behind a tab. */
export function filesThatWouldBeOverwritten(stderr: string): string[] {
  return stderr.split('\n').flatMap((line) => (line.startsWith('\t') ? [line.slice(1)] : []));
}

function movedMeanwhile(branch: BranchName, from: CommitId | null, head: CommitId | null): MoveRefusal {
  const now = head === null ? 'is gone' : `is at ${short(head)}`;
  return { kind: 'moved', detail: `${branch} ${now}, not at ${from === null ? 'nothing' : short(from)} any more.` };
}

function anotherBranch(checkout: string): MoveRefusal {
  return { kind: 'checkout-not-clean', detail: `Another branch was checked out in ${checkout} in that moment.` };
}

function short(commit: string): string {
  return commit.slice(0, 10);
}
