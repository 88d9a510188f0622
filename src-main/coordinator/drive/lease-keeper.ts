import { holds } from '../decide/lane-step.ts';
import { type ProjectContext, storedProject } from './project-context.ts';
import { propose } from '../../reactor/propose.ts';

/**
 * Prolongs the claims of a project's live lanes in one command, then ends those that ran out
 * because nobody drives their lane any more. Renewing comes first: after a restart the lanes
 * that the worker kept running are to keep their tasks, however long the program was away.
 */
export async function keepLeases(context: ProjectContext): Promise<void> {
  const { world, projectId } = context;
  const { read } = world.store;
  const { leaseMs } = storedProject(context);
  const nowMs = world.clock.nowMs();
  const claims = read.lanes(projectId, { live: true }).flatMap((lane) => {
    const task = lane.taskId === null ? null : read.task(lane.taskId);
    const isClaimed = task?.status.state === 'claimed' && lane.token !== null && holds(lane, task);
    // A lease with two thirds left needs nothing yet.
    if (!isClaimed || task.status.state !== 'claimed' || task.status.leaseUntilMs - nowMs > (leaseMs * 2) / 3)
      return [];
    return lane.token === null ? [] : [{ taskId: task.id, token: lane.token }];
  });
  if (claims.length > 0) await propose(world, { kind: 'claim.renew', claims, leaseMs });
  const isOver = read
    .tasks(projectId)
    .some((task) => task.status.state === 'claimed' && task.status.leaseUntilMs <= world.clock.nowMs());
  if (isOver) await propose(world, { kind: 'claim.expire', projectId });
}
