/** How a rollout begins and ends; one meaning for everyone who begins or ends one. */
import { assert, assertDefined } from '#shared/base/assert.ts';
import type { CheckpointId } from '#shared/model/ids.ts';
import type { DeployOrigin, Rollout, RolloutDecision, RolloutStage } from '#shared/model/service.ts';
import { mainStack, type RolloutId, type ServiceId } from '#shared/model/service-ids.ts';
import type { RevisionRow, ServiceRow } from '../service-columns.ts';
import { putCheckpoint, refuseTakenCheckpoint } from './checkpoint.ts';
import { refuse } from './refusal.ts';
import type { DeployCheckpoint } from '../service-command.ts';
import type { Step } from './step.ts';

/** Decisions kept with a rollout. */
const decisionsMax = 200;

/** What a rollout starts from. */
export interface RolloutStart {
  readonly id: RolloutId;
  readonly kind: Rollout['kind'];
  readonly fromRevision: number | null;
  readonly to: RevisionRow;
  readonly checkpointId: CheckpointId | null;
  readonly origin: DeployOrigin;
  readonly atMs: number;
}

/** Begins the service's next rollout, which must be its only one. */
export function beginRollout({ tables }: Step, serviceId: ServiceId, start: RolloutStart): Rollout {
  const { services } = tables;
  const service = assertDefined(services.service.get(serviceId), 'a rollout is of a service');
  assert(service.rolloutId === null, `${serviceId} has one rollout at a time`);
  const rollout: Rollout = {
    id: start.id,
    serviceId,
    projectId: service.projectId,
    number: service.rollouts + 1,
    kind: start.kind,
    fromRevision: start.fromRevision,
    toRevision: start.to.number,
    policy: start.kind === 'deploy' ? start.to.spec.update : start.to.spec.rollback,
    stage: { name: 'preparing' },
    progressAtMs: start.atMs,
    paused: null,
    promoted: false,
    failures: 0,
    decisions: [],
    checkpointId: start.checkpointId,
    origin: start.origin,
    startedAtMs: start.atMs,
    endedAtMs: null,
    keepPreviousUntilMs: null,
  };
  services.rollout.put(rollout);
  services.service.put({ ...service, rolloutId: rollout.id, rollouts: rollout.number });
  return rollout;
}

/** How a rollout ended. */
export interface RolloutEnd {
  readonly outcome: Extract<RolloutStage, { name: 'ended' }>['outcome'];
  readonly detail: string;
  readonly decisions: readonly RolloutDecision[];
  readonly atMs: number;
  /** Only of one that succeeded. */
  readonly keepPreviousUntilMs?: number | null;
}

/** Ends the rollout under way with all that this means for its revision, its service and the timeline. */
export function endRollout({ tables }: Step, rollout: Rollout, end: RolloutEnd): void {
  const { services } = tables;
  const service = assertDefined(services.service.get(rollout.serviceId), 'a rollout is of a service');
  assert(service.rolloutId === rollout.id, `${rollout.id} is the rollout under way`);
  const revision = assertDefined(
    services.revision.get(rollout.serviceId, rollout.toRevision),
    'the target of a rollout under way is kept',
  );
  const hasSucceeded = end.outcome === 'succeeded';
  if (hasSucceeded) {
    services.revision.put({ ...revision, state: 'stable', failure: null });
    // Replicas are kept for one way back, the newest.
    for (const keeper of services.keeping(service.id)) services.rollout.put({ ...keeper, keepPreviousUntilMs: null });
    completeRevisions(tables, service, rollout);
  } else if (end.outcome !== 'superseded' && revision.state === 'candidate') {
    services.revision.put({ ...revision, state: 'failed', failure: end.detail });
  }
  services.rollout.put({
    ...rollout,
    stage: { name: 'ended', outcome: end.outcome, detail: end.detail },
    paused: null,
    decisions: withDecisions(rollout, end.decisions),
    endedAtMs: end.atMs,
    keepPreviousUntilMs: hasSucceeded ? (end.keepPreviousUntilMs ?? null) : null,
  });
  services.service.put({
    ...service,
    rolloutId: null,
    servingRevision: hasSucceeded ? rollout.toRevision : service.servingRevision,
  });
}

