import { assertDefined } from '#shared/base/assert.ts';
import { ok } from '#shared/base/result.ts';
import { type ClaimToken, type TaskId, taskIdOf } from '#shared/model/ids.ts';
import { endLane, releaseTask } from './lane-end.ts';
import { notFound, refuse } from './refusal.ts';
import type { Rule } from './step.ts';

/** Compare-and-set: whoever's command comes first in the log has the task, the others read why not. */
export const claimTask: Rule<'task.claim'> = ({ tables, index }, { taskId, laneId, leaseMs, atMs }) => {
  const task = tables.task.get(taskId);
  if (task === null) return notFound(`Task ${taskId}`);
  const lane = tables.lane.get(laneId);
  if (lane === null) return notFound(`Lane ${laneId}`);
  if (lane.stage !== 'queued' || lane.projectId !== task.projectId) {
    const why = lane.stage === 'queued' ? 'belongs to another project' : `is ${lane.stage}`;
    return refuse(
      'wrong-state',
      `Lane ${lane.number} ${why} and cannot claim ${task.key}. Nothing was changed; open another lane for it.`,
    );
  }
  const { state } = task.status;
  if (state === 'claimed' || state === 'submitted') {
    return refuse(
      'already-claimed',
      `Task ${task.key} is held by another lane (claim ${task.status.token}). Lane ${lane.number} stays queued; choose another task.`,
    );
  }
  if (state !== 'open') {
    return refuse(
      'wrong-state',
      `Task ${task.key} is ${state}, not open. Lane ${lane.number} stays queued; choose another task.`,
    );
  }
  const waitsFor = task.dependsOn.filter(
    (key) => tables.task.get(taskIdOf(task.projectId, key))?.status.state !== 'merged',
  );
  if (waitsFor.length > 0) {
    return refuse(
      'wrong-state',
      `Task ${task.key} waits for ${waitsFor.join(', ')}, not merged yet. Lane ${lane.number} stays queued; choose another task.`,
    );
  }
  if (task.agent !== null && task.agent !== lane.agent) {
    return refuse(
      'wrong-state',
      `Task ${task.key} is meant for ${task.agent}, and lane ${lane.number} runs ${lane.agent}. Nothing was changed; choose another task or edit this one.`,
    );
  }
  const token = index as ClaimToken;
  const leaseUntilMs = atMs + leaseMs;
  tables.task.put({ ...task, status: { state: 'claimed', laneId, token, leaseUntilMs } });
  tables.lane.put({ ...lane, stage: 'claimed', taskId, token });
  return ok({ token, leaseUntilMs });
};

/** A lease is only ever prolonged: a proposer whose clock is behind takes nothing away. */
export const renewClaims: Rule<'claim.renew'> = ({ tables }, { claims, leaseMs, atMs }) => {
  const lost: TaskId[] = [];
  for (const { taskId, token } of claims) {
    const task = tables.task.get(taskId);
    if (task?.status.state === 'claimed' && task.status.token === token) {
      const leaseUntilMs = Math.max(task.status.leaseUntilMs, atMs + leaseMs);
      tables.task.put({ ...task, status: { ...task.status, leaseUntilMs } });
    } else if (task?.status.state !== 'submitted' || task.status.token !== token) {
      lost.push(taskId);
    }
  }
  return ok({ lost });
};

export const expireClaims: Rule<'claim.expire'> = (step, { projectId, atMs }) => {
  const { tables } = step;
  const project = tables.project.get(projectId);
  if (project === null) return notFound(`Project ${projectId}`);
  const expired: TaskId[] = [];
  for (const task of tables.claimedTasks(projectId)) {
    if (task.status.state !== 'claimed' || task.status.leaseUntilMs > atMs) continue;
    const lane = assertDefined(tables.lane.get(task.status.laneId), 'a claim is held by a lane');
    const reason = 'Its claim ran out: nothing was heard of its worker in time.';
    releaseTask(step, project, task, lane, 'reopen', reason, atMs);
    endLane(step, lane, { kind: 'failed', reason, run: null }, atMs);
    expired.push(task.id);
  }
  return ok({ expired });
};
