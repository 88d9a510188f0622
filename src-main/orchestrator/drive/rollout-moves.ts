/** A rollout's moves as commands of the state, with the evidence that they rest on. */
import type { Rollout, RolloutDecision } from '#shared/model/service.ts';
import type { RolloutId } from '#shared/model/service-ids.ts';
import { propose } from '../../reactor/propose.ts';
import type { Replica } from '../decide/facts.ts';
import { stageKey } from '../decide/rollout-steps.ts';
import type { RolloutMove } from '../decide/service-plan.ts';
import { lastWords } from './last-words.ts';
import type { ServiceContext } from './service-context.ts';

/** Stores a rollout's move. True when the plan has to be made anew. */
export async function storeMove(
  context: ServiceContext,
  replicas: readonly Replica[],
  rollout: Rollout,
  move: RolloutMove,
): Promise<boolean> {
  const { world, announce } = context;
  const { id: rolloutId } = rollout;
  const told = 'decisions' in move ? await withLastWords(context, replicas, rollout, move.decisions) : [];
  // A record of a rollout is read by its stages.
  const stage = stageKey(rollout.stage);
  const decisions = told.map((decision) => ({ ...decision, evidence: { ...decision.evidence, stage } }));
  switch (move.kind) {
    case 'advance':
      await propose(world, {
        kind: 'rollout.advance',
        rolloutId,
        from: rollout.stage,
        to: move.to,
        failures: move.failures,
        decisions,
      });
      break;
    case 'note':
      await propose(world, {
        kind: 'rollout.note',
        rolloutId,
        decisions,
        failures: move.failures,
        progressed: move.progressed,
      });
      break;
    case 'pause':
      if (decisions.length > 0) {
        await propose(world, {
          kind: 'rollout.note',
          rolloutId,
          decisions,
          failures: rollout.failures,
          progressed: false,
        });
      }
      await propose(world, { kind: 'rollout.pause', rolloutId, because: 'failure', detail: move.detail });
      break;
    case 'end':
      await propose(world, {
        kind: 'rollout.end',
        rolloutId,
        outcome: move.outcome,
        detail: move.detail,
        decisions,
        keepPreviousUntilMs: move.keepPreviousUntilMs,
        back:
          move.backTo === null
            ? null
            : { rolloutId: `rollout-${world.random.id(12)}` as RolloutId, toRevision: move.backTo },
      });
      break;
    case 'release-previous':
      return false;
  }
  announce(rollout.serviceId);
  return true;
}

/** A failed gate carries what the failed container said last. */
async function withLastWords(
  context: ServiceContext,
  replicas: readonly Replica[],
  rollout: Rollout,
  decisions: readonly RolloutDecision[],
): Promise<RolloutDecision[]> {
  const failed = decisions.find((decision) => decision.verdict === 'failed');
  if (failed === undefined) return [...decisions];
  const culprit = replicas
    .filter((replica) => replica.revision === rollout.toRevision)
    .toSorted((a, b) => rank(a) - rank(b) || b.createdAtMs - a.createdAtMs)[0];
  if (culprit === undefined) return [...decisions];
  const host = context.fleet.get(culprit.hostId);
  if (host === null) return [...decisions];
  const words = await lastWords(host.engine, culprit);
  return decisions.map((decision) =>
    decision === failed ? { ...decision, evidence: { ...words, ...decision.evidence } } : decision,
  );
}

/** Replicas that failed come first. */
function rank(replica: Replica): number {
  if (replica.phase === 'ended' || replica.error !== '') return 0;
  return replica.health.status === 'healthy' ? 2 : 1;
}
