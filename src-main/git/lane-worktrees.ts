/** Makes and removes the worktrees of lanes. Nothing in one is ever removed before it is saved. */
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { assert } from '#shared/base/assert.ts';
import type { BranchName, CommitId, LaneId } from '#shared/model/ids.ts';
import { GitFailure } from '../ports/git.ts';
import { isMissing } from './file-errors.ts';
import { laneBranchOf, laneFolderOf, laneNameOf, parseLaneFolder } from './lane-names.ts';
import { exists, readIfThere } from './operation-underway.ts';
import {
  findOwnWorktree,
  laneLockReason,
  laneOfLockReason,
  type OwnWorktree,
  type RepositoryContext,
  resolveCommit,
} from './repository-context.ts';
import { saveCommit, saveSnapshot } from './saved-work.ts';
import { isInside, listWorktrees, type Worktree } from './worktree-list.ts';
import { nestedRepositories, takeSnapshot } from './worktree-snapshot.ts';

/** Written once a worktree is complete: what a killed `git worktree add` leaves has none. */
const readyFile = 'gantry-ready';
const checkoutTimeoutMs = 600_000;
const namesMax = 1_000;

/** Makes the worktree, or answers the one that an earlier call for the same lane completed. */
export async function addLaneWorktree(
  context: RepositoryContext,
  lane: { laneId: LaneId; number: number; title: string; from: CommitId },
): Promise<{ worktree: string; branch: BranchName; head: CommitId }> {
  const { git, path: cwd } = context;
  const listed = await listWorktrees(git, cwd);
  for (const worktree of listed.filter((each) => laneOfLockReason(each.lockReason) === lane.laneId)) {
    const own = await findOwnWorktree(context, worktree.path);
    const name = parseLaneFolder(basename(worktree.path))?.name;
    if (own && name !== undefined && worktree.head !== null && (await exists(join(own.gitFolder, readyFile)))) {
      return { worktree: own.path, branch: laneBranchOf(name), head: worktree.head };
    }
    await discardUnfinished(context, worktree);
  }
  for (let occurrence = 1; occurrence <= namesMax; occurrence += 1) {
    const name = laneNameOf(lane.number, lane.title, occurrence);
    const worktree = join(context.folders.worktrees, laneFolderOf(name));
    const branch = laneBranchOf(name);
    // An earlier lane of that name may have left its work: it is never reused.
    if ((await exists(worktree)) || (await resolveCommit(git, cwd, `refs/heads/${branch}`)) !== null) continue;
    const lock = ['--lock', '--reason', laneLockReason(lane.laneId)];
    await git.run({
      cwd,
      args: ['worktree', 'add', '--quiet', '--no-track', ...lock, '-b', branch, '--', worktree, lane.from],
      timeoutMs: checkoutTimeoutMs,
    });
    const own = await findOwnWorktree(context, worktree);
    if (own === null) throw new GitFailure(`git made no worktree in ${worktree}`, 0, '');
    await writeFile(join(own.gitFolder, readyFile), `${lane.laneId}\n`);
    return { worktree: own.path, branch, head: lane.from };
  }
  throw new GitFailure(`no free name for lane ${lane.number} was found`, null, '');
}

/** No agent was ever let into it, so there is no work in it. */
async function discardUnfinished(context: RepositoryContext, worktree: Worktree): Promise<void> {
  context.log.info('discarding a worktree whose making was cut short', { worktree: worktree.path });
  await removeFolderAndEntry(context, worktree.path, 'trash', true);
  if (worktree.ref !== null && worktree.head !== null) await deleteBranch(context, worktree.ref, worktree.head);
}

