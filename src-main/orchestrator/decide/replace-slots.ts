/** Brings all slots of a service to one revision, a few at a time, without a gap in what it serves. */
import { assertDefined } from '#shared/base/assert.ts';
import type { Revision } from '#shared/model/service.ts';
import type { Replica } from './facts.ts';
import { type FilledSlot, type FillOptions, fillSlot } from './fill-slot.ts';
import type { PlanDraft } from './plan-draft.ts';
import { isHealthy } from './replica-state.ts';
import type { Situation } from './situation.ts';
import { type Slot, type SlotKey, slotKey, slotKeyOf } from './slot.ts';
import type { EffectivePolicy } from './update-order.ts';

/** What is wanted and how fast. */
export interface Replacement {
  readonly revision: Revision;
  readonly hash: string;
  readonly policy: EffectivePolicy;
  /** Slots that may be under way at once; those that have nothing do not count until they are. */
  readonly parallelism: number;
  /** One batch is whole before the next one begins. */
  readonly inBatches: boolean;
  /** No further slot is begun before. */
  readonly notBeforeMs: number;
  readonly untold: ReadonlySet<SlotKey>;
  /** While it stands still: why, and what empty slots get meanwhile. */
  readonly standstill: {
    readonly why: string;
    readonly meanwhile: { readonly revision: Revision; readonly hash: string } | null;
  } | null;
  /** Replicas that are kept for a switch back. */
  readonly kept: ReadonlySet<Replica>;
}

/** How far it is. */
export interface ReplacementState {
  readonly slots: readonly FilledSlot[];
  /** Slots under way: begun, and not healthy. */
  readonly underWay: number;
  /** Slots that still have to be begun. */
  readonly waiting: number;
  /** Replicas of other templates that take traffic, or would without an edge. */
  readonly oldServing: number;
}

interface SlotView {
  readonly slot: Slot;
  readonly current: readonly Replica[];
  readonly old: Replica | null;
  readonly hasHistory: boolean;
}

/**
 * Slots that have nothing are filled at once. Of the others, at most `parallelism` are under way:
 * with start-first the old replica goes on until the new one is healthy; with stop-first it is
 * drained and stopped first, but never the last one that works while others could. Surplus old
 * ones stay until every slot is good.
 */
export function replaceSlots(draft: PlanDraft, replacement: Replacement): ReplacementState {
  const { situation } = draft;
  const { revision, policy, standstill } = replacement;
  const slots = situation.slots(revision);
  draft.replaceAtOnce(replacement.parallelism);
  if (slots.length === 0) {
    // Nothing takes over from the last one: it is told to go whatever that leaves.
    for (const replica of situation.live) draft.dismiss(replica, 'none of it is wanted');
  }
  for (const replica of replacement.kept) draft.keep(replica);
  const { views, surplus } = viewSlots(situation, slots, replacement);
  const begun = new Set(views.filter((view) => isBegun(view, policy)));
  const underWay = [...begun].filter((view) => !view.current.some(isHealthy)).length;
  for (const view of choose(draft, views, begun, underWay, replacement)) begun.add(view);

  const options: FillOptions = {
    revision,
    hash: replacement.hash,
    order: policy.order,
    isAlone: slots.length <= 1,
    healthDeadlineMs: policy.healthDeadlineMs,
    group: 'new',
    untold: replacement.untold,
    standstill: null,
  };
  const filled: FilledSlot[] = [];
  for (const view of views) {
    if (begun.has(view)) filled.push(replaceInSlot(draft, view, options, replacement));
    else if (view.old !== null) draft.serve(view.old);
  }
  const isDone = filled.length === slots.length && filled.every(({ isGood }) => isGood);
  for (const replica of surplus) {
    if (replica.templateHash === replacement.hash) draft.retire(replica, 'its slot is not wanted any more');
    // Also one that never served: told to go only once others can do without it, it would stay for ever.
    else if (policy.isExclusive) draft.dismiss(replica, 'it would share its volume');
    else if (!hasServed(situation, replica)) draft.retire(replica, 'it never served');
    else if (isDone && standstill === null) draft.retire(replica, `replaced by revision ${revision.number}`);
    else draft.serve(replica);
  }
  return {
    slots: filled,
    underWay: filled.filter(({ isGood }) => !isGood).length,
    waiting: slots.length - filled.length,
    oldServing: situation.live.filter(
      (replica) =>
        replica.templateHash !== replacement.hash &&
        // One that is kept takes over when nothing else works.
        (situation.hasEdge(replica)
          ? replica.traffic === 'ready'
          : isHealthy(replica) && !replacement.kept.has(replica)),
    ).length,
  };
}

