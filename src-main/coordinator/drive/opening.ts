import { newCheckpointId } from './new-ids.ts';
import { type ProjectContext, storedProject } from './project-context.ts';
import { proposeOrThrow } from '../../reactor/propose.ts';

/**
 * Begins the timeline of a project with the target as it was found. Harmless where it has begun:
 * called whenever a project is opened and before anything lands, so that a program that ended
 * right after it had stored the project leaves none without its first checkpoint.
 */
export function recordOpening(context: ProjectContext): Promise<void> {
  return context.integration.run(async () => {
    const { world, repository, projectId } = context;
    if (world.store.read.checkpoints(projectId, 1).length > 0) return;
    const { name, targetBranch } = storedProject(context);
    const head = await repository.branchHead(targetBranch);
    if (head === null) return;
    const checkpointId = newCheckpointId(world.random);
    await repository.keep({ [`checkpoints/${checkpointId}/after`]: head });
    await proposeOrThrow(world, {
      kind: 'checkpoint.add',
      checkpointId,
      projectId,
      checkpointKind: 'opened',
      label: `Opened ${name}`,
      branch: targetBranch,
      beforeCommit: head,
      afterCommit: head,
    });
  });
}
