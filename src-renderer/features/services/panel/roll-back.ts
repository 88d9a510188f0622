import type { RevisionView, ServiceView, SpecChange } from '#shared/contract/service-views.ts';
import type { UpdatePolicy } from '#shared/model/service-spec.ts';
import { counted } from '../../../app/text.ts';

/**
 * The revision that one press goes back to: during a rollout, what served before; else the newest
 * one that served before the present one. Null when there is none.
 */
export function rollBackTarget(
  { rollout, servingRevision, can }: Pick<ServiceView, 'rollout' | 'servingRevision' | 'can'>,
  revisions: readonly RevisionView[],
): number | null {
  if (rollout !== null) return rollout.can.abort ? rollout.rollout.fromRevision : null;
  if (!can.rollBack || servingRevision === null) return null;
  const earlier = revisions.filter(
    ({ revision, canRollBack, state }) => canRollBack && state === 'replaced' && revision.number < servingRevision,
  );
  return earlier.reduce<number | null>((newest, { revision }) => Math.max(newest ?? 0, revision.number), null);
}

/** What a rollback takes away or brings back, one revision each, the newest first. */
export interface TakenBack {
  readonly revision: number;
  readonly changes: readonly SpecChange[];
}

/** The revisions between what is wanted now and the target: what they changed is undone, or done again. */
export function takenBack(
  service: Pick<ServiceView, 'rollout' | 'servingRevision' | 'revisions'>,
  revisions: readonly RevisionView[],
  toRevision: number,
): { readonly direction: 'back' | 'forward'; readonly steps: readonly TakenBack[] } {
  const now = service.rollout?.rollout.toRevision ?? service.servingRevision ?? service.revisions;
  const [low, high] = now >= toRevision ? [toRevision, now] : [now, toRevision];
  const steps = revisions
    .filter(({ revision }) => revision.number > low && revision.number <= high)
    .map(({ revision, changes }) => ({ revision: revision.number, changes }));
  return { direction: now >= toRevision ? 'back' : 'forward', steps };
}

/** How a rollback goes, in a sentence: a switch of traffic where the replicas still run, else its strategy. */
export function wayBack(target: RevisionView, isUnderWay: boolean, replicas: number): string {
  if (isUnderWay)
    return 'All traffic goes back at once; the new replicas finish their requests, then they are removed.';
  if (target.isKept) return 'Its replicas still run, so only traffic is switched. Requests under way are finished.';
  const { rollback } = target.revision.spec;
  return `${counted(replicas, 'replica')} ${replicas === 1 ? 'is' : 'are'} replaced, ${paceText(rollback)}. Requests under way are finished.`;
}

function paceText({ strategy, parallelism, order }: UpdatePolicy): string {
  if (strategy === 'blue-green') return 'all traffic in one switch';
  if (strategy === 'canary') return 'traffic step by step';
  const pace = parallelism === 0 ? 'all at once' : parallelism === 1 ? 'one at a time' : `${parallelism} at a time`;
  return `${pace}, ${order === 'start-first' ? 'the old one stops once the new one is healthy' : 'the old one stops first'}`;
}
