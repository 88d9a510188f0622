/** Deploying: the next revision of a service, and the rollout to it. */
import { ok, type Result } from '#shared/base/result.ts';
import type { ProjectId } from '#shared/model/ids.ts';
import type { Revision } from '#shared/model/service.ts';
import { serviceIdOf, type ServiceName } from '#shared/model/service-ids.ts';
import type { ServiceSpec } from '#shared/model/service-spec.ts';
import type { CommandOf, Refusal } from '../command.ts';
import type { RevisionRow, ServiceRow } from '../service-columns.ts';
import { findCycle } from './find-cycle.ts';
import { publishedPorts, refuseTakenPorts } from './published-ports.ts';
import { notFound, refuse } from './refusal.ts';
import { currentRevisions, forgetOldRevisions, wantedRevision } from './revision.ts';
import {
  beginRollout,
  putDeployCheckpoint,
  refuseCheckpoint,
  refuseTakenRollout,
  supersede,
} from './rollout-record.ts';
import { isSameValue } from './same-value.ts';
import { titleOf } from './service-title.ts';
import type { Rule, Step } from './step.ts';
import { refuseTakenRoutes } from './taken-routes.ts';

type Deploy = CommandOf<'service.deploy'>;
type Pins = Pick<Revision, 'secretVersions' | 'configVersions'>;

export const deployService: Rule<'service.deploy'> = (step, command) => {
  const { services } = step.tables;
  const { serviceId, atMs } = command;
  const known = services.service.get(serviceId);
  const refusal = refuseAddress(step, command) ?? refuseState(command, known);
  if (refusal !== null) return refusal;
  const pins = pinNewest(step, command.projectId, command.spec);
  if (!pins.ok) return pins;
  const unchanged = known === null ? null : unchangedRevision(step, known, command, pins.value);
  if (unchanged !== null) return ok(unchanged);
  const taken =
    refuseSpec(step, command) ??
    refuseTakenRollout(step, command.rolloutId) ??
    refuseCheckpoint(step, command, command.checkpoint);
  if (taken !== null) return taken;

  const before = known ?? newService(step, command);
  const service: ServiceRow = { ...before, revisions: before.revisions + 1 };
  const revision: RevisionRow = {
    serviceId,
    projectId: command.projectId,
    number: service.revisions,
    spec: command.spec,
    digest: command.digest,
    ...pins.value,
    origin: command.origin,
    commit: command.commit,
    state: 'candidate',
    failure: null,
    createdAtMs: atMs,
  };
  services.service.put(service);
  services.revision.put(revision);
  supersede(step, serviceId, `Revision ${revision.number} was deployed instead.`, atMs);
  const rollout = beginRollout(step, serviceId, {
    id: command.rolloutId,
    kind: 'deploy',
    fromRevision: service.servingRevision,
    to: revision,
    checkpointId: putDeployCheckpoint(step, service, command),
    origin: command.origin,
    atMs,
  });
  forgetOldRevisions(step, { ...service, rolloutId: rollout.id, rollouts: rollout.number });
  return ok({ revision: revision.number, rolloutNumber: rollout.number, unchanged: false });
};

/** Its numbers count on from a service of that name that was removed: entries of the timeline still speak of those. */
function newService({ tables }: Step, { serviceId, projectId, stack, name, atMs }: Deploy): ServiceRow {
  return {
    id: serviceId,
    projectId,
    stack,
    name,
    state: 'active',
    servingRevision: null,
    rolloutId: null,
    publishedPorts: [],
    revisions: tables.services.usedNumber(projectId, 'revision', serviceId),
    createdAtMs: atMs,
    rollouts: tables.services.usedNumber(projectId, 'rollout', serviceId),
  };
}

function refuseAddress({ tables }: Step, { serviceId, projectId, stack, name, spec }: Deploy) {
  if (!tables.project.has(projectId)) return notFound(`Project ${projectId}`);
  if (serviceId === serviceIdOf(projectId, stack, name) && spec.name === name) return null;
  return refuse(
    'invalid-input',
    `The id ${serviceId} is not that of service ${spec.name} of ${projectId}/${stack}. Nothing was deployed; use the same name everywhere.`,
  );
}

