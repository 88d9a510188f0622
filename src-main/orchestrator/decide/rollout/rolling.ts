/** Rolling: the replicas are replaced in place, a few at a time. */
import type { Replica } from '../facts.ts';
import { isHealthy } from '../replica-state.ts';
import { keptReplicas } from '../reconcile.ts';
import { replaceSlots } from '../replace-slots.ts';
import type { RolloutMove } from '../service-plan.ts';
import type { SlotKey } from '../slot.ts';
import { hasPlaces, isNew, isServing, type RolloutContext, type StageResult } from './context.ts';
import { succeed } from './ending.ts';
import { hasNewReplicas } from './record.ts';

/** The stages `replacing` and, when all is replaced, `monitoring`. */
export function rolling(context: RolloutContext, untold: ReadonlySet<SlotKey>): StageResult {
  const { draft, situation, rollout, policy, target, hash, serving } = context;
  const { stage, promoted, paused } = rollout;
  const lastBatchAtMs = stage.name === 'replacing' ? stage.lastBatchAtMs : null;
  const hasDelay = policy.delayMs > 0 && !promoted;
  const finishedAtMs = hasDelay ? newestHealthyAtMs(context) : null;
  const delayedUntilMs = hasDelay ? (lastBatchAtMs ?? 0) + policy.delayMs : 0;
  const isUnrecorded = finishedAtMs !== null && finishedAtMs > (lastBatchAtMs ?? rollout.startedAtMs);
  const state = replaceSlots(draft, {
    revision: target,
    hash,
    policy,
    parallelism: promoted || policy.parallelism === 0 ? Number.POSITIVE_INFINITY : policy.parallelism,
    inBatches: hasDelay,
    notBeforeMs: isUnrecorded ? Number.POSITIVE_INFINITY : delayedUntilMs,
    untold,
    standstill: paused === null ? null : { why: 'the rollout is paused', meanwhile: serving },
    kept: new Set(keptReplicas(situation).filter(({ templateHash }) => templateHash !== hash)),
  });
  const good = state.slots.filter((slot) => isServing(context, slot)).length;
  const wanted = state.slots.length + state.waiting;
  const isDone = state.waiting === 0 && good === wanted && state.oldServing === 0 && hasPlaces(context);
  return {
    slots: state.slots,
    wanted,
    next: next(),
    waitsFor: waitsFor(),
    isUnderDeadline: !isDone && state.underWay > 0 && situation.nowMs >= delayedUntilMs,
    heldUntilMs: delayedUntilMs,
    limits: [],
    breach: null,
  };

  function next(): RolloutMove | null {
    const { nowMs } = situation;
    if (stage.name === 'monitoring') return null;
    if (isDone) {
      const isWatched = policy.monitorMs > 0 && (hasNewReplicas(rollout) || newReplicas(context).length > 0);
      if (!isWatched) return succeed(context);
      return advance(context, { name: 'monitoring', sinceMs: nowMs });
    }
    if (!isUnrecorded || state.underWay > 0) return null;
    return advance(context, { name: 'replacing', lastBatchAtMs: finishedAtMs });
  }

  function waitsFor(): string | null {
    if (!hasPlaces(context)) return 'a host that fits';
    if (stage.name === 'monitoring' || isDone) return null;
    if (good === wanted) return `${count(state.oldServing)} of before to finish`;
    const rest = wanted - good;
    return state.underWay > 0 ? `${count(state.underWay)} to become healthy` : `${count(rest)} to be replaced`;
  }
}

/** A move to another stage, nothing else changed. */
export function advance(
  { rollout }: Pick<RolloutContext, 'rollout'>,
  to: Extract<RolloutMove, { kind: 'advance' }>['to'],
  decisions: Extract<RolloutMove, { kind: 'advance' }>['decisions'] = [],
): RolloutMove {
  return { kind: 'advance', to, failures: rollout.failures, decisions };
}

function newReplicas({ situation, rollout, hash }: RolloutContext): Replica[] {
  return situation.live.filter((replica) => replica.templateHash === hash && isNew(replica, rollout));
}

/** When the newest of the new replicas became healthy; null while none is. */
function newestHealthyAtMs(context: RolloutContext): number | null {
  const times = newReplicas(context)
    .filter(isHealthy)
    .map(({ health }) => health.sinceMs);
  return times.length === 0 ? null : Math.max(...times);
}

function count(replicas: number): string {
  return replicas === 1 ? '1 replica' : `${replicas} replicas`;
}