/** True while it is there, linked to this repository and on its own branch. */
export async function hasLaneWorktree(context: RepositoryContext, worktree: string): Promise<boolean> {
  const own = await findOwnWorktree(context, worktree);
  const name = parseLaneFolder(basename(worktree))?.name;
  if (own === null || name === undefined) return false;
  const branchRef = `refs/heads/${laneBranchOf(name)}`;
  // Asked often, so the file is read first; only git knows where else a head may be stored.
  if ((await readIfThere(join(own.gitFolder, 'HEAD')))?.trim() === `ref: ${branchRef}`) return true;
  const args = ['symbolic-ref', '--quiet', 'HEAD'];
  const head = await context.git.run({ cwd: own.path, args, answers: [0, 1, 128] });
  return head.stdout.trim() === branchRef;
}

/**
 * Saves what is nowhere else, then takes worktree and branch away. What cannot become a ref (a
 * repository within the worktree, a file that cannot be read, a folder that is no worktree any
 * more) is moved whole to the kept folder. Steps are ordered so that a crash after any of them
 * leaves enough for the next call to finish.
 */
export async function removeLaneWorktree(
  context: RepositoryContext,
  worktree: string,
  branch: BranchName,
  laneId: LaneId,
): Promise<{ savedRef: string | null }> {
  const { git, path: cwd } = context;
  assert(isInside(worktree, context.folders.worktrees), 'only worktrees of lanes are removed');
  const own = await findOwnWorktree(context, worktree);
  const branchRef = `refs/heads/${branch}`;
  const saved = own === null ? null : await saveBeforeRemoval(context, own, laneId, branchRef);
  let savedRef = saved?.ref ?? null;
  const listed = (await listWorktrees(git, cwd)).find((each) => each.path === worktree);
  const head = listed?.ref === branchRef ? listed.head : await resolveCommit(git, cwd, branchRef);
  // A worktree whose folder is gone may have been on commits that its branch does not have.
  for (const commit of new Set([head, listed?.head ?? null])) {
    if (commit === null || commit === saved?.head) continue;
    if (!(await isKeptElsewhere(context, commit, branchRef))) {
      savedRef = (await saveCommit(context, laneId, commit)).ref;
    }
  }
  await removeFolderAndEntry(context, worktree, saved?.isWhole === true ? 'trash' : 'kept', listed !== undefined);
  if (head !== null) await deleteBranch(context, branchRef, head);
  return { savedRef };
}

/** `ref` is null when nothing had to be saved. The head is kept either way. */
async function saveBeforeRemoval(
  context: RepositoryContext,
  own: OwnWorktree,
  laneId: LaneId,
  branchRef: string,
): Promise<{ ref: string | null; isWhole: boolean; head: CommitId }> {
  const snapshot = await takeSnapshot(context, own, { staged: true });
  const { head } = snapshot;
  const nested = await nestedRepositories(context, snapshot.tree);
  const occupied = await Promise.all(nested.map((path) => exists(join(own.path, path, '.git'))));
  const isWhole = !snapshot.isIncomplete && !occupied.includes(true);
  if (!isWhole)
    context.log.warn('a worktree holds what no ref can keep; its folder is kept', { worktree: own.path, laneId });
  const isClean = snapshot.tree === snapshot.headTree && snapshot.mergeHead === null && snapshot.stagedTree === null;
  if (isClean && (await isKeptElsewhere(context, head, branchRef))) return { ref: null, isWhole, head };
  const saved = await saveSnapshot(context, laneId, snapshot, 'its worktree is removed', null);
  return { ref: saved?.ref ?? null, isWhole, head };
}

/**
 * Whether some branch or ref of Gantry's, other than `exceptRef`, holds the commit. The few branches
 * are asked first: most commits were merged, and asking the thousands of refs of a long history takes
 * a part of a second.
 */
async function isKeptElsewhere(context: RepositoryContext, commit: CommitId, exceptRef: string): Promise<boolean> {
  for (const place of ['refs/heads', 'refs/gantry']) {
    const args = ['for-each-ref', '--count=2', '--format=%(refname)', '--contains', commit, place];
    const refs = (await context.git.text({ cwd: context.path, args })).split('\n');
    if (refs.some((ref) => ref !== '' && ref !== exceptRef)) return true;
  }
  return false;
}

