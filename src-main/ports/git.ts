/**
 * What Gantry asks of git. Every write goes through Gantry's own worktrees or plumbing; the
 * person's configuration, index and files are never touched, but that a clean checkout of the
 * target is moved forward by git itself. Refusals of the world are results; a `GitFailure`
 * is thrown only when git itself broke.
 */
import type { Disposable } from '#shared/base/disposable.ts';
import type { Result } from '#shared/base/result.ts';
import type { DiffFile } from '#shared/contract/views.ts';
import type { GantryError } from '#shared/contract/error.ts';
import type { BranchName, CommitId, LaneId, ProjectId } from '#shared/model/ids.ts';
import type { Conflict } from '#shared/model/merge.ts';

/** A git command that failed in a way nobody planned for. */
export class GitFailure extends Error {
  override readonly name = 'GitFailure';
  readonly exitCode: number | null;
  readonly stderr: string;

  constructor(message: string, exitCode: number | null, stderr: string) {
    super(message);
    this.exitCode = exitCode;
    this.stderr = stderr;
  }
}

export interface ChangeCount {
  readonly files: number;
  readonly added: number;
  readonly removed: number;
}

/** What is known of the branch that lanes merge into. */
export interface TargetState {
  readonly branch: BranchName;
  readonly head: CommitId;
  /** The worktree of the person's in which the branch is checked out; null when in none. */
  readonly checkout: { readonly path: string; readonly clean: boolean; readonly because: string | null } | null;
  /** `gantry/<target>`, when it exists and is not contained in the target. */
  readonly detour: { readonly branch: BranchName; readonly head: CommitId; readonly aheadBy: number } | null;
}

/** What a merge without a worktree gave. */
export type MergeTreeOutcome =
  | { readonly kind: 'clean'; readonly tree: string }
  | { readonly kind: 'conflict'; readonly conflicts: readonly Conflict[] };

/** One opened repository. Writing methods queue behind each other per repository. */
export interface GitRepository {
  readonly projectId: ProjectId;
  readonly path: string;

  /** Local branches, the checked-out one first. */
  branches(): Promise<string[]>;
  branchHead(branch: BranchName): Promise<CommitId | null>;
  /** Null when there is no such branch. */
  targetState(branch: BranchName): Promise<TargetState | null>;
  isAncestor(ancestor: CommitId, descendant: CommitId): Promise<boolean>;
  /** The newest commit that both contain; null when their histories are unrelated. */
  mergeBase(one: CommitId, other: CommitId): Promise<CommitId | null>;
  /** Commits in `to` that are not in `from`, first parent only, newest first, at most 1,000. */
  history(
    from: CommitId,
    to: CommitId,
  ): Promise<{ commit: CommitId; subject: string; parents: CommitId[]; files: number }[]>;

  /**
   * Makes the lane's worktree and branch (`gantry/<number>-<slug>`) from a commit, with the lane's
   * own identity. One that an earlier call made is answered, with the head that it has.
   */
  addLaneWorktree(lane: {
    laneId: LaneId;
    number: number;
    title: string;
    from: CommitId;
  }): Promise<{ worktree: string; branch: BranchName; head: CommitId }>;
  /** True while the worktree is there and on its branch. */
  hasWorktree(worktree: string): Promise<boolean>;
  /** Everything in the worktree (untracked files too, ignored ones not) as a commit under `refs/gantry/saved/…`; null when equal to `unless`. */
  saveWork(
    worktree: string,
    laneId: LaneId,
    why: string,
    unless: CommitId | null,
  ): Promise<{ ref: string; commit: CommitId } | null>;
  /** The newest work of a lane that was saved as a ref, also once its worktree is gone; null when there is none. */
  savedWork(laneId: LaneId): Promise<{ ref: string; commit: CommitId } | null>;
  /** The same for all lanes that have any. */
  allSavedWork(): Promise<ReadonlyMap<LaneId, { ref: string; commit: CommitId }>>;
  /** Saves the work first, then removes worktree and branch. Harmless when they are gone. */
  removeLaneWorktree(worktree: string, branch: BranchName, laneId: LaneId): Promise<{ savedRef: string | null }>;
  /** Commits whatever is uncommitted there, as the lane; answers the worktree's head either way. */
  commitAll(worktree: string, message: string): Promise<CommitId>;
  /** Head of the worktree without committing anything. */
  worktreeHead(worktree: string): Promise<CommitId>;
  /** Merges `commit` into the worktree and leaves conflict markers where it cannot decide; lists them. */
  mergeIntoWorktree(worktree: string, commit: CommitId): Promise<{ conflicts: readonly Conflict[] }>;
  /** Saves the work as a ref, then puts the worktree back to exactly `commit`. */
  resetWorktree(worktree: string, laneId: LaneId, commit: CommitId): Promise<void>;
  /** Paths in the worktree that still carry conflict markers of an unfinished merge. */
  unmergedPaths(worktree: string): Promise<string[]>;

