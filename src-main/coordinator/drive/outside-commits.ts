import { newCheckpointId } from './new-ids.ts';
import { type ProjectContext, storedProject } from './project-context.ts';
import { propose } from '../../reactor/propose.ts';

/**
 * Notes on the timeline that the target moved without Gantry: somebody committed, pulled, or
 * brought merges in. Call it while the target is held, so that no own move is mistaken for one.
 */
export async function recordOutsideCommits(context: ProjectContext): Promise<void> {
  const { world, repository, projectId } = context;
  const { read } = world.store;
  const project = storedProject(context);
  const isMoving =
    read.merges(projectId, { open: true }).some((merge) => merge.stage === 'landing') ||
    read.rollbacks(projectId).some((each) => each.stage === 'reverting' || each.stage === 'undoing');
  if (isMoving) return;
  const head = await repository.branchHead(project.targetBranch);
  const known = read.checkpoints(projectId).find((entry) => entry.branch === project.targetBranch && entry.afterCommit);
  const before = known?.afterCommit;
  if (head === null || !before || head === before) return;

  const isAhead = await repository.isAncestor(before, head);
  const commits = isAhead ? (await repository.history(before, head)).length : 0;
  const label = !isAhead
    ? `${project.targetBranch} was set to another commit`
    : commits === 1
      ? '1 commit from outside'
      : `${commits} commits from outside`;
  const checkpointId = newCheckpointId(world.random);
  const kept = `checkpoints/${checkpointId}`;
  await repository.keep({ [`${kept}/before`]: before, [`${kept}/after`]: head });
  await propose(world, {
    kind: 'checkpoint.add',
    checkpointId,
    projectId,
    checkpointKind: 'outside',
    label,
    branch: project.targetBranch,
    beforeCommit: before,
    afterCommit: head,
  });
}