function refuseState({ expectedRevisions }: Deploy, known: ServiceRow | null) {
  if (known?.state === 'removing') {
    return refuse(
      'wrong-state',
      `Service ${titleOf(known)} is being removed. Nothing was deployed; deploy it again when it is gone.`,
    );
  }
  const newest = known?.revisions ?? 0;
  if (expectedRevisions === null || expectedRevisions === newest) return null;
  return refuse(
    'outdated-plan',
    `This was planned for revision ${expectedRevisions}, and the newest one is ${newest} by now. Nothing was deployed; look at what has changed and deploy again.`,
  );
}

/** The newest versions of all that the spec names; a route's certificate is a secret too. */
function pinNewest({ tables }: Step, projectId: ProjectId, spec: ServiceSpec): Result<Pins, Refusal> {
  const certificates = spec.routes.flatMap(({ certificate }) => (certificate === null ? [] : [certificate]));
  const secretVersions: Record<string, number> = {};
  for (const name of [...new Set([...spec.secrets.map(({ secret }) => secret), ...certificates])].sort()) {
    const version = tables.services.secret.get(projectId, name)?.versions.at(-1)?.version;
    if (version === undefined) return unknownValue('secret', name);
    secretVersions[name] = version;
  }
  const configVersions: Record<string, number> = {};
  for (const name of [...new Set(spec.configs.map(({ config }) => config))].sort()) {
    const version = tables.services.config.get(projectId, name)?.versions.at(-1)?.version;
    if (version === undefined) return unknownValue('config', name);
    configVersions[name] = version;
  }
  return ok({ secretVersions, configVersions });
}

function unknownValue(noun: 'secret' | 'config', name: string) {
  return refuse(
    'unknown-secret',
    `There is no ${noun} ${name} in this project. Nothing was deployed; add it, or take it out of the spec.`,
  );
}

/**
 * The newest revision, when it is all that is asked for and it serves or is on its way. An image
 * that is not resolved yet asks for none in particular.
 */
function unchangedRevision(step: Step, service: ServiceRow, command: Deploy, pins: Pins) {
  const { services } = step.tables;
  const newest = services.revision.get(service.id, service.revisions);
  if (newest === null || wantedRevision(step, service) !== newest.number) return null;
  const isSame =
    newest.commit === command.commit &&
    (command.digest === null || command.digest === newest.digest) &&
    isSameValue(newest.secretVersions, pins.secretVersions) &&
    isSameValue(newest.configVersions, pins.configVersions) &&
    isSameValue(newest.spec, command.spec);
  if (!isSame) return null;
  // The one under way, if there is one, is the newest of all.
  const [rollout] = services.newestRolloutTo(service.id, newest.number);
  return { revision: newest.number, rolloutNumber: rollout?.number ?? service.rollouts, unchanged: true };
}

function refuseSpec(step: Step, command: Deploy) {
  const ports = publishedPorts(command.spec);
  const twice = ports.find((port, at) => ports.findIndex((other) => other.port === port.port) !== at);
  if (twice !== undefined) {
    return refuse(
      'invalid-spec',
      `The spec of ${command.name} publishes port ${twice.port} of the host twice. Nothing was deployed; give one of them another port.`,
    );
  }
  return (
    refuseCycle(step, command, command.spec) ??
    refuseTakenPorts(step, command.serviceId, ports) ??
    refuseTakenRoutes(step, command, command.spec)
  );
}

/** The refusal of a spec by which services of the stack would wait for each other; or null. */
export function refuseCycle(
  step: Step,
  { projectId, stack, name }: Pick<ServiceRow, 'projectId' | 'stack' | 'name'>,
  spec: ServiceSpec,
) {
  const { services } = step.tables;
  const dependenciesOf = (other: ServiceName): readonly ServiceName[] => {
    if (other === name) return spec.dependsOn;
    const service = services.service.get(serviceIdOf(projectId, stack, other));
    return service === null ? [] : currentRevisions(step, service).flatMap((revision) => revision.spec.dependsOn);
  };
  const cycle = findCycle([name], dependenciesOf);
  return cycle === null
    ? null
    : refuse(
        'dependency-cycle',
        `These services wait for each other: ${cycle.join(' → ')}. Nothing was changed; remove one of these dependencies.`,
      );
}
