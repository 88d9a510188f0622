/** The steady state: what the serving revision asks for, and nothing else, runs. */
import type { Replica } from './facts.ts';
import type { PlanDraft } from './plan-draft.ts';
import { replaceSlots } from './replace-slots.ts';
import type { RolloutMove } from './service-plan.ts';
import type { Situation } from './situation.ts';
import { effectivePolicy } from './update-order.ts';

/** Everything of the service goes: it is being removed, or no revision of it has ever served. */
export function removeAll(draft: PlanDraft): void {
  for (const replica of draft.situation.live) draft.dismiss(replica, 'the service is not wanted any more');
}

/**
 * Fills every slot of the serving revision, replaces what fails and what is of another template
 * (compared by hash: a revision that only scales replaces nothing), and keeps the replicas of
 * before for as long as the last rollout promised.
 */
export function reconcile(draft: PlanDraft): RolloutMove | null {
  const { situation } = draft;
  const { service, keeping } = situation.facts;
  const revision = situation.revision(service.servingRevision);
  const hash = situation.hash(service.servingRevision);
  if (revision === null || hash === null) {
    if (service.servingRevision === null) removeAll(draft);
    // What serves is known not to be known: nothing is touched.
    else for (const replica of situation.live) draft.serve(replica);
    return null;
  }
  const kept = keptReplicas(situation);
  const policy = effectivePolicy(revision.spec.update, revision.spec);
  replaceSlots(draft, {
    revision,
    hash,
    policy,
    parallelism: policy.parallelism === 0 ? Number.POSITIVE_INFINITY : policy.parallelism,
    inBatches: false,
    notBeforeMs: 0,
    untold: new Set(),
    standstill: null,
    kept: new Set(kept),
  });
  if (keeping === null || keeping.keepPreviousUntilMs === null) return null;
  draft.wake(keeping.keepPreviousUntilMs);
  const isOver = kept.length === 0 || situation.nowMs >= keeping.keepPreviousUntilMs;
  return isOver ? { kind: 'release-previous' } : null;
}

/** Replicas that the newest ended rollout keeps running for a switch back. */
export function keptReplicas(situation: Situation): Replica[] {
  const { keeping, service } = situation.facts;
  const hash = situation.hash(keeping?.fromRevision ?? null);
  if (keeping === null || keeping.keepPreviousUntilMs === null || hash === null) return [];
  if (hash === situation.hash(service.servingRevision)) return [];
  return situation.live.filter(
    ({ templateHash, phase, isStopping }) => templateHash === hash && phase === 'running' && !isStopping,
  );
}
