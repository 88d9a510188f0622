/** Moves a rollout on: one stage after the other, at most one move a plan. */
import type { Rollout } from '#shared/model/service.ts';
import { durationText } from '../duration-text.ts';
import type { PlanDraft } from '../plan-draft.ts';
import { keptReplicas } from '../reconcile.ts';
import { isHealthy } from '../replica-state.ts';
import type { RolloutMove, RolloutProgress } from '../service-plan.ts';
import type { SlotKey } from '../slot.ts';
import { monitored, starting, switching, switchOver } from './blue-green.ts';
import { shifting, startingCanary } from './canary.ts';
import { contextOf, isNew, type RolloutContext, type StageResult, strategyOf } from './context.ts';
import { fail } from './ending.ts';
import { newFailures, type UnrecordedFailure } from './failures.ts';
import { progressDueAtMs } from './health-deadline.ts';
import { preparing } from './preparing.ts';
import { decision, entriesMax, healthEntries } from './record.ts';
import { rolling } from './rolling.ts';

/** What a rollout adds to a plan. */
export interface RolloutStep {
  readonly move: RolloutMove | null;
  /** Without its share of the traffic, which the finished plan tells. */
  readonly progress: Omit<RolloutProgress, 'weightPercent'>;
  /** Containers that nothing is done with until their failure is recorded. */
  readonly untold: ReadonlySet<string>;
}

/** Decides about a rollout that has not ended, and lays out its replicas in the draft. */
export function planRollout(draft: PlanDraft, rollout: Rollout): RolloutStep {
  draft.drainWithin(rollout.policy.drainMs);
  const context = rollout.stage.name === 'preparing' ? null : contextOf(draft, rollout);
  const failures = context === null ? [] : newFailures(context);
  const untold = new Set(failures.flatMap(({ slotKey }) => (slotKey === null ? [] : [slotKey])));
  const result = context === null ? preparing(draft, rollout) : layOut(context, untold);
  const all = result.breach === null ? failures : [...failures, result.breach];
  const move = rollout.paused === null ? nextMove(draft, rollout, context, result, all) : null;
  return {
    move,
    progress: {
      waitsFor: rollout.paused === null ? result.waitsFor : rollout.paused.detail,
      healthy: result.slots.filter(({ isGood }) => isGood).length,
      wanted: result.wanted,
      limits: result.limits,
    },
    untold: new Set(failures.flatMap(({ containerId }) => (containerId === null ? [] : [containerId]))),
  };
}

function layOut(context: RolloutContext, untold: ReadonlySet<SlotKey>): StageResult {
  const { stage } = context.rollout;
  switch (stage.name) {
    case 'starting':
      return strategyOf(context) === 'canary'
        ? startingCanary(context, untold)
        : starting(context, untold, context.slots.length, () => switchOver(context));
    case 'shifting':
      return shifting(context, untold, stage);
    case 'switching':
      return switching(context, untold);
    case 'monitoring': {
      const isRolling = strategyOf(context) === 'rolling';
      return monitored(context, stage.sinceMs, isRolling ? rolling(context, untold) : switching(context, untold));
    }
    default:
      return rolling(context, untold);
  }
}

/** The first of: it has failed; a failure or a replica that became healthy is recorded; the next stage; time is up. */
function nextMove(
  draft: PlanDraft,
  rollout: Rollout,
  context: RolloutContext | null,
  result: StageResult,
  failures: readonly UnrecordedFailure[],
): RolloutMove | null {
  const { situation } = draft;
  const entries = failures.map(({ decision }) => decision);
  const count = rollout.failures + failures.filter(({ slotKey }) => slotKey !== null).length;
  const verdict = hasFailed(rollout, context, result, failures, count);
  if (verdict !== null) return fail({ rollout, situation }, verdict, entries);

  const healthy = result.slots.flatMap(({ holder }) =>
    holder !== null && isHealthy(holder) && isNew(holder, rollout) ? [holder] : [],
  );
  const passed = context === null ? [] : healthEntries(context, healthy);
  if (entries.length > 0) {
    return { kind: 'note', failures: count, progressed: passed.length > 0, decisions: [...entries, ...passed] };
  }
  if (result.next !== null) return withDecisions(result.next, passed);
  if (passed.length > 0) return { kind: 'note', failures: count, progressed: true, decisions: passed };
  if (result.isUnderDeadline) {
    const dueAtMs = progressDueAtMs(rollout, result.heldUntilMs);
    if (situation.nowMs >= dueAtMs) {
      const detail = `No progress for ${durationText(rollout.policy.progressDeadlineMs)}: it waited for ${result.waitsFor ?? 'its replicas'}.`;
      return fail({ rollout, situation }, detail, [decision(situation.nowMs, 'deadline', 'failed', detail)]);
    }
    draft.wake(dueAtMs);
  }
  return releaseKept(draft, context);
}

/** Why it has failed; null while it may go on. */
function hasFailed(
  rollout: Rollout,
  context: RolloutContext | null,
  { breach }: StageResult,
  failures: readonly UnrecordedFailure[],
  count: number,
): string | null {
  if (breach !== null) return sentence(breach.decision.detail);
  const [first] = failures;
  if (first === undefined || context === null) return null;
  const slots = Math.max(1, context.slots.length);
  const isTooMany = count / slots > rollout.policy.failureRatioMax;
  const isFull = rollout.decisions.length + failures.length > entriesMax;
  if (!isTooMany && !isFull) return null;
  const more = count > 1 ? ` (${count} failures of ${slots} replicas)` : '';
  return sentence(`${first.decision.detail}${more}`);
}

/** A kept side of an earlier rollout goes as soon as this one begins to move, unless it is what it goes back to. */
function releaseKept(draft: PlanDraft, context: RolloutContext | null): RolloutMove | null {
  const { keeping } = draft.situation.facts;
  if (context === null || keeping === null || keeping.keepPreviousUntilMs === null) return null;
  const isTarget = keptReplicas(draft.situation).some(({ templateHash }) => templateHash === context.hash);
  return isTarget ? null : { kind: 'release-previous' };
}

function withDecisions(move: RolloutMove, decisions: Extract<RolloutMove, { kind: 'note' }>['decisions']): RolloutMove {
  if (move.kind === 'release-previous' || decisions.length === 0) return move;
  return { ...move, decisions: [...decisions, ...move.decisions] };
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
