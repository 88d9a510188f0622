import { assertDefined } from '#shared/base/assert.ts';
import { ok, type Result } from '#shared/base/result.ts';
import type { Rollout, RolloutStage } from '#shared/model/service.ts';
import type { RolloutId } from '#shared/model/service-ids.ts';
import type { Refusal } from '../command.ts';
import { notFound, refuse } from './refusal.ts';
import { beginRollout, endRollout, noted, refuseTakenRollout, withDecisions } from './rollout-record.ts';
import { isSameValue } from './same-value.ts';
import { titleOf } from './service-title.ts';
import type { Rule, Step } from './step.ts';

/** How far a stage is: a rollout goes on and never back. Stages that exclude each other are equally far. */
const progressOf: Record<RolloutStage['name'], number> = {
  preparing: 0,
  replacing: 1,
  starting: 1,
  shifting: 2,
  switching: 3,
  monitoring: 4,
  ended: 5,
};

export const advanceRollout: Rule<'rollout.advance'> = (step, { rolloutId, from, to, failures, decisions, atMs }) => {
  const found = openRollout(step, rolloutId, 'be moved on');
  if (!found.ok) return found;
  const rollout = found.value;
  if (rollout.paused !== null) return isPaused(step, rollout, 'moved on');
  if (!isSameValue(rollout.stage, from)) {
    return refuse(
      'wrong-state',
      `${nameOf(step, rollout)} is ${rollout.stage.name} by now, and this was decided on an older stage. It was left as it was; look again and decide anew.`,
    );
  }
  const isBack = progressOf[to.name] < progressOf[from.name];
  if (to.name === 'ended' || isBack || (to.name !== from.name && progressOf[to.name] === progressOf[from.name])) {
    return refuse(
      'invalid-input',
      `${nameOf(step, rollout)} cannot go from ${from.name} to ${to.name}. It was left as it was; end it, or move it to a later stage.`,
    );
  }
  step.tables.services.rollout.put({
    ...rollout,
    stage: to,
    progressAtMs: atMs,
    failures,
    decisions: withDecisions(rollout, decisions),
  });
  return ok(null);
};

export const noteRollout: Rule<'rollout.note'> = (step, { rolloutId, decisions, failures, progressed, atMs }) => {
  const found = openRollout(step, rolloutId, 'take more evidence');
  if (!found.ok) return found;
  const rollout = found.value;
  step.tables.services.rollout.put({
    ...rollout,
    failures,
    progressAtMs: progressed ? atMs : rollout.progressAtMs,
    decisions: withDecisions(rollout, decisions),
  });
  return ok(null);
};

export const pauseRollout: Rule<'rollout.pause'> = (step, { rolloutId, because, detail, atMs }) => {
  const found = openRollout(step, rolloutId, 'be paused');
  if (!found.ok) return found;
  const rollout = found.value;
  if (rollout.paused !== null) return isPaused(step, rollout, 'paused again');
  step.tables.services.rollout.put({
    ...rollout,
    paused: { because, detail, sinceMs: atMs },
    decisions: because === 'person' ? withDecisions(rollout, [noted('person', 'Paused.', atMs)]) : rollout.decisions,
  });
  return ok(null);
};

export const resumeRollout: Rule<'rollout.resume'> = (step, { rolloutId, atMs }) => {
  const found = openRollout(step, rolloutId, 'go on');
  if (!found.ok) return found;
  const rollout = found.value;
  if (rollout.paused === null) {
    return refuse(
      'wrong-state',
      `${nameOf(step, rollout)} is not paused. It was left as it was and goes on by itself.`,
    );
  }
  step.tables.services.rollout.put({ ...resumed(rollout, atMs), decisions: personDecided(rollout, 'Resumed.', atMs) });
  return ok(null);
};

/** Asked twice it is promoted once. */
export const promoteRollout: Rule<'rollout.promote'> = (step, { rolloutId, atMs }) => {
  const found = openRollout(step, rolloutId, 'be promoted');
  if (!found.ok) return found;
  const rollout = found.value;
  if (rollout.promoted && rollout.paused === null) return ok(null);
  step.tables.services.rollout.put({
    ...(rollout.paused === null ? rollout : resumed(rollout, atMs)),
    promoted: true,
    decisions: personDecided(rollout, 'Promoted to all traffic.', atMs),
  });
  return ok(null);
};