/**
 * The folder goes first, by a rename that cannot stop half-way; git's entry (there is one if
 * `isListed`), by which a crash is found again, last.
 */
async function removeFolderAndEntry(
  context: RepositoryContext,
  worktree: string,
  fate: 'trash' | 'kept',
  isListed: boolean,
): Promise<void> {
  const { git, path: cwd, folders } = context;
  const gone = join(folders[fate], `${basename(worktree)}-${Date.now().toString(36)}`);
  try {
    await rename(worktree, gone);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  if (isListed) {
    // Twice, because it is locked; its folder is out of reach already.
    await git.run({ cwd, args: ['worktree', 'remove', '--force', '--force', '--', worktree] });
  }
  if (fate === 'trash') await rm(gone, { recursive: true, force: true, maxRetries: 3 });
}

/** Only if it still is where its head was saved. */
async function deleteBranch(context: RepositoryContext, ref: string, head: CommitId): Promise<void> {
  const args = ['update-ref', '-d', ref, head];
  const { exitCode, stderr } = await context.git.run({ cwd: context.path, args, answers: [0, 1, 128] });
  if (exitCode !== 0) context.log.warn('a lane branch moved while it was being removed, so it stays', { ref, stderr });
}

/** Removes the worktrees of lanes that are not in `live`, saving their work, and finishes interrupted removals. */
export async function sweepWorktrees(
  context: RepositoryContext,
  live: ReadonlySet<LaneId>,
): Promise<{ removed: string[] }> {
  const { git, path: cwd, folders } = context;
  const removed: string[] = [];
  const liveFolders = new Set<string>();
  for (const worktree of await listWorktrees(git, cwd)) {
    const laneId = laneOfLockReason(worktree.lockReason);
    const name = parseLaneFolder(basename(worktree.path))?.name;
    if (laneId === null || name === undefined || !isInside(worktree.path, folders.worktrees)) continue;
    if (live.has(laneId)) {
      liveFolders.add(basename(worktree.path));
      continue;
    }
    await removeLaneWorktree(context, worktree.path, laneBranchOf(name), laneId);
    removed.push(worktree.path);
  }
  for (const folder of await readdir(folders.worktrees)) {
    if (liveFolders.has(folder)) continue;
    // git knows nothing of it, so nobody knows what it holds.
    const path = join(folders.worktrees, folder);
    await rename(path, join(folders.kept, `${folder}-${Date.now().toString(36)}`));
    removed.push(path);
  }
  await deleteStrayBranches(context, new Set([...liveFolders].map((folder) => parseLaneFolder(folder)?.name)));
  await rm(folders.trash, { recursive: true, force: true });
  await mkdir(folders.trash, { recursive: true });
  return { removed };
}

/**
 * A git that was killed while it made a worktree leaves a branch without one. Those that hold
 * nothing of their own go; others stay, since nobody knows whose they are.
 */
async function deleteStrayBranches(context: RepositoryContext, live: ReadonlySet<string | undefined>): Promise<void> {
  const { git, path: cwd } = context;
  const inWorktrees = new Set((await listWorktrees(git, cwd)).map((worktree) => worktree.ref));
  const args = ['for-each-ref', '--format=%(objectname) %(refname)', 'refs/heads/gantry'];
  for (const line of (await git.text({ cwd, args })).split('\n')) {
    const [head, ref] = line.split(' ');
    const name = parseLaneFolder(laneFolderOf(ref?.slice('refs/heads/gantry/'.length) ?? ''))?.name;
    if (!head || !ref || name === undefined || live.has(name) || inWorktrees.has(ref)) continue;
    if (await isKeptElsewhere(context, head as CommitId, ref)) await deleteBranch(context, ref, head as CommitId);
  }
}