/** What is in each slot, and what is in none. */
function viewSlots(
  situation: Situation,
  slots: readonly Slot[],
  { revision, hash, kept }: Replacement,
): { views: SlotView[]; surplus: Replica[] } {
  const byKey = new Map<SlotKey, { current: Replica[]; old: Replica[] }>();
  for (const slot of slots) byKey.set(slotKey(slot), { current: [], old: [] });
  const surplus: Replica[] = [];
  for (const replica of situation.live) {
    if (kept.has(replica)) continue;
    const place = byKey.get(slotKeyOf(replica, revision));
    if (place === undefined) surplus.push(replica);
    else if (replica.templateHash === hash) (replica.isStopping ? surplus : place.current).push(replica);
    else if (hasServed(situation, replica)) place.old.push(replica);
    else surplus.push(replica);
  }
  const views = [...byKey].map(([key, { current, old }], at): SlotView => {
    const [first = null, ...others] = old.sort((a, b) => worth(b) - worth(a));
    surplus.push(...others);
    const slot = assertDefined(slots[at], 'every view is of a slot');
    return { slot, current, old: first, hasHistory: situation.lastEnded(key, hash, revision) !== null };
  });
  return { views, surplus };
}

/** Whether an old replica goes on until it is replaced: it runs, and has served before. */
function hasServed(situation: Situation, replica: Replica): boolean {
  return replica.phase === 'running' && situation.isProven(replica);
}

/** How much would be lost with a replica: one that takes traffic and works is worth most. */
function worth(replica: Replica): number {
  return (isHealthy(replica) ? 2 : 0) + (replica.traffic === 'ready' ? 1 : 0);
}

function isBegun({ current, old, hasHistory }: SlotView, { order }: EffectivePolicy): boolean {
  return current.length > 0 || old === null || hasHistory || (order === 'stop-first' && old.traffic === 'drain');
}

/** The slots to begin now: those that lose least come first. */
function choose(
  draft: PlanDraft,
  views: readonly SlotView[],
  begun: ReadonlySet<SlotView>,
  underWay: number,
  { policy, parallelism, inBatches, notBeforeMs, standstill }: Replacement,
): SlotView[] {
  const { situation } = draft;
  if (standstill !== null) return [];
  const waiting = views.filter((view) => !begun.has(view));
  if (waiting.length === 0) return [];
  if (notBeforeMs > situation.nowMs) {
    draft.wake(notBeforeMs);
    return [];
  }
  if (inBatches && underWay > 0) return [];
  const free = policy.isExclusive ? waiting.length : Math.max(0, parallelism - underWay);
  const chosen = waiting
    .sort((a, b) => (a.old === null ? 0 : worth(a.old)) - (b.old === null ? 0 : worth(b.old)))
    .slice(0, free);
  if (policy.order === 'start-first' || views.length <= 1) return chosen;
  // Stop-first: somebody who works has to be left.
  const works = (view: SlotView): boolean =>
    view.current.some(isHealthy) || (view.old !== null && isHealthy(view.old) && view.old.traffic !== 'drain');
  let working = views.filter(works).length;
  return chosen.filter((view) => {
    if (!works(view)) return true;
    if (working <= 1) return false;
    working -= 1;
    return true;
  });
}

/** One slot that is to have the new template. */
function replaceInSlot(
  draft: PlanDraft,
  { slot, current, old }: SlotView,
  options: FillOptions,
  { revision, policy, standstill }: Replacement,
): FilledSlot {
  const why = `replaced by revision ${revision.number}`;
  if (standstill !== null && current.length === 0) {
    if (old !== null) {
      draft.serve(old);
      return { slot, holder: null, isGood: false };
    }
    if (standstill.meanwhile === null) draft.pend(revision, slot, standstill.why, null);
    else fillSlot(draft, slot, { ...options, ...standstill.meanwhile });
    return { slot, holder: null, isGood: false };
  }
  if (policy.isExclusive && draft.situation.live.some((replica) => replica.templateHash !== options.hash)) {
    if (old !== null) draft.dismiss(old, why);
    for (const replica of current) draft.serve(replica);
    return { slot, holder: null, isGood: false };
  }
  if (old !== null && current.length === 0 && policy.order === 'stop-first') {
    if (options.isAlone) draft.dismiss(old, why);
    else draft.retire(old, why);
    return { slot, holder: null, isGood: false };
  }
  const filled = fillSlot(draft, slot, { ...options, standstill: standstill?.why ?? null });
  if (old !== null) {
    if (filled.isGood) draft.retire(old, why);
    else draft.serve(old);
  }
  return filled;
}
