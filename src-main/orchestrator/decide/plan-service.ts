/**
 * What is to be done about one service, from what is stored and what is observed; nothing else is
 * remembered. The same facts give the same plan, and when a plan is carried out the next one asks
 * for nothing, so that whoever carries it out may stop and start anywhere.
 */
import type { ServiceFacts } from './facts.ts';
import { PlanDraft } from './plan-draft.ts';
import { reconcile, removeAll } from './reconcile.ts';
import { planRollout } from './rollout/stage.ts';
import type { Placement } from './scheduler/placement.ts';
import type { ServicePlan } from './service-plan.ts';
import { Situation } from './situation.ts';
import { percentOf } from './traffic.ts';

/** Plans one pass over one service. `placement` is read, not changed. */
export function planService(facts: ServiceFacts, placement: Placement): ServicePlan {
  const draft = new PlanDraft(new Situation(facts, placement));
  const { rollout } = facts;
  if (facts.service.state === 'removing') {
    removeAll(draft);
    return { ...draft.finish(), move: null, progress: null };
  }
  if (rollout === null || rollout.stage.name === 'ended') {
    const move = reconcile(draft);
    return { ...draft.finish(), move, progress: null };
  }
  const { move, progress, untold } = planRollout(draft, rollout);
  const plan = draft.finish(untold);
  const hash = facts.templateHashes.get(rollout.toRevision);
  const isNew = new Set(
    facts.replicas.filter(({ templateHash }) => templateHash === hash).map((each) => each.containerId),
  );
  return { ...plan, move, progress: { ...progress, weightPercent: percentOf(plan.traffic, isNew) } };
}
