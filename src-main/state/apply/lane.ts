import { assertDefined } from '#shared/base/assert.ts';
import { ok } from '#shared/base/result.ts';
import { fencedLane } from './fenced.ts';
import { endLane, isHeldBy, releaseTask, staleToken, withdrawMerges } from './lane-end.ts';
import { notFound, refuse } from './refusal.ts';
import type { Rule } from './step.ts';

export const openLane: Rule<'lane.open'> = ({ tables }, { laneId, projectId, agent, atMs }) => {
  if (!tables.project.has(projectId)) return notFound(`Project ${projectId}`);
  if (tables.lane.has(laneId)) {
    return refuse('wrong-state', `There is already a lane ${laneId}. It was left as it was; open one under a new id.`);
  }
  const number = tables.nextLaneNumber(projectId);
  tables.lane.put({
    id: laneId,
    projectId,
    number,
    agent,
    stage: 'queued',
    taskId: null,
    token: null,
    workspace: null,
    runId: null,
    reworks: 0,
    reworkReason: null,
    headCommit: null,
    changes: null,
    usage: null,
    summary: null,
    openedAtMs: atMs,
    startedAtMs: null,
    endedAtMs: null,
    end: null,
  });
  return ok({ number });
};

export const prepareLane: Rule<'lane.prepare'> = (step, { laneId, token, workspace }) => {
  const held = fencedLane(step, laneId, token);
  if (!held.ok) return held;
  const { lane } = held.value;
  if (lane.stage !== 'claimed') {
    return refuse(
      'wrong-state',
      `Lane ${lane.number} is ${lane.stage}; a workspace is prepared before its first run. The one it has was kept.`,
    );
  }
  step.tables.lane.put({ ...lane, workspace });
  return ok(null);
};

export const runLane: Rule<'lane.run'> = (step, { laneId, token, runId, atMs }) => {
  const held = fencedLane(step, laneId, token);
  if (!held.ok) return held;
  const { lane } = held.value;
  if (lane.stage !== 'claimed' && lane.stage !== 'working') {
    return refuse(
      'wrong-state',
      `Lane ${lane.number} is ${lane.stage} and cannot run. Its work was kept; wait for its merge.`,
    );
  }
  if (lane.workspace === null) {
    return refuse(
      'wrong-state',
      `Lane ${lane.number} has no workspace yet. Nothing was started; prepare the workspace first.`,
    );
  }
  step.tables.lane.put({ ...lane, stage: 'working', runId, startedAtMs: lane.startedAtMs ?? atMs });
  return ok(null);
};

export const submitLane: Rule<'lane.submit'> = (step, command) => {
  const held = fencedLane(step, command.laneId, command.token);
  if (!held.ok) return held;
  const { lane, task } = held.value;
  if (lane.stage !== 'working') {
    return refuse(
      'wrong-state',
      `Lane ${lane.number} is ${lane.stage}; only a working lane can submit. What it submitted before was kept.`,
    );
  }
  if (step.tables.merge.has(command.mergeId)) {
    return refuse(
      'wrong-state',
      `There is already a merge ${command.mergeId}. Nothing was submitted; submit under a new id.`,
    );
  }
  const { headCommit, changes, summary, usage } = command;
  step.tables.lane.put({ ...lane, stage: 'submitted', headCommit, changes, summary, usage });
  step.tables.task.put({ ...task, status: { state: 'submitted', laneId: lane.id, token: command.token } });
  step.tables.merge.put({
    id: command.mergeId,
    projectId: lane.projectId,
    taskId: task.id,
    laneId: lane.id,
    token: command.token,
    headCommit,
    stage: 'queued',
    approved: false,
    branch: null,
    targetCommit: null,
    mergeCommit: null,
    checkpointId: null,
    gates: [],
    rejection: null,
    queuedIndex: step.index,
    queuedAtMs: command.atMs,
    endedAtMs: null,
  });
  return ok(null);
};

export const closeLane: Rule<'lane.end'> = (step, { laneId, token, end, task: fate, atMs }) => {
  const lane = step.tables.lane.get(laneId);
  if (lane === null) return notFound(`Lane ${laneId}`);
  if (lane.token !== token || (lane.stage === 'ended' && token !== null)) {
    return staleToken(`The end of lane ${lane.number}`, token, lane.taskId);
  }
  if (lane.stage === 'ended') {
    return refuse('wrong-state', `Lane ${lane.number} has already ended. It was left as it was.`);
  }
  if (end.kind === 'merged') {
    return refuse(
      'invalid-input',
      `Lane ${lane.number} can end as merged only by landing its merge. It was left as it was.`,
    );
  }
  const task = lane.taskId === null ? null : step.tables.task.get(lane.taskId);
  if (task === null) {
    endLane(step, lane, end, atMs);
    return ok({ taskState: null });
  }
  // A task that was cancelled or given back meanwhile is no longer this lane's to decide about.
  if (!isHeldBy(task, lane)) {
    endLane(step, lane, end, atMs);
    return ok({ taskState: task.status.state });
  }
  if (fate === 'keep') {
    return refuse(
      'wrong-state',
      `Lane ${lane.number} still holds ${task.key}. Both were left as they were; say whether the task is opened again or fails.`,
    );
  }
  const refusal = withdrawMerges(step, task, `Lane ${lane.number} ended: ${end.reason}`, atMs);
  if (refusal !== null) return refusal;
  const project = assertDefined(step.tables.project.get(lane.projectId), 'a lane belongs to a project');
  const released = releaseTask(step, project, task, lane, fate, end.reason, atMs);
  endLane(step, lane, end, atMs);
  return ok({ taskState: released.status.state });
};
