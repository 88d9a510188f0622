/** What must hold between the tables of services after every command, whatever it was. */
import { assert } from '#shared/base/assert.ts';
import type { ProjectId } from '#shared/model/ids.ts';
import type { Revision, Service } from '#shared/model/service.ts';
import { mainStack } from '#shared/model/service-ids.ts';
import type { StateReader } from './control-store.ts';

/** Throws `AssertionError` naming the first thing that does not fit. */
export function assertServicesConsistent(read: StateReader, projectId: ProjectId): void {
  const services = read.services(projectId);
  if (read.project(projectId) === null) {
    assert(services.length === 0, 'a forgotten project leaves no services');
    const left =
      read.secrets(projectId).length +
      read.configs(projectId).length +
      read.volumes(projectId).length +
      read.previews(projectId).length;
    assert(left === 0, 'a forgotten project leaves nothing that services are given');
    return;
  }
  for (const service of services) {
    checkRollouts(read, service);
    checkRevisions(read, service);
  }
  const open = services.flatMap(({ rolloutId }) => (rolloutId === null ? [] : [rolloutId]));
  const listed = read.openRollouts().filter((rollout) => rollout.projectId === projectId);
  assert(listed.map(({ id }) => id).join() === open.join(), 'open rollouts are those that services name');
  checkVersions(read, projectId);
  checkTimeline(read, projectId, services);
}

function checkRollouts(read: StateReader, service: Service): void {
  const rollouts = read.rollouts(service.id);
  const numbers = rollouts.map((rollout) => rollout.number);
  assert(new Set(numbers).size === numbers.length, `${service.id}: each rollout has its own number`);
  const open = rollouts.filter((rollout) => rollout.endedAtMs === null);
  assert(open.length <= 1, `${service.id}: one rollout at a time`);
  assert((open[0]?.id ?? null) === service.rolloutId, `${service.id} names the rollout under way`);
  assert(service.state === 'active' || open.length === 0, `${service.id}: nothing is rolled out of what is removed`);
  assert(
    rollouts.filter((rollout) => rollout.keepPreviousUntilMs !== null).length <= 1,
    `${service.id}: replicas are kept for one way back`,
  );
  for (const rollout of rollouts) {
    assert(rollout.fromRevision !== rollout.toRevision, `${rollout.id} leads somewhere else`);
    assert((rollout.endedAtMs === null) === (rollout.stage.name !== 'ended'), `${rollout.id} has ended or has not`);
    assert(rollout.endedAtMs === null || rollout.paused === null, `${rollout.id} is not paused once it has ended`);
    assert(rollout.decisions.length <= 200, `${rollout.id} keeps a bounded record`);
  }
}

function checkRevisions(read: StateReader, service: Service): void {
  const revisions = read.revisions(service.id);
  const numbers = revisions.map((revision) => revision.number);
  assert(new Set(numbers).size === numbers.length, `${service.id}: each revision has its own number`);
  assert(numbers[0] === service.revisions, `${service.id} knows its newest revision, which is kept`);
  const byNumber = new Map(revisions.map((revision) => [revision.number, revision]));
  if (service.servingRevision !== null) {
    const serving = byNumber.get(service.servingRevision);
    assert(
      serving?.state === 'stable' && serving.digest !== null,
      `${service.id} serves what is stable and has an image`,
    );
    if (service.state === 'active') checkPins(read, service, serving);
  }
  const rollout = service.rolloutId === null ? null : read.rollout(service.rolloutId);
  if (rollout !== null) {
    const target = byNumber.get(rollout.toRevision);
    assert(target !== undefined, `${rollout.id} leads to a revision that is kept`);
    checkPins(read, service, target);
  }
  for (const { number, state, failure } of revisions) {
    assert((failure !== null) === (state === 'failed'), `${service.id}: revision ${number} says why it failed`);
  }
}

function checkPins(read: StateReader, { projectId, id }: Service, revision: Revision): void {
  const has = (noun: 'secret' | 'config', name: string, version: number): boolean =>
    (read[noun](projectId, name as never)?.versions ?? []).some(
      (kept: { version: number }) => kept.version === version,
    );
  for (const [name, version] of Object.entries(revision.secretVersions)) {
    assert(has('secret', name, version), `${id}: version ${version} of the secret ${name} is kept`);
  }
  for (const [name, version] of Object.entries(revision.configVersions)) {
    assert(has('config', name, version), `${id}: version ${version} of the config ${name} is kept`);
  }
}

function checkVersions(read: StateReader, projectId: ProjectId): void {
  for (const { name, versions } of [...read.secrets(projectId), ...read.configs(projectId)]) {
    const numbers = versions.map(({ version }) => version);
    assert(numbers.length > 0, `${name} has a version`);
    assert(
      numbers.every((number, at) => at === 0 || number > (numbers[at - 1] ?? 0)),
      `${name}: versions ascend`,
    );
  }
}

function checkTimeline(read: StateReader, projectId: ProjectId, services: readonly Service[]): void {
  const newest = new Map(
    services.filter((each) => each.stack === mainStack).map((each) => [each.name, each.revisions]),
  );
  for (const checkpoint of read.checkpoints(projectId)) {
    for (const [name, number] of Object.entries(checkpoint.revisions)) {
      const last = newest.get(name as Service['name']);
      assert(
        last === undefined || number <= last,
        `entry ${checkpoint.number} speaks of revisions of ${name} that were`,
      );
    }
    const isDeploy = checkpoint.kind === 'deploy';
    assert(
      isDeploy === (checkpoint.serviceId !== null),
      `entry ${checkpoint.number} names a service if it deployed one`,
    );
    assert(
      !isDeploy || checkpoint.beforeCommit === checkpoint.afterCommit,
      `entry ${checkpoint.number} moved no commit`,
    );
  }
}
