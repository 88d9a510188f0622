/** How a rollout ends: well, with a way back, or standing still for a person. */
import type { RolloutDecision } from '#shared/model/service.ts';
import type { RolloutMove } from '../service-plan.ts';
import { isSameRevision } from '../spec-diff.ts';
import { keepsPrevious, type RolloutContext, strategyOf } from './context.ts';

/** The new revision serves. The replicas of before are kept if its way of updating left them running. */
export function succeed(context: RolloutContext, decisions: readonly RolloutDecision[] = []): RolloutMove {
  const { rollout, policy, situation, slots, from } = context;
  const left =
    strategyOf(context) === 'rolling' || !keepsPrevious(context)
      ? []
      : situation.live.filter((each) => each.templateHash === from?.hash);
  const count = slots.length === 1 ? '1 replica' : `${slots.length} replicas`;
  return {
    kind: 'end',
    outcome: 'succeeded',
    detail: `Revision ${rollout.toRevision} serves with ${count}.`,
    decisions,
    keepPreviousUntilMs: left.length > 0 ? situation.nowMs + policy.keepPreviousMs : null,
    backTo: null,
  };
}

/**
 * It has failed. A deploy goes back to the revision that served, or else the newest stable one, once; a way back never goes
 * further back: like a policy that says so, it stands still and waits for a person.
 */
export function fail(
  { rollout, situation }: Pick<RolloutContext, 'rollout' | 'situation'>,
  detail: string,
  decisions: readonly RolloutDecision[],
): RolloutMove {
  if (rollout.kind !== 'deploy') {
    const way = rollout.kind === 'rollback' ? 'way back' : 'automatic way back';
    return { kind: 'pause', detail: `${detail} This is a ${way}, so it is not rolled back itself.`, decisions };
  }
  if (rollout.policy.onFailure === 'pause') return { kind: 'pause', detail, decisions };
  const target = situation.revision(rollout.toRevision);
  // What served before is surer than a newer one that was left, perhaps for a reason.
  const { service, stableRevision } = situation.facts;
  const stable = situation.revision(
    service.servingRevision === rollout.toRevision ? stableRevision : (service.servingRevision ?? stableRevision),
  );
  const backTo = stable !== null && target !== null && !isSameRevision(stable, target) ? stable.number : null;
  return { kind: 'end', outcome: 'failed', detail, decisions, keepPreviousUntilMs: null, backTo };
}