  /** Lines and files between two commits, or between a commit and what lies in a worktree now. */
  countChanges(base: CommitId, to: CommitId | { worktree: string }): Promise<ChangeCount>;
  diff(base: CommitId, to: CommitId | { worktree: string }): Promise<{ files: DiffFile[]; cut: boolean }>;
  /** A tree-ish of what lies in a worktree now, uncommitted work included, for forecasts. Leaves no ref. */
  snapshotCommit(worktree: string): Promise<CommitId>;
  changedPaths(base: CommitId, to: CommitId): Promise<string[]>;
  /** A text file of a commit, at most 1 MB of it; null when the commit has none of that name. */
  readFile(commit: CommitId, path: string): Promise<string | null>;
  /** Writes a folder of a commit (`.` for all of it) as a tar archive to a file outside of the repository. */
  archive(commit: CommitId, folder: string, file: string): Promise<void>;

  /** `git merge-tree --write-tree`. */
  mergeTree(ours: CommitId, theirs: CommitId): Promise<MergeTreeOutcome>;
  /** `git commit-tree` as Gantry; the author may be somebody else. The same arguments give the same commit. */
  commitTree(
    tree: string,
    parents: readonly CommitId[],
    message: string,
    atMs: number,
    author?: { readonly name: string; readonly email: string },
  ): Promise<CommitId>;
  /** The tree of a commit. */
  treeOf(commit: CommitId): Promise<string>;
  /** A detached worktree of a commit for gates; dispose it when done. Never on the person's disk paths. */
  checkoutForGates(commit: CommitId): Promise<{ path: string } & AsyncDisposable>;

  /**
   * Where a merge has to land now: the target, or the detour while the target's checkout is
   * not clean or the detour is not brought in yet.
   */
  landingBranch(target: BranchName): Promise<{ branch: BranchName; head: CommitId; because: string | null }>;
  /** Only the head of that branch, for which no checkout has to be looked at. */
  landingHead(target: BranchName): Promise<CommitId>;
  /**
   * Moves a branch from one commit to another, atomically: `update-ref` with the expected old
   * value, or a fast-forward by git itself where a clean checkout has it. Creates `gantry/…`
   * branches from `from` when they are missing.
   */
  moveBranch(
    branch: BranchName,
    from: CommitId,
    to: CommitId,
    why: string,
  ): Promise<Result<null, { kind: 'moved' | 'checkout-not-clean' | 'not-a-fast-forward'; detail: string }>>;
  /** Fast-forwards the target to the detour, or merges it when the target went on; refuses while not clean. */
  bringIn(target: BranchName): Promise<Result<CommitId, GantryError>>;
  /** Keeps commits reachable, each under `refs/gantry/<name>`: all of them or none. */
  keep(commits: Readonly<Record<string, CommitId>>): Promise<void>;
  /** Removes what crashed processes left: worktrees of lanes that are not in `live`, after saving their work. */
  sweep(live: ReadonlySet<LaneId>): Promise<{ removed: string[] }>;
  /** Calls back (debounced) when refs or the person's checkout changed. */
  watch(listener: () => void): Disposable;
}

/** A repository with what was found when it was opened. */
export interface OpenedRepository extends GitRepository {
  readonly name: string;
  /** The branch that is checked out, or the repository's main one when none is. */
  readonly currentBranch: BranchName;
  /** What works, but perhaps not as the person expects (submodules, a subfolder was chosen): whole sentences. */
  readonly notices?: readonly string[];
}

/** Opens repositories and says why one cannot be opened. */
export interface Git {
  version(): Promise<Result<string, GantryError>>;
  /** Validates everything that Gantry needs of a repository. */
  open(path: string): Promise<Result<OpenedRepository, GantryError>>;
}
