/** A project's code for those who build it: from the repositories that the coordinator has open. */
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fail, ok } from '#shared/base/result.ts';
import { GantryError } from '#shared/contract/error.ts';
import type { Lane } from '#shared/model/lane.ts';
import type { ProjectCode } from '../../ports/project-code.ts';
import type { CoordinatorCore } from './coordinator-core.ts';
import { storedProject } from './project-context.ts';

/** `folder` holds archives while they are read. */
export function projectCode(core: CoordinatorCore, folder: string): ProjectCode {
  const { read } = core.world.store;
  const factsOf = (lane: Lane) => {
    const title = lane.taskId === null ? null : (read.task(lane.taskId)?.title ?? null);
    return {
      projectId: lane.projectId,
      number: lane.number,
      title: title ?? `Lane ${lane.number}`,
      taskId: lane.taskId,
      isLive: lane.stage !== 'ended',
    };
  };
  return {
    async target(projectId) {
      const driver = core.driver(projectId);
      if (driver === null) return null;
      const { targetBranch } = storedProject(driver.context);
      const { branch, head } = await driver.context.repository.landingBranch(targetBranch);
      return { branch, commit: head };
    },
    laneFacts(laneId) {
      const lane = read.lane(laneId);
      return lane === null ? null : factsOf(lane);
    },
    async lane(laneId) {
      const lane = read.lane(laneId);
      if (lane === null) throw new GantryError('not-found', 'This lane does not exist (any more).');
      if (lane.workspace === null || lane.stage === 'ended') {
        throw new GantryError('wrong-state', `Lane ${lane.number} has no worktree, so there is nothing to build.`);
      }
      const { repository } = core.usable(lane.projectId).context;
      const commit = await repository.snapshotCommit(lane.workspace.worktree);
      await repository.keep({ [`previews/lane-${lane.number}`]: commit });
      return { ...factsOf(lane), commit };
    },
    async archive(projectId, commit, path) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const temporary = await mkdtemp(join(folder, 'archive-'));
      const file = join(temporary, 'context.tar');
      try {
        await core.usable(projectId).context.repository.archive(commit, path, file);
      } catch (error) {
        await rm(temporary, { recursive: true, force: true });
        const why = error instanceof Error ? error.message : String(error);
        return fail(
          new GantryError(
            'git-failed',
            `The folder ${path} of ${commit.slice(0, 7)} cannot be read for the build: ${why}. Nothing was built.`,
          ),
        );
      }
      return ok(readAndRemove(file, temporary));
    },
    async readFile(projectId, commit, path) {
      return core.usable(projectId).context.repository.readFile(commit, path);
    },
  };
}

async function* readAndRemove(file: string, folder: string): AsyncIterable<Uint8Array> {
  try {
    for await (const chunk of createReadStream(file)) yield chunk as Buffer;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
