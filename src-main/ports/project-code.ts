/** A project's code as services need it: what is to be built, and from which commit. */
import type { Result } from '#shared/base/result.ts';
import type { GantryError } from '#shared/contract/error.ts';
import type { BranchName, CommitId, LaneId, ProjectId, TaskId } from '#shared/model/ids.ts';

/** A lane's branch as it lies in its worktree now, uncommitted work included. */
export interface LaneCode {
  readonly projectId: ProjectId;
  readonly number: number;
  readonly title: string;
  readonly taskId: TaskId | null;
  readonly commit: CommitId;
  readonly isLive: boolean;
}

export interface ProjectCode {
  /** Where merges land now; null for a project that is not open. */
  target(projectId: ProjectId): Promise<{ branch: BranchName; commit: CommitId } | null>;
  /** Keeps the commit from git's garbage collection. Throws `not-found` or `wrong-state` where there is none. */
  lane(laneId: LaneId): Promise<LaneCode>;
  /** Whether the lane has not ended, and what it is called; null for one that never was. */
  laneFacts(laneId: LaneId): Omit<LaneCode, 'commit'> | null;
  /** A folder of a commit as a tar stream. */
  archive(
    projectId: ProjectId,
    commit: CommitId,
    folder: string,
  ): Promise<Result<AsyncIterable<Uint8Array>, GantryError>>;
  /** A text file of a commit; null when it has none of that name. */
  readFile(projectId: ProjectId, commit: CommitId, path: string): Promise<string | null>;
}
