import { assertDefined } from '#shared/base/assert.ts';
import { ok } from '#shared/base/result.ts';
import type { GateResult } from '#shared/model/gate.ts';
import type { Merge } from '#shared/model/merge.ts';
import { completeCheckpoint, putCheckpoint, refuseTakenCheckpoint, withdrawCheckpoint } from './checkpoint.ts';
import { fencedMerge } from './fenced.ts';
import { endLane } from './lane-end.ts';
import { notFound, refuse } from './refusal.ts';
import type { Rule, Step } from './step.ts';

/** More evidence than any project has gates, so that a loop of retries cannot grow a row without end. */
const gateResultsMax = 500;

export const approveMerge: Rule<'merge.approve'> = ({ tables }, { mergeId }) => {
  const merge = tables.merge.get(mergeId);
  if (merge === null) return notFound(`Merge ${mergeId}`);
  if (merge.stage !== 'queued' && merge.stage !== 'gating') return wrongStage(merge, 'be approved');
  if (!merge.approved) tables.merge.put({ ...merge, approved: true });
  return ok(null);
};

export const beginMerge: Rule<'merge.begin'> = (step, { mergeId, token, branch, targetCommit, mergeCommit }) => {
  const held = fencedMerge(step, mergeId, token);
  if (!held.ok) return held;
  const { merge } = held.value;
  if (merge.stage !== 'queued') return wrongStage(merge, 'begin');
  const other = step.tables.openMerges(merge.projectId).find((open) => open.stage !== 'queued');
  if (other !== undefined) {
    return refuse(
      'wrong-state',
      `The merge of ${other.taskId} is ${other.stage}, and a project has one merge at a time. This one stays queued until that has ended.`,
    );
  }
  const refusal = refuseDuringRollback(step, merge);
  if (refusal !== null) return refusal;
  step.tables.merge.put({ ...merge, stage: 'gating', branch, targetCommit, mergeCommit, gates: [] });
  return ok(null);
};

export const addGateResult: Rule<'merge.gate'> = (step, { mergeId, token, result }) => {
  const held = fencedMerge(step, mergeId, token);
  if (!held.ok) return held;
  const { merge } = held.value;
  if (merge.stage !== 'gating') return wrongStage(merge, 'take the result of a gate');
  if (merge.gates.length >= gateResultsMax) {
    return refuse(
      'limit-reached',
      `The merge of ${merge.taskId} already has ${gateResultsMax} gate results. They were kept; reject it or queue it again.`,
    );
  }
  step.tables.merge.put({ ...merge, gates: [...merge.gates, result] });
  return ok(null);
};

export const checkpointMerge: Rule<'merge.checkpoint'> = (step, { mergeId, token, checkpointId, label, atMs }) => {
  const held = fencedMerge(step, mergeId, token);
  if (!held.ok) return held;
  const { merge, lane } = held.value;
  if (merge.stage !== 'gating') return wrongStage(merge, 'land');
  const failed = failedGate(merge.gates);
  if (failed !== null) {
    return refuse(
      'wrong-state',
      `The gate "${failed.name}" ${failed.state === 'failed' ? 'failed' : 'ran out of time'}, so the work on ${merge.taskId} was not landed. It was kept in its branch; give it back to its lane.`,
    );
  }
  const refusal = refuseDuringRollback(step, merge) ?? refuseTakenCheckpoint(step, checkpointId);
  if (refusal !== null) return refusal;
  putCheckpoint(step, {
    id: checkpointId,
    projectId: merge.projectId,
    kind: 'merge',
    label,
    branch: assertDefined(merge.branch, 'a gating merge has a branch'),
    beforeCommit: assertDefined(merge.targetCommit, 'a gating merge has a target'),
    afterCommit: null,
    taskId: merge.taskId,
    laneId: merge.laneId,
    rollbackId: null,
    changes: lane.changes,
    atMs,
  });
  step.tables.merge.put({ ...merge, stage: 'landing', checkpointId });
  return ok(null);
};

export const landMerge: Rule<'merge.land'> = (step, { mergeId, token, atMs }) => {
  const held = fencedMerge(step, mergeId, token);
  if (!held.ok) return held;
  const { merge, lane, task } = held.value;
  if (merge.stage !== 'landing') return wrongStage(merge, 'have landed');
  step.tables.merge.put({ ...merge, stage: 'landed', endedAtMs: atMs });
  step.tables.task.put({ ...task, status: { state: 'merged', laneId: lane.id, atMs } });
  endLane(step, lane, { kind: 'merged' }, atMs);
  completeCheckpoint(step, assertDefined(merge.checkpointId, 'a landing merge has a checkpoint'), merge.mergeCommit);
  return ok(null);
};

export const requeueMerge: Rule<'merge.requeue'> = (step, { mergeId, token }) => {
  const held = fencedMerge(step, mergeId, token);
  if (!held.ok) return held;
  const { merge } = held.value;
  if (merge.stage !== 'gating' && merge.stage !== 'landing') return wrongStage(merge, 'be queued again');
  withdrawCheckpoint(step, merge.checkpointId);
  step.tables.merge.put({
    ...merge,
    stage: 'queued',
    branch: null,
    targetCommit: null,
    mergeCommit: null,
    checkpointId: null,
    gates: [],
  });
  return ok(null);
};

export const rejectMerge: Rule<'merge.reject'> = (step, { mergeId, token, rejection, next, atMs }) => {
  const held = fencedMerge(step, mergeId, token);
  if (!held.ok) return held;
  const { merge, lane, task } = held.value;
  if (merge.stage === 'landed' || merge.stage === 'rejected') return wrongStage(merge, 'be rejected');
  withdrawCheckpoint(step, merge.checkpointId);
  step.tables.merge.put({ ...merge, stage: 'rejected', rejection, checkpointId: null, endedAtMs: atMs });
  if (next.kind === 'fail') {
    step.tables.task.put({ ...task, status: { state: 'failed', reason: next.reason, laneId: lane.id, atMs } });
    endLane(step, lane, { kind: 'failed', reason: next.reason, run: null }, atMs);
    return ok(null);
  }
  step.tables.task.put({
    ...task,
    status: { state: 'claimed', laneId: lane.id, token, leaseUntilMs: atMs + next.leaseMs },
  });
  // No run yet: whoever finds a working lane without one knows that it waits for its next.
  step.tables.lane.put({
    ...lane,
    stage: 'working',
    runId: null,
    reworks: lane.reworks + 1,
    reworkReason: next.reason,
  });
  return ok(null);
};

/** The gate whose newest result is against landing; a gate that was run again counts by its last run. */
function failedGate(results: readonly GateResult[]): GateResult | null {
  const newest = new Map(results.map((result) => [result.name, result]));
  for (const result of newest.values()) {
    if (result.state === 'failed' || result.state === 'timed-out') return result;
  }
  return null;
}

function refuseDuringRollback({ tables }: Step, merge: Merge) {
  const [rollback] = tables.rollbacksUnderWay(merge.projectId);
  return rollback === undefined
    ? null
    : refuse(
        'wrong-state',
        `Rollback R-${rollback.number} is under way, so nothing lands at this moment. The merge of ${merge.taskId} stays ${merge.stage}; try again when it has ended.`,
      );
}

function wrongStage(merge: Merge, what: string) {
  return refuse(
    'wrong-state',
    `The merge of ${merge.taskId} is ${merge.stage} and cannot ${what}. It was left as it was.`,
  );
}
