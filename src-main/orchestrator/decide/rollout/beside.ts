/** Blue-green and canary: the new replicas run beside the old ones, and traffic moves between them. */
import type { Replica } from '../facts.ts';
import { type FilledSlot, type FillOptions, fillSlot } from '../fill-slot.ts';
import { keptReplicas } from '../reconcile.ts';
import { isHealthy } from '../replica-state.ts';
import { type Slot, type SlotKey, slotKey, slotKeyOf } from '../slot.ts';
import { keepsPrevious, noSlots, type RolloutContext } from './context.ts';

/** What is wanted of the two sides. */
export interface Sides {
  /** So many slots of the new revision are to be filled. */
  readonly count: number;
  /** Its part of the traffic; 100 once the old side has handed over. */
  readonly percent: number;
  readonly untold: ReadonlySet<SlotKey>;
}

/**
 * Fills the new side, without traffic while `percent` is 0. The old side is kept as strong as it
 * was until it has handed over, then kept running without traffic if the policy says so.
 * Replicas of other revisions, left by a rollout that this one superseded, go as soon as the old
 * side is whole. Answers the new side's slots.
 */
export function runBeside(context: RolloutContext, { count, percent, untold }: Sides): FilledSlot[] {
  const { draft, situation, rollout, policy, target, hash, slots } = context;
  draft.split(percent);
  const existing = new Set(
    situation.live.filter(({ templateHash }) => templateHash === hash).map((replica) => slotKeyOf(replica, target)),
  );
  const options: FillOptions = {
    revision: target,
    hash,
    order: policy.order,
    isAlone: slots.length <= 1,
    healthDeadlineMs: policy.healthDeadlineMs,
    group: 'new',
    untold,
    standstill: rollout.paused === null ? null : 'the rollout is paused',
  };
  const filled = slots
    .filter((slot, at) => at < count || existing.has(slotKey(slot)))
    .map((slot) => fillSlot(draft, slot, options));
  const isOnNewSide = (replica: Replica): boolean => replica.templateHash === hash;
  for (const replica of situation.live.filter(isOnNewSide)) draft.retire(replica, 'its slot is not wanted any more');
  if (percent < 100) keepOldSide(context);
  else leaveOldSide(context);
  const first = new Set<Slot>(slots.slice(0, count));
  return filled.filter(({ slot }) => first.has(slot));
}

/** The old side goes on: what fails there is replaced there. */
function keepOldSide({ draft, situation, from, serving, hash }: RolloutContext): void {
  for (const replica of keptReplicas(situation)) {
    if (replica.templateHash !== from?.hash) draft.keep(replica);
  }
  let isWhole = false;
  // Nothing more is made of what failed.
  if (from !== null && from.hash === serving?.hash) {
    const { revision } = from;
    const slots = situation.slots(revision);
    const options: FillOptions = {
      ...from,
      order: revision.spec.update.order,
      isAlone: slots.length <= 1,
      healthDeadlineMs: revision.spec.update.healthDeadlineMs,
      group: 'old',
      untold: noSlots,
      standstill: null,
    };
    isWhole = slots.map((slot) => fillSlot(draft, slot, options)).every(({ isGood }) => isGood);
  }
  for (const replica of situation.live.filter(({ templateHash }) => templateHash !== hash)) {
    const goesOn = !isWhole && replica.phase === 'running' && situation.isProven(replica);
    if (goesOn) draft.serve(replica, 'old');
    else draft.retire(replica, 'its rollout was superseded');
  }
}

/** The new side has taken over. */
function leaveOldSide(context: RolloutContext): void {
  const { draft, situation, from, target, hash } = context;
  const isKept = (replica: Replica): boolean =>
    keepsPrevious(context) && replica.templateHash === from?.hash && replica.phase === 'running';
  for (const replica of situation.live.filter(({ templateHash }) => templateHash !== hash)) {
    if (isKept(replica)) draft.keep(replica);
    else draft.retire(replica, `replaced by revision ${target.number}`);
  }
}

/** How many replicas that are not of the new revision still take traffic, or work without an edge. */
export function oldServing(context: RolloutContext): number {
  const { situation, hash, from } = context;
  return situation.live.filter((replica) => {
    if (replica.templateHash === hash) return false;
    if (situation.hasEdge(replica)) return replica.traffic === 'ready';
    const isKept = keepsPrevious(context) && replica.templateHash === from?.hash;
    return !isKept && isHealthy(replica);
  }).length;
}
