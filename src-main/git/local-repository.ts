/** One repository on this machine: reads run at once, writes one after the other. */
import type { Disposable } from '#shared/base/disposable.ts';
import type { Result } from '#shared/base/result.ts';
import type { GantryError } from '#shared/contract/error.ts';
import { assert } from '#shared/base/assert.ts';
import {
  type BranchName,
  branchNameSchema,
  type CommitId,
  commitIdSchema,
  type LaneId,
  type ProjectId,
} from '#shared/model/ids.ts';
import type { ChangeCount, GitRepository, MergeTreeOutcome, OpenedRepository, TargetState } from '../ports/git.ts';
import { commitTree } from './commit-tree.ts';
import { archiveFolder, readCommittedFile } from './committed-files.ts';
import { changedPaths, countChanges, readDiff, readHistory } from './diff.ts';
import { GateCheckouts } from './gate-checkouts.ts';
import type { GitIdentity } from './git-environment.ts';
import { branchPrefix } from './lane-names.ts';
import { addLaneWorktree, hasLaneWorktree, removeLaneWorktree, sweepWorktrees } from './lane-worktrees.ts';
import { bringIn, chooseLanding, landingHead } from './landing.ts';
import { mergeTree } from './merge-tree.ts';
import { type MoveRefusal, moveBranch } from './move-branch.ts';
import { isAncestor, mergeBase, ownWorktree, type RepositoryContext, resolveCommit } from './repository-context.ts';
import { allSavedWork, commitSnapshot, newestSavedWork, type SavedWork, saveSnapshot } from './saved-work.ts';
import { Semaphore } from './semaphore.ts';
import { FilesInTheWay, readTargetState } from './target-state.ts';
import { watchRepository } from './watch-repository.ts';
import { takeSnapshot, type WorktreeSnapshot } from './worktree-snapshot.ts';
import { commitAll, mergeIntoWorktree, resetWorktree, unmergedPaths, worktreeHead } from './worktree-work.ts';

type ReadTarget = CommitId | { worktree: string };

/** What all openings of one repository have in common. */
export interface SharedRepository {
  readonly context: RepositoryContext;
  readonly queue: Semaphore;
  readonly inTheWay: FilesInTheWay;
  readonly gates: GateCheckouts;
}

export function shareRepository(context: RepositoryContext): SharedRepository {
  return { context, queue: new Semaphore(1), inTheWay: new FilesInTheWay(), gates: new GateCheckouts(context) };
}

export class LocalRepository implements OpenedRepository {
  readonly projectId: ProjectId;
  readonly path: string;
  readonly name: string;
  readonly currentBranch: BranchName;
  readonly notices: readonly string[];
  readonly #context: RepositoryContext;
  readonly #queue: Semaphore;
  readonly #inTheWay: FilesInTheWay;
  readonly #gates: GateCheckouts;

  constructor(
    shared: SharedRepository,
    found: { name: string; currentBranch: BranchName; notices: readonly string[] },
  ) {
    this.#context = shared.context;
    this.#queue = shared.queue;
    this.#inTheWay = shared.inTheWay;
    this.#gates = shared.gates;
    this.projectId = shared.context.projectId;
    this.path = shared.context.path;
    this.name = found.name;
    this.currentBranch = found.currentBranch;
    this.notices = found.notices;
  }

