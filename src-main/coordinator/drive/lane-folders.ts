/** Folders of a lane outside its worktree: the agent's state and temporary files. */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { LaneId, ProjectId } from '#shared/model/ids.ts';

/** Where a lane's agent may write besides its worktree. */
export interface LaneFolderPaths {
  readonly state: string;
  readonly temporary: string;
}

/** Makes and removes a lane's folders. */
export interface LaneFolders {
  /** Makes them where they are missing. */
  prepare(projectId: ProjectId, laneId: LaneId): Promise<LaneFolderPaths>;
  /** Removes them with all that is in them; harmless when they are gone. */
  remove(projectId: ProjectId, laneId: LaneId): Promise<void>;
}

/** Lane folders under `root`, readable by the person only. */
export function laneFoldersAt(root: string): LaneFolders {
  const folderOf = (projectId: ProjectId, laneId: LaneId): string => join(root, projectId, laneId);
  return {
    async prepare(projectId, laneId) {
      const folder = folderOf(projectId, laneId);
      const paths = { state: join(folder, 'state'), temporary: join(folder, 'tmp') };
      await mkdir(paths.state, { recursive: true, mode: 0o700 });
      await mkdir(paths.temporary, { recursive: true, mode: 0o700 });
      return paths;
    },
    async remove(projectId, laneId) {
      await rm(folderOf(projectId, laneId), { recursive: true, force: true });
    },
  };
}