/** Ends the rollout under way, if there is one, because another takes its place. Answers the one that was ended. */
export function supersede(step: Step, serviceId: ServiceId, detail: string, atMs: number): Rollout | null {
  const open = step.tables.services.service.get(serviceId)?.rolloutId ?? null;
  const rollout = open === null ? null : step.tables.services.rollout.get(open);
  if (rollout === null) return null;
  const decision = noted('supersede', detail, atMs);
  endRollout(step, rollout, { outcome: 'superseded', detail, decisions: [decision], atMs });
  return rollout;
}

/** A decision without a verdict, for what a person or a newer rollout did. */
export function noted(gate: RolloutDecision['gate'], detail: string, atMs: number): RolloutDecision {
  return { atMs, gate, verdict: 'noted', detail, durationMs: null, evidence: {} };
}

/**
 * The rollout's decisions with these. When there are too many, the oldest that were only noted
 * go first, then the oldest of all.
 */
export function withDecisions(rollout: Rollout, added: readonly RolloutDecision[]): RolloutDecision[] {
  const all = [...rollout.decisions, ...added];
  let excess = all.length - decisionsMax;
  if (excess <= 0) return all;
  const judged = all.filter((decision) => {
    if (excess === 0 || decision.verdict !== 'noted') return true;
    excess -= 1;
    return false;
  });
  return judged.slice(-decisionsMax);
}

/** The refusal of an id that a rollout has already, or null. */
export function refuseTakenRollout({ tables }: Step, id: RolloutId) {
  return tables.services.rollout.has(id)
    ? refuse('wrong-state', `There is already a rollout ${id}. It was kept, and nothing was begun; use a new id.`)
    : null;
}

/** Why the entry cannot be made, or null. A preview has no place in the timeline. */
export function refuseCheckpoint(step: Step, service: Pick<ServiceRow, 'stack'>, checkpoint: DeployCheckpoint | null) {
  if (checkpoint === null) return null;
  if (service.stack !== mainStack) {
    return refuse(
      'invalid-input',
      `The preview ${service.stack} has no place in the timeline, which is about the main stack. Nothing was begun; send it without a checkpoint.`,
    );
  }
  return refuseTakenCheckpoint(step, checkpoint.checkpointId);
}

/**
 * Makes the timeline's entry of a rollout that is about to begin and answers its id. A rollout
 * that belongs to a rollback, or to the undo of one, belongs to that one's entry.
 */
export function putDeployCheckpoint(
  step: Step,
  service: ServiceRow,
  begun: {
    readonly checkpoint: DeployCheckpoint | null;
    readonly rolloutId: RolloutId;
    readonly origin: DeployOrigin;
    readonly atMs: number;
  },
): CheckpointId | null {
  const { checkpoint, rolloutId, origin, atMs } = begun;
  if (checkpoint === null) {
    if (origin.kind !== 'timeline' || service.stack !== mainStack) return null;
    const rollback = step.tables.rollback.get(origin.rollbackId);
    if (rollback?.projectId !== service.projectId) return null;
    const isUndo = rollback.stage === 'undoing' || rollback.stage === 'undone';
    return isUndo ? (rollback.undo?.entryId ?? null) : rollback.entryId;
  }
  putCheckpoint(step, {
    id: checkpoint.checkpointId,
    projectId: service.projectId,
    kind: 'deploy',
    label: checkpoint.label,
    branch: checkpoint.branch,
    beforeCommit: checkpoint.headCommit,
    afterCommit: checkpoint.headCommit,
    taskId: origin.kind === 'lane' ? origin.taskId : null,
    laneId: origin.kind === 'lane' ? origin.laneId : null,
    rollbackId: null,
    serviceId: service.id,
    rolloutId,
    changes: null,
    atMs,
  });
  return checkpoint.checkpointId;
}

/** The entry that a rollout was begun with now means what that rollout made of the service. */
function completeRevisions(tables: Step['tables'], service: ServiceRow, rollout: Rollout): void {
  const checkpoint = rollout.checkpointId === null ? null : tables.checkpoint.get(rollout.checkpointId);
  if (checkpoint === null || service.stack !== mainStack) return;
  const revisions = { ...checkpoint.revisions, [service.name]: rollout.toRevision };
  tables.checkpoint.put({ ...checkpoint, revisions });
}
