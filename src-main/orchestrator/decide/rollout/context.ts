/** What every stage of a rollout is decided from. */
import type { Revision, Rollout } from '#shared/model/service.ts';
import type { Replica } from '../facts.ts';
import type { FilledSlot } from '../fill-slot.ts';
import type { PlanDraft } from '../plan-draft.ts';
import type { RolloutMove, RolloutProgress } from '../service-plan.ts';
import type { Situation } from '../situation.ts';
import type { Slot, SlotKey } from '../slot.ts';
import { type EffectivePolicy, effectivePolicy } from '../update-order.ts';
import type { UnrecordedFailure } from './failures.ts';

/** A rollout with its two revisions, once the image of the new one is pinned. */
export interface RolloutContext {
  readonly draft: PlanDraft;
  readonly situation: Situation;
  readonly rollout: Rollout;
  readonly policy: EffectivePolicy;
  readonly target: Revision;
  /** Of the new revision's containers. */
  readonly hash: string;
  /** The slots of the new revision. */
  readonly slots: readonly Slot[];
  /** The revision that is left, with its hash; null for a first deployment. */
  readonly from: PinnedRevision | null;
  /** The revision that served last: what is trusted meanwhile. Not what is left, where that has failed. */
  readonly serving: PinnedRevision | null;
}

/** A revision with the hash of its containers. */
export interface PinnedRevision {
  readonly revision: Revision;
  readonly hash: string;
}

/** What a stage makes of the situation, as far as nothing has failed. */
export interface StageResult {
  /** The slots of the new revision that the stage wants filled. */
  readonly slots: readonly FilledSlot[];
  readonly wanted: number;
  /** What follows. */
  readonly next: RolloutMove | null;
  /** What it does, or what it waits for. */
  readonly waitsFor: string | null;
  /** It waits for replicas or images: without progress it has failed. */
  readonly isUnderDeadline: boolean;
  /** Until when it was held on purpose: that time does not count. */
  readonly heldUntilMs?: number;
  readonly limits: RolloutProgress['limits'];
  /** A limit that is broken, an image that cannot be had: the end of it. */
  readonly breach: UnrecordedFailure | null;
}

/** The way that a rollout really goes: nothing is started beside anything when nothing served before, no container changes, or one must be alone. */
export function strategyOf({
  policy,
  target,
  hash,
  from,
}: Pick<RolloutContext, 'policy' | 'target' | 'hash' | 'from'>): 'rolling' | 'blue-green' | 'canary' {
  const { mode } = target.spec;
  const isEmpty = mode.kind === 'replicated' && mode.replicas === 0;
  return isEmpty || from === null || from.hash === hash ? 'rolling' : policy.strategy;
}

/** The context of a rollout; null while the image of its revision is not pinned. */
export function contextOf(draft: PlanDraft, rollout: Rollout): RolloutContext | null {
  const { situation } = draft;
  const target = situation.revision(rollout.toRevision);
  const hash = situation.hash(rollout.toRevision);
  if (target === null || hash === null) return null;
  return {
    draft,
    situation,
    rollout,
    policy: effectivePolicy(rollout.policy, target.spec),
    target,
    hash,
    slots: situation.slots(target),
    from: pinnedRevision(situation, rollout.fromRevision),
    serving: pinnedRevision(situation, situation.facts.service.servingRevision),
  };
}

/** A revision with the hash of its containers; null when either is not known. */
export function pinnedRevision(situation: Situation, number: number | null): PinnedRevision | null {
  const revision = situation.revision(number);
  const hash = situation.hash(number);
  return revision === null || hash === null ? null : { revision, hash };
}

/** Whether there is any place for the new revision: a global one has none while no host fits. */
export function hasPlaces({ slots, target }: Pick<RolloutContext, 'slots' | 'target'>): boolean {
  return slots.length > 0 || target.spec.mode.kind === 'replicated';
}

/** Whether the old replicas go on running for a switch back: not those of what has failed. */
export function keepsPrevious({ rollout, policy }: Pick<RolloutContext, 'rollout' | 'policy'>): boolean {
  return policy.keepPreviousMs > 0 && rollout.kind !== 'auto-rollback';
}

/** Whether a replica was made by this rollout, rather than being there before. */
export function isNew(replica: Replica, { kind, toRevision, startedAtMs }: Rollout): boolean {
  if (replica.revision !== toRevision) return false;
  // Only a way back meets older replicas of its own revision.
  return kind === 'deploy' || replica.createdAtMs >= startedAtMs;
}

/** Whether a slot's replica is seen to do its part: healthy, and where there is an edge, in traffic. */
export function isServing({ situation }: Pick<RolloutContext, 'situation'>, { holder, isGood }: FilledSlot): boolean {
  return isGood && (holder === null || !situation.hasEdge(holder) || holder.traffic === 'ready');
}

/** No slots: nothing has failed that the record does not say. */
export const noSlots: ReadonlySet<SlotKey> = new Set();