export const endRolloutByDecision: Rule<'rollout.end'> = (step, command) => {
  const { outcome, detail, decisions, keepPreviousUntilMs, back, atMs } = command;
  const found = openRollout(step, command.rolloutId, 'be ended');
  if (!found.ok) return found;
  const rollout = found.value;
  // What is paused waits for a person; that a driver found it done or broken was decided before.
  if (rollout.paused !== null && outcome !== 'aborted') return isPaused(step, rollout, `ended as ${outcome}`);
  const refusal =
    outcome === 'succeeded' ? refuseSuccess(step, rollout, back !== null) : refuseWayBack(step, rollout, back);
  if (refusal !== null) return refusal;

  endRollout(step, rollout, { outcome, detail, decisions, atMs, keepPreviousUntilMs });
  if (back === null) return ok(null);
  const to = step.tables.services.revision.get(rollout.serviceId, back.toRevision);
  beginRollout(step, rollout.serviceId, {
    id: back.rolloutId,
    kind: 'auto-rollback',
    // What is left behind is the revision that failed, not the one that served before it.
    fromRevision: rollout.toRevision,
    to: assertDefined(to, 'the way back was checked'),
    checkpointId: rollout.checkpointId,
    origin: rollout.origin,
    atMs,
  });
  return ok(null);
};

/** Asked twice they are released once. */
export const releasePrevious: Rule<'rollout.releasePrevious'> = (step, { rolloutId }) => {
  const rollout = step.tables.services.rollout.get(rolloutId);
  if (rollout === null) return notFound(`Rollout ${rolloutId}`);
  if (rollout.endedAtMs === null) {
    return refuse(
      'wrong-state',
      `${nameOf(step, rollout)} is under way and still needs the replicas of before. They were kept; wait until it has ended.`,
    );
  }
  if (rollout.keepPreviousUntilMs !== null) step.tables.services.rollout.put({ ...rollout, keepPreviousUntilMs: null });
  return ok(null);
};

function refuseSuccess(step: Step, rollout: Rollout, hasBack: boolean) {
  if (hasBack) {
    return refuse(
      'invalid-input',
      `${nameOf(step, rollout)} cannot both succeed and be taken back. It was left as it was; send one of the two.`,
    );
  }
  const revision = step.tables.services.revision.get(rollout.serviceId, rollout.toRevision);
  return revision?.digest === null
    ? refuse(
        'wrong-state',
        `${nameOf(step, rollout)} cannot have succeeded: the image of revision ${revision.number} is not known yet. It was left as it was; pin the image first.`,
      )
    : null;
}

/** A way back leads to what has served before, and nothing leads back from a way back. */
function refuseWayBack(step: Step, rollout: Rollout, back: { rolloutId: RolloutId; toRevision: number } | null) {
  if (back === null) return null;
  if (rollout.kind !== 'deploy') {
    return refuse(
      'wrong-state',
      `${nameOf(step, rollout)} is itself a way back, and that is never taken back by itself. It was left as it was; pause it, so that a person decides.`,
    );
  }
  const to = step.tables.services.revision.get(rollout.serviceId, back.toRevision);
  if (to === null) return notFound(`Revision ${back.toRevision} of ${rollout.serviceId}`);
  if (to.number === rollout.toRevision || to.state !== 'stable') {
    return refuse(
      'wrong-state',
      `${nameOf(step, rollout)} cannot go back to revision ${to.number}, which ${to.number === rollout.toRevision ? 'it rolls out itself' : 'has never served'}. It was left as it was; choose a stable revision.`,
    );
  }
  return refuseTakenRollout(step, back.rolloutId);
}

/** The rollout while it is under way, paused or not. */
function openRollout(step: Step, rolloutId: RolloutId, what: string): Result<Rollout, Refusal> {
  const rollout = step.tables.services.rollout.get(rolloutId);
  if (rollout === null) return notFound(`Rollout ${rolloutId}`);
  if (rollout.stage.name !== 'ended') return ok(rollout);
  return refuse(
    'wrong-state',
    `${nameOf(step, rollout)} has ended (${rollout.stage.outcome}) and cannot ${what}. It was left as it was; look at the service for what goes on now.`,
  );
}

function isPaused(step: Step, rollout: Rollout, what: string) {
  return refuse(
    'wrong-state',
    `${nameOf(step, rollout)} is paused and was not ${what}. It was left as it was; resume, promote or abort it.`,
  );
}

function resumed(rollout: Rollout, atMs: number): Rollout {
  return { ...rollout, paused: null, progressAtMs: atMs, failures: 0 };
}

function personDecided(rollout: Rollout, detail: string, atMs: number) {
  return withDecisions(rollout, [noted('person', detail, atMs)]);
}

function nameOf({ tables }: Step, rollout: Rollout): string {
  const service = assertDefined(tables.services.service.get(rollout.serviceId), 'a rollout is of a service');
  return `Rollout ${rollout.number} of ${titleOf(service)}`;
}
