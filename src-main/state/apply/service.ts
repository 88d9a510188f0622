import { ok } from '#shared/base/result.ts';
import { mainStack } from '#shared/model/service-ids.ts';
import type { RevisionRow, ServiceRow } from '../service-columns.ts';
import { publishedPorts, refuseTakenPorts } from './published-ports.ts';
import { notFound, refuse } from './refusal.ts';
import { wantedRevision } from './revision.ts';
import {
  beginRollout,
  endRollout,
  noted,
  putDeployCheckpoint,
  refuseCheckpoint,
  refuseTakenRollout,
  supersede,
} from './rollout-record.ts';
import { refuseCycle } from './service-deploy.ts';
import { titleOf } from './service-title.ts';
import type { Rule, Step } from './step.ts';
import { refuseTakenRoutes } from './taken-routes.ts';

/**
 * To any revision that is kept, also a newer one: taking a rollback back goes forward. A rollback
 * of the timeline moves several services, so where they meet is seen at the end, before anything starts.
 */
export const rollBackService: Rule<'service.rollBack'> = (step, command) => {
  const { services } = step.tables;
  const service = services.service.get(command.serviceId);
  if (service === null) return notFound(`Service ${command.serviceId}`);
  if (service.state === 'removing') return isBeingRemoved(service, 'rolled back');
  const to = services.revision.get(service.id, command.toRevision);
  if (to === null) return notFound(`Revision ${command.toRevision} of ${titleOf(service)}`);
  const isAlone = command.origin.kind !== 'timeline';
  const refusal =
    refuseGoal(step, service, to) ??
    refuseMissingValues(step, service, to) ??
    (isAlone ? refuseCycle(step, service, to.spec) : null) ??
    (isAlone ? refuseTakenPorts(step, service.id, publishedPorts(to.spec)) : null) ??
    (isAlone ? refuseTakenRoutes(step, service, to.spec) : null) ??
    refuseTakenRollout(step, command.rolloutId) ??
    refuseCheckpoint(step, service, command.checkpoint);
  if (refusal !== null) return refusal;

  const superseded = supersede(step, service.id, `Revision ${to.number} was asked for again.`, command.atMs);
  const rollout = beginRollout(step, service.id, {
    id: command.rolloutId,
    kind: 'rollback',
    // Back to what still serves: what is left behind is the revision that was on its way.
    fromRevision: service.servingRevision === to.number ? (superseded?.toRevision ?? null) : service.servingRevision,
    to,
    checkpointId: putDeployCheckpoint(step, service, command),
    origin: command.origin,
    atMs: command.atMs,
  });
  return ok({ rolloutNumber: rollout.number });
};

export const removeService: Rule<'service.remove'> = (step, { serviceId, atMs }) => {
  const { services } = step.tables;
  const service = services.service.get(serviceId);
  if (service === null) return notFound(`Service ${serviceId}`);
  if (service.state === 'removing') return isBeingRemoved(service, 'removed again');
  const rollout = service.rolloutId === null ? null : services.rollout.get(service.rolloutId);
  if (rollout !== null) {
    const detail = 'The service is removed.';
    endRollout(step, rollout, { outcome: 'aborted', detail, decisions: [noted('person', detail, atMs)], atMs });
  }
  services.service.put({ ...service, state: 'removing', rolloutId: null });
  return ok(null);
};

export const forgetService: Rule<'service.forget'> = ({ tables }, { serviceId }) => {
  const { services } = tables;
  const service = services.service.get(serviceId);
  if (service === null) return notFound(`Service ${serviceId}`);
  if (service.state !== 'removing') {
    return refuse(
      'wrong-state',
      `Service ${titleOf(service)} is not being removed, so what runs of it would be forgotten. It was kept; remove it first.`,
    );
  }
  // Entries of the timeline speak of its revisions by number, and only the main stack has such.
  if (service.stack === mainStack) {
    const { projectId, id: name } = service;
    services.keepUsedNumber({ projectId, noun: 'revision', name, number: service.revisions });
    services.keepUsedNumber({ projectId, noun: 'rollout', name, number: service.rollouts });
  }
  services.removeService(service);
  return ok(null);
};

/** The ports are all that it has from now on; which ones those are is the proposer's choice, once. */
export const publishPorts: Rule<'service.publish'> = (step, { serviceId, ports }) => {
  const { services } = step.tables;
  const service = services.service.get(serviceId);
  if (service === null) return notFound(`Service ${serviceId}`);
  if (service.state === 'removing') return isBeingRemoved(service, 'given ports');
  // One of the host may stand for several ports of the containers: those of different revisions.
  if (new Set(ports.map(({ containerPort }) => containerPort)).size !== ports.length) {
    return refuse(
      'invalid-input',
      `Service ${titleOf(service)} was to be given a port twice. It keeps the ports that it had; give each its own.`,
    );
  }
  const wanted = ports.map(({ hostPort }) => ({ address: null, port: hostPort }));
  const refusal = refuseTakenPorts(step, service.id, wanted);
  if (refusal !== null) return refusal;
  const publishedPorts = ports.toSorted((left, right) => left.containerPort - right.containerPort);
  services.service.put({ ...service, publishedPorts });
  return ok(null);
};

function refuseGoal(step: Step, service: ServiceRow, to: RevisionRow) {
  if (wantedRevision(step, service) !== to.number) return null;
  // The rollout under way is the newest of all.
  const why = service.rolloutId === null ? 'already serves' : `is already on its way (rollout ${service.rollouts})`;
  return refuse(
    'wrong-state',
    `Revision ${to.number} of ${titleOf(service)} ${why}. Nothing was changed; choose another revision.`,
  );
}

/** A revision needs exactly the versions that it was pinned to. */
function refuseMissingValues({ tables }: Step, { projectId, ...service }: ServiceRow, to: RevisionRow) {
  const missing = (['secret', 'config'] as const).flatMap((noun) =>
    Object.entries(noun === 'secret' ? to.secretVersions : to.configVersions)
      .filter(([name, version]) => {
        const kept: readonly { version: number }[] = tables.services[noun].get(projectId, name)?.versions ?? [];
        return !kept.some((each) => each.version === version);
      })
      .map(([name, version]) => `version ${version} of the ${noun} ${name}`),
  );
  if (missing.length === 0) return null;
  return refuse(
    'unknown-secret',
    `Revision ${to.number} of ${titleOf(service)} needs ${missing.join(' and ')}, which is gone. Nothing was changed; deploy its spec again with the values of today.`,
  );
}

function isBeingRemoved(service: ServiceRow, what: string) {
  return refuse(
    'wrong-state',
    `Service ${titleOf(service)} is being removed and was not ${what}. It was left as it was; deploy it again when it is gone.`,
  );
}
