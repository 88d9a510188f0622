/** Blue-green: all new replicas start beside the old ones, then all traffic moves at once. */
import { durationText } from '../duration-text.ts';
import type { FilledSlot } from '../fill-slot.ts';
import type { RolloutMove } from '../service-plan.ts';
import type { SlotKey } from '../slot.ts';
import { oldServing, runBeside } from './beside.ts';
import { hasPlaces, isServing, type RolloutContext, type StageResult } from './context.ts';
import { succeed } from './ending.ts';
import { decision, hasNewReplicas } from './record.ts';
import { advance } from './rolling.ts';

/** `starting`: `count` new replicas, checked and without traffic. `onReady` is what follows. */
export function starting(
  context: RolloutContext,
  untold: ReadonlySet<SlotKey>,
  count: number,
  onReady: () => RolloutMove,
): StageResult {
  const slots = runBeside(context, { count, percent: 0, untold });
  const isReady = hasPlaces(context) && slots.every(({ isGood }) => isGood);
  return {
    slots,
    wanted: count,
    next: isReady ? onReady() : null,
    waitsFor: isReady ? null : hasPlaces(context) ? healthyOf(slots, count) : 'a host that fits',
    isUnderDeadline: !isReady,
    limits: [],
    breach: null,
  };
}

/** All traffic moves to the new revision. */
export function switchOver(context: RolloutContext): RolloutMove {
  const { situation, rollout, from } = context;
  const detail =
    from === null
      ? `Revision ${rollout.toRevision} takes the traffic.`
      : `All traffic moves from revision ${from.revision.number} to revision ${rollout.toRevision}.`;
  return advance(context, { name: 'switching', sinceMs: situation.nowMs }, [
    decision(situation.nowMs, 'traffic', 'noted', detail),
  ]);
}

/** `switching` and `monitoring`: the new replicas have all traffic. */
export function switching(context: RolloutContext, untold: ReadonlySet<SlotKey>): StageResult {
  const { situation, rollout, policy, slots: all } = context;
  const slots = runBeside(context, { count: all.length, percent: 100, untold });
  const isGood = slots.every(({ isGood }) => isGood);
  const isSwitched = hasPlaces(context) && slots.every((slot) => isServing(context, slot)) && oldServing(context) === 0;
  return {
    slots,
    wanted: all.length,
    next: next(),
    waitsFor: isSwitched ? null : isGood ? 'the edge to move the traffic' : healthyOf(slots, all.length),
    isUnderDeadline: !isSwitched,
    limits: [],
    breach: null,
  };

  function next(): RolloutMove | null {
    if (rollout.stage.name === 'monitoring' || !isSwitched) return null;
    const isWatched = policy.monitorMs > 0 && hasNewReplicas(rollout);
    return isWatched ? advance(context, { name: 'monitoring', sinceMs: situation.nowMs }) : succeed(context);
  }
}

/** `monitoring`, of every strategy: nothing may fail for a while after all is replaced. */
export function monitored(context: RolloutContext, sinceMs: number, result: StageResult): StageResult {
  const { draft, situation, policy } = context;
  const endAtMs = sinceMs + policy.monitorMs;
  draft.wake(endAtMs);
  const areServing = result.slots.every((slot) => isServing(context, slot));
  const isGood = hasPlaces(context) && result.slots.length === result.wanted && areServing && oldServing(context) === 0;
  if (situation.nowMs < endAtMs) {
    const waitsFor = `${durationText(endAtMs - situation.nowMs)} more without a failure`;
    return { ...result, waitsFor, isUnderDeadline: false };
  }
  if (!isGood) {
    const waitsFor = areServing ? 'the edge to move the traffic' : healthyOf(result.slots, result.wanted);
    return { ...result, waitsFor, isUnderDeadline: true, heldUntilMs: endAtMs };
  }
  const passed = decision(
    situation.nowMs,
    'monitor',
    'passed',
    `No replica failed for ${durationText(policy.monitorMs)}`,
    {
      durationMs: situation.nowMs - sinceMs,
    },
  );
  return { ...result, next: succeed(context, [passed]), waitsFor: null, isUnderDeadline: false };
}

/** "2 of 3 replicas are healthy", as what is waited for. */
export function healthyOf(slots: readonly FilledSlot[], wanted: number): string {
  const good = slots.filter(({ isGood }) => isGood).length;
  return `${wanted - good} of ${wanted} replicas to become healthy`;
}