  async branches(): Promise<string[]> {
    const args = ['for-each-ref', '--sort=refname', '--format=%(HEAD)%(refname:lstrip=2)', 'refs/heads'];
    const lines = (await this.#context.git.text({ cwd: this.path, args })).split('\n').filter((line) => line !== '');
    const checkedOutFirst = [
      ...lines.filter((line) => line.startsWith('*')),
      ...lines.filter((line) => !line.startsWith('*')),
    ];
    return checkedOutFirst.map((line) => line.slice(1)).filter((name) => !name.startsWith(branchPrefix));
  }

  branchHead(branch: BranchName): Promise<CommitId | null> {
    return resolveCommit(this.#context.git, this.path, `refs/heads/${checkedBranch(branch)}`);
  }

  targetState(branch: BranchName): Promise<TargetState | null> {
    return readTargetState(this.#context, this.#inTheWay, checkedBranch(branch));
  }

  mergeBase(one: CommitId, other: CommitId): Promise<CommitId | null> {
    return mergeBase(this.#context.git, this.path, checkedCommit(one), checkedCommit(other));
  }

  isAncestor(ancestor: CommitId, descendant: CommitId): Promise<boolean> {
    return isAncestor(this.#context.git, this.path, checkedCommit(ancestor), checkedCommit(descendant));
  }

  history(from: CommitId, to: CommitId): ReturnType<GitRepository['history']> {
    return readHistory(this.#context.git, this.path, checkedCommit(from), checkedCommit(to));
  }

  addLaneWorktree(lane: {
    laneId: LaneId;
    number: number;
    title: string;
    from: CommitId;
  }): ReturnType<GitRepository['addLaneWorktree']> {
    checkedCommit(lane.from);
    return this.#queue.run(() => addLaneWorktree(this.#context, lane));
  }

  hasWorktree(worktree: string): Promise<boolean> {
    return hasLaneWorktree(this.#context, worktree);
  }

  saveWork(
    worktree: string,
    laneId: LaneId,
    why: string,
    unless: CommitId | null,
  ): Promise<{ ref: string; commit: CommitId } | null> {
    return this.#queue.run(async () => {
      const own = await ownWorktree(this.#context, worktree);
      const snapshot = await takeSnapshot(this.#context, own, { staged: true });
      return saveSnapshot(this.#context, laneId, snapshot, why, unless);
    });
  }

  savedWork(laneId: LaneId): Promise<SavedWork | null> {
    return newestSavedWork(this.#context, laneId);
  }

  allSavedWork(): Promise<ReadonlyMap<LaneId, SavedWork>> {
    return allSavedWork(this.#context);
  }

  removeLaneWorktree(worktree: string, branch: BranchName, laneId: LaneId): Promise<{ savedRef: string | null }> {
    return this.#queue.run(() => removeLaneWorktree(this.#context, worktree, checkedBranch(branch), laneId));
  }

  commitAll(worktree: string, message: string): Promise<CommitId> {
    return this.#queue.run(() => commitAll(this.#context, worktree, message));
  }

  worktreeHead(worktree: string): Promise<CommitId> {
    return worktreeHead(this.#context, worktree);
  }

  mergeIntoWorktree(worktree: string, commit: CommitId): ReturnType<GitRepository['mergeIntoWorktree']> {
    return this.#queue.run(() => mergeIntoWorktree(this.#context, worktree, checkedCommit(commit)));
  }

  resetWorktree(worktree: string, laneId: LaneId, commit: CommitId): Promise<void> {
    return this.#queue.run(() => resetWorktree(this.#context, worktree, laneId, checkedCommit(commit)));
  }

  unmergedPaths(worktree: string): Promise<string[]> {
    return unmergedPaths(this.#context, worktree);
  }

  async countChanges(base: CommitId, to: ReadTarget): Promise<ChangeCount> {
    return countChanges(this.#context.git, this.path, checkedCommit(base), await this.#treeish(to));
  }

  async diff(base: CommitId, to: ReadTarget): ReturnType<GitRepository['diff']> {
    return readDiff(this.#context.git, this.path, checkedCommit(base), await this.#treeish(to));
  }

  async #treeish(to: ReadTarget): Promise<string> {
    return typeof to === 'string' ? checkedCommit(to) : (await this.#look(to.worktree)).tree;
  }

  async snapshotCommit(worktree: string): Promise<CommitId> {
    // Always of the same moment: what did not change has the same name, and nothing about it need be asked again.
    return commitSnapshot(this.#context, await this.#look(worktree), 'What lies in the worktree', 0);
  }

  async #look(worktree: string): Promise<WorktreeSnapshot> {
    return takeSnapshot(this.#context, await ownWorktree(this.#context, worktree), { staged: false });
  }

  changedPaths(base: CommitId, to: CommitId): Promise<string[]> {
    return changedPaths(this.#context.git, this.path, checkedCommit(base), checkedCommit(to));
  }

  readFile(commit: CommitId, path: string): Promise<string | null> {
    return readCommittedFile(this.#context.git, this.path, checkedCommit(commit), path);
  }

  archive(commit: CommitId, folder: string, file: string): Promise<void> {
    return archiveFolder(this.#context.git, this.path, checkedCommit(commit), folder, file);
  }

  mergeTree(ours: CommitId, theirs: CommitId): Promise<MergeTreeOutcome> {
    return mergeTree(this.#context.git, this.path, checkedCommit(ours), checkedCommit(theirs));
  }

  commitTree(
    tree: string,
    parents: readonly CommitId[],
    message: string,
    atMs: number,
    author?: GitIdentity,
  ): Promise<CommitId> {
    for (const object of [tree, ...parents]) checkedCommit(object);
    return commitTree(this.#context, tree, parents, message, atMs, author);
  }

  treeOf(commit: CommitId): Promise<string> {
    return this.#context.git.text({
      cwd: this.path,
      args: ['rev-parse', '--verify', `${checkedCommit(commit)}^{tree}`],
    });
  }

  checkoutForGates(commit: CommitId): Promise<{ path: string } & AsyncDisposable> {
    return this.#queue.run(() => this.#gates.take(checkedCommit(commit)));
  }

  landingBranch(target: BranchName): ReturnType<GitRepository['landingBranch']> {
    return chooseLanding(this.#context, this.#inTheWay, checkedBranch(target));
  }

  landingHead(target: BranchName): Promise<CommitId> {
    return landingHead(this.#context, checkedBranch(target));
  }

  moveBranch(branch: BranchName, from: CommitId, to: CommitId, why: string): Promise<Result<null, MoveRefusal>> {
    const [checkedFrom, checkedTo] = [checkedCommit(from), checkedCommit(to)];
    return this.#queue.run(() =>
      moveBranch(this.#context, this.#inTheWay, checkedBranch(branch), checkedFrom, checkedTo, why),
    );
  }

  bringIn(target: BranchName): Promise<Result<CommitId, GantryError>> {
    return this.#queue.run(() => bringIn(this.#context, this.#inTheWay, checkedBranch(target)));
  }

  keep(commits: Readonly<Record<string, CommitId>>): Promise<void> {
    const updates = Object.entries(commits).map(
      ([name, commit]) => `update refs/gantry/${checkedBranch(name)} ${checkedCommit(commit)}\n`,
    );
    return this.#queue.run(async () => {
      await this.#context.git.run({ cwd: this.path, args: ['update-ref', '--stdin'], input: updates.join('') });
    });
  }

  sweep(live: ReadonlySet<LaneId>): Promise<{ removed: string[] }> {
    return this.#queue.run(() => sweepWorktrees(this.#context, live));
  }

  watch(listener: () => void): Disposable {
    return watchRepository(this.#context, listener);
  }
}

/** Types vouch for these inside the program; what reaches a command line is looked at once more. */
function checkedBranch(name: string): BranchName {
  const parsed = branchNameSchema.safeParse(name);
  assert(parsed.success, `${JSON.stringify(name)} is not a branch name`);
  return parsed.data;
}

function checkedCommit(id: string): CommitId {
  const parsed = commitIdSchema.safeParse(id);
  assert(parsed.success, `${JSON.stringify(id)} is not an object name`);
  return parsed.data;
}
