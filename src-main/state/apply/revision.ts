import { ok } from '#shared/base/result.ts';
import { mainStack } from '#shared/model/service-ids.ts';
import type { RevisionRow, ServiceRow } from '../service-columns.ts';
import { notFound, refuse } from './refusal.ts';
import { titleOf } from './service-title.ts';
import type { Rule, Step } from './step.ts';

/** Newer ones are always kept. */
const revisionsKept = 50;
/** Stable revisions that one of so many newest entries of the timeline speaks of are kept too. */
const checkpointsLookedAt = 500;
/** Records of rollouts kept for each service. */
const rolloutsKept = 200;

export const pinRevision: Rule<'revision.pin'> = ({ tables }, { serviceId, number, digest }) => {
  const { services } = tables;
  const service = services.service.get(serviceId);
  if (service === null) return notFound(`Service ${serviceId}`);
  const revision = services.revision.get(serviceId, number);
  if (revision === null) return notFound(`Revision ${number} of ${titleOf(service)}`);
  if (revision.digest === digest) return ok(null);
  if (revision.digest !== null) {
    return refuse(
      'wrong-state',
      `Revision ${number} of ${titleOf(service)} already has the image ${revision.digest}, and a revision never changes. It was left as it was; deploy again for another image.`,
    );
  }
  services.revision.put({ ...revision, digest });
  return ok(null);
};

/** What is on its way, else what serves; null before anything did. */
export function wantedRevision({ tables }: Step, { rolloutId, servingRevision }: ServiceRow): number | null {
  const open = rolloutId === null ? null : tables.services.rollout.get(rolloutId);
  return open === null ? servingRevision : open.toRevision;
}

/**
 * The revisions that count now: what serves, what is rolled out, and, of a service with neither,
 * the newest. What they publish, mount and depend on is spoken for.
 */
export function currentRevisions({ tables }: Step, service: ServiceRow): RevisionRow[] {
  const { services } = tables;
  const rollout = service.rolloutId === null ? null : services.rollout.get(service.rolloutId);
  const numbers = new Set([service.servingRevision, rollout?.toRevision ?? null]);
  numbers.delete(null);
  if (numbers.size === 0) numbers.add(service.revisions);
  return [...numbers]
    .map((number) => services.revision.get(service.id, number))
    .filter((revision): revision is RevisionRow => revision !== null);
}

/**
 * Forgets what nobody can need any more, so that a service that is deployed for years stays
 * small. Kept are the newest revisions, what serves or is rolled out, both sides of a rollout
 * that keeps the replicas of before, and stable ones that the newer timeline speaks of; and the
 * newest rollouts, with those that have not ended or keep replicas.
 */
export function forgetOldRevisions({ tables }: Step, service: ServiceRow): void {
  const { services } = tables;
  services.dropRollouts(service.id, service.rollouts - rolloutsKept);
  const old = services.revisionsUpTo(service.id, service.revisions - revisionsKept);
  if (old.length === 0) return;

  const rollout = service.rolloutId === null ? null : services.rollout.get(service.rolloutId);
  const needed = new Set([service.servingRevision, rollout?.fromRevision, rollout?.toRevision]);
  for (const keeper of services.keeping(service.id)) needed.add(keeper.fromRevision).add(keeper.toRevision);
  const spokenOf =
    service.stack === mainStack
      ? services.revisionsOfTimeline(service.projectId, service.name, checkpointsLookedAt)
      : new Set<number>();
  for (const { number, state } of old) {
    if (needed.has(number) || (state === 'stable' && spokenOf.has(number))) continue;
    services.dropRevision(service.id, number);
  }
}
