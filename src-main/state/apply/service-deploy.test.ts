import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LaneId, ProjectId, TaskId } from '#shared/model/ids.ts';
import type { ServiceName } from '#shared/model/service-ids.ts';
import {
  digest,
  publishing,
  rolloutId,
  secretName,
  ServiceFixture,
  serviceId,
  serviceSpec,
  stack,
} from '../service.fixture.ts';
import { checkpointId, commit, projectId } from '../state.fixture.ts';

let state: ServiceFixture;
beforeEach(() => {
  state = new ServiceFixture().begin('a');
});
afterEach(() => state.dispose());

const api = serviceId('api');
const again = (spec = serviceSpec('api'), change: Parameters<ServiceFixture['deployCommand']>[1] = {}) =>
  state.accept<'service.deploy'>(state.deployCommand(spec, change));

describe('service.deploy', () => {
  it('makes the service, its first revision and a rollout to it', () => {
    const spec = serviceSpec('api');
    expect(again(spec, { commit: commit(3), digest: digest(9) })).toEqual({
      revision: 1,
      rolloutNumber: 1,
      unchanged: false,
    });
    expect(state.service(api)).toEqual({
      id: api,
      projectId,
      stack: 'main',
      name: 'api',
      state: 'active',
      servingRevision: null,
      rolloutId: rolloutId(1),
      publishedPorts: [],
      revisions: 1,
      createdAtMs: state.nowMs,
    });
    expect(state.revision(api, 1)).toEqual({
      serviceId: api,
      number: 1,
      spec,
      digest: digest(9),
      secretVersions: {},
      configVersions: {},
      origin: { kind: 'person' },
      commit: commit(3),
      state: 'candidate',
      failure: null,
      createdAtMs: state.nowMs,
    });
    expect(state.rollout(rolloutId(1))).toMatchObject({
      number: 1,
      kind: 'deploy',
      fromRevision: null,
      toRevision: 1,
      policy: spec.update,
      stage: { name: 'preparing' },
      progressAtMs: state.nowMs,
      paused: null,
      checkpointId: null,
      endedAtMs: null,
    });
    expect(state.read.openRollouts().map((rollout) => rollout.id)).toEqual([rolloutId(1)]);
  });

  it('counts on, from what serves', () => {
    state.serve(serviceSpec('api'));
    expect(again(serviceSpec('api', { env: { A: '1' } }))).toEqual({
      revision: 2,
      rolloutNumber: 2,
      unchanged: false,
    });
    expect(state.rollout(rolloutId(2))).toMatchObject({ fromRevision: 1, toRevision: 2 });
    expect(state.service(api)).toMatchObject({ servingRevision: 1, revisions: 2 });
    expect(state.read.revisions(api).map((revision) => revision.number)).toEqual([2, 1]);
    expect(state.read.rollouts(api, 1).map((rollout) => rollout.number)).toEqual([2]);
  });

  it('supersedes a rollout under way', () => {
    state.serve(serviceSpec('api'));
    const second = state.deploy(serviceSpec('api', { env: { A: '2' } }));
    const third = state.deploy(serviceSpec('api', { env: { A: '3' } }));
    expect(third).toMatchObject({ fromRevision: 1, toRevision: 3 });
    expect(state.rollout(second.id)).toMatchObject({
      stage: { name: 'ended', outcome: 'superseded', detail: 'Revision 3 was deployed instead.' },
      endedAtMs: state.nowMs,
      decisions: [{ gate: 'supersede', verdict: 'noted' }],
    });
    expect(state.revision(api, 2).state).toBe('candidate');
    expect(state.read.openRollouts()).toHaveLength(1);
  });

  it('pins the newest versions of all that the spec names, a certificate too', () => {
    state.putSecret('db');
    state.putSecret('db');
    state.putSecret('tls');
    state.putSecret('unused');
    state.putConfig('conf', 'a = 1');
    const spec = serviceSpec('api', {
      secrets: [{ secret: 'db' }, { secret: 'db', file: 'copy' }],
      configs: [{ config: 'conf', target: '/etc/conf' }],
      ports: [{ containerPort: 80 }],
      routes: [{ containerPort: 80, certificate: 'tls' }],
    });
    state.deploy(spec);
    expect(state.revision(api, 1)).toMatchObject({
      secretVersions: { db: 2, tls: 1 },
      configVersions: { conf: 1 },
    });
  });

  it('takes the entry of the timeline from who asked, before anything moves', () => {
    state.serve(serviceSpec('other'));
    const origin = { kind: 'lane', laneId: 'lane-00000001' as LaneId, taskId: `${projectId}:a` as TaskId } as const;
    const rollout = state.deploy(serviceSpec('api'), { checkpoint: state.checkpoint(5), origin });
    expect(rollout.checkpointId).toBe(checkpointId(5));
    expect(state.read.checkpoint(checkpointId(5))).toMatchObject({
      kind: 'deploy',
      label: 'Deploy',
      beforeCommit: commit(7),
      afterCommit: commit(7),
      serviceId: api,
      rolloutId: rollout.id,
      taskId: origin.taskId,
      laneId: origin.laneId,
      revisions: { other: 1 },
      tasksByState: { open: '1' },
    });
  });
});

describe('a deploy of what is there already', () => {
  const spec = serviceSpec('api', { env: { A: '1', B: '2' } });

  it('begins nothing while it serves, whatever order its properties come in', () => {
    const rollout = state.serve(spec);
    const same = serviceSpec('api', { env: { B: '2', A: '1' } });
    expect(again(same, { checkpoint: state.checkpoint(9) })).toEqual({
      revision: 1,
      rolloutNumber: rollout.number,
      unchanged: true,
    });
    expect(again(same, { digest: digest(1) }).unchanged).toBe(true);
    expect(state.read.checkpoints(projectId)).toEqual([]);
    expect(state.read.openRollouts()).toEqual([]);
  });

  it('begins nothing while it is on its way', () => {
    const rollout = state.deploy(spec);
    expect(again(spec)).toEqual({ revision: 1, rolloutNumber: rollout.number, unchanged: true });
    expect(state.read.openRollouts().map(({ id }) => id)).toEqual([rollout.id]);
  });

  it.each([
    ['another image', { digest: digest(77) }],
    ['another commit', { commit: commit(5) }],
  ])('is a deploy for %s', (_name, change) => {
    state.serve(spec);
    expect(again(spec, change)).toMatchObject({ revision: 2, unchanged: false });
  });

  it('is a deploy when a secret or config has a newer version', () => {
    const uses = serviceSpec('api', {
      secrets: [{ secret: 'db' }],
      configs: [{ config: 'conf', target: '/etc/conf' }],
    });
    state.putSecret('db');
    state.putConfig('conf', 'a');
    state.serve(uses);
    expect(again(uses).unchanged).toBe(true);
    state.putConfig('conf', 'a');
    expect(again(uses).unchanged).toBe(true);
    state.putSecret('db');
    expect(again(uses)).toMatchObject({ revision: 2, unchanged: false });
    state.putConfig('conf', 'b');
    expect(again(uses)).toMatchObject({ revision: 3, unchanged: false });
  });

  it('is a deploy while it neither serves nor is on its way', () => {
    state.serve(serviceSpec('api'));
    state.accept(state.failing(state.deploy(spec)));
    expect(again(spec)).toMatchObject({ revision: 3, unchanged: false });
  });

  it('is a deploy while the service is being rolled back from it', () => {
    state.serve(serviceSpec('api'));
    state.serve(spec);
    state.accept({
      kind: 'service.rollBack',
      serviceId: api,
      toRevision: 1,
      origin: { kind: 'person' },
      rolloutId: state.nextRolloutId(),
      checkpoint: null,
    });
    expect(again(spec)).toMatchObject({ revision: 3, unchanged: false });
  });
});

describe('service.deploy refuses', () => {
  const refuse = (
    spec = serviceSpec('api'),
    change: Parameters<ServiceFixture['deployCommand']>[1] = {},
    code: Parameters<ServiceFixture['refuse']>[1] = 'invalid-input',
  ) => state.refuse<'service.deploy'>(state.deployCommand(spec, change), code);

  it('an unknown project, and names that do not agree', () => {
    const nobody = 'nobody-000000' as ProjectId;
    refuse(serviceSpec('api'), { projectId: nobody }, 'not-found');
    refuse(serviceSpec('api'), { serviceId: serviceId('web') });
    refuse(serviceSpec('api'), { name: 'web' as ServiceName });
  });

  it('a plan for another revision', () => {
    refuse(serviceSpec('api'), { expectedRevisions: 1 }, 'outdated-plan');
    again(serviceSpec('api'), { expectedRevisions: 0 });
    const changed = serviceSpec('api', { env: { A: '1' } });
    expect(refuse(changed, { expectedRevisions: 0 }, 'outdated-plan')).toContain('newest one is 1');
    again(changed, { expectedRevisions: 1 });
  });

  it('secrets and configs that are not there', () => {
    expect(refuse(serviceSpec('api', { secrets: [{ secret: 'db' }] }), {}, 'unknown-secret')).toContain('secret db');
    const configs = [{ config: 'conf', target: '/c' }];
    expect(refuse(serviceSpec('api', { configs }), {}, 'unknown-secret')).toContain('config conf');
    const routes = { ports: [{ containerPort: 80 }], routes: [{ containerPort: 80, certificate: 'constructor' }] };
    expect(refuse(serviceSpec('api', routes), {}, 'unknown-secret')).toContain('secret constructor');
  });

  it('an id of a rollout or a checkpoint that is taken, and a preview in the timeline', () => {
    const rollout = state.deploy(serviceSpec('web'), { checkpoint: state.checkpoint(1) });
    refuse(serviceSpec('api'), { rolloutId: rollout.id }, 'wrong-state');
    refuse(serviceSpec('api'), { checkpoint: state.checkpoint(1) }, 'wrong-state');
    refuse(serviceSpec('api'), { stack: stack('lane-1'), checkpoint: state.checkpoint(2) });
  });

  it('a service that is being removed', () => {
    state.serve(serviceSpec('api'));
    state.accept({ kind: 'service.remove', serviceId: api });
    expect(refuse(serviceSpec('api'), {}, 'wrong-state')).toContain('being removed');
  });

  it('a spec of the wrong shape', () => {
    const spec = { ...serviceSpec('api'), stopGraceMs: -1 };
    expect(refuse(spec)).toContain('spec.stopGraceMs');
  });
});

describe('services that depend on each other', () => {
  const needs = (name: string, ...dependsOn: string[]) => serviceSpec(name, { dependsOn });
  const refuseCycle = (spec: ReturnType<typeof needs>, change = {}) =>
    state.refuse<'service.deploy'>(state.deployCommand(spec, change), 'dependency-cycle');

  it('may form a chain, also with names that are not there yet', () => {
    state.deploy(needs('a', 'b'));
    state.deploy(needs('b', 'c'));
    state.deploy(needs('c'));
  });

  it('may not form a cycle, which is named', () => {
    state.deploy(needs('a', 'b'));
    state.deploy(needs('b', 'c'));
    expect(refuseCycle(needs('c', 'a'))).toContain('c → a → b → c');
    expect(state.deploy(needs('c', 'a'), { stack: stack('lane-1') }).number).toBe(1);
  });

  it('count by what serves and by what is on its way', () => {
    state.serve(needs('a', 'b'));
    const free = state.deploy(needs('a'));
    // Should this one fail, `a` needs `b` again.
    expect(refuseCycle(needs('b', 'a'))).toContain('b → a → b');
    state.succeed(free);
    state.deploy(needs('b', 'a'));
    expect(refuseCycle(needs('a', 'b'))).toContain('a → b → a');
  });
});

describe('a port of the host', () => {
  const refuseTaken = (spec: ReturnType<typeof publishing>, change = {}) =>
    state.refuse<'service.deploy'>(state.deployCommand(spec, change), 'port-taken');

  it('belongs to one service over all stacks, which is named', () => {
    state.deploy(publishing('web', 8_080));
    const words = 'Port 8080 of the host belongs to service web of project parcel-3f2a9c';
    expect(refuseTaken(publishing('api', 8_080))).toContain(words);
    expect(refuseTaken(publishing('web', 8_080), { stack: stack('lane-1') })).toContain(words);
    state.deploy(publishing('api', 8_081));
    state.deploy(publishing('web', 8_080, '127.0.0.1', { env: { A: '1' } }));
  });

  it('is another one at another address, unless one of them is every address', () => {
    state.deploy(publishing('web', 8_080, '127.0.0.1'));
    state.deploy(publishing('api', 8_080, '10.0.0.5'));
    refuseTaken(publishing('mail', 8_080, '0.0.0.0'));
    state.deploy(publishing('all', 9_000, '::'));
    refuseTaken(publishing('mail', 9_000, '127.0.0.1'));
  });

  it('is not taken by a probe of that number, or by a longer one', () => {
    const probe = { kind: 'http' as const, port: 8_080 };
    state.deploy(serviceSpec('web', { ports: [{ containerPort: 8_080 }], health: { probe } }));
    state.deploy(publishing('longer', 18_080));
    state.deploy(publishing('api', 8_080));
  });

  it('stays taken while the revision serves or may serve again, and no longer', () => {
    state.serve(publishing('web', 8_080));
    const moved = state.deploy(publishing('web', 8_090));
    refuseTaken(publishing('api', 8_080));
    refuseTaken(publishing('api', 8_090));
    state.succeed(moved);
    state.serve(publishing('api', 8_080));
    state.accept(state.failing(state.deploy(publishing('new', 9_000))));
    refuseTaken(publishing('api', 9_000));
  });

  it('stays taken until a service that is being removed is gone', () => {
    state.serve(publishing('web', 8_080));
    state.accept({ kind: 'service.remove', serviceId: serviceId('web') });
    expect(refuseTaken(publishing('api', 8_080))).toContain('is being removed');
    state.accept({ kind: 'service.forget', serviceId: serviceId('web') });
    state.deploy(publishing('api', 8_080));
  });

  it('may also be one that a service was given', () => {
    state.deploy(publishing('web', null));
    const ports = [{ containerPort: 80, hostPort: 20_001 }];
    state.accept({ kind: 'service.publish', serviceId: serviceId('web'), ports });
    refuseTaken(publishing('api', 20_001, '10.0.0.5'));
    state.deploy(publishing('api', 20_002));
  });

  it('is not published twice by one spec', () => {
    const ports = [80, 81].map((containerPort) => ({ containerPort, publish: { port: 8_080 } }));
    state.refuse<'service.deploy'>(state.deployCommand(serviceSpec('api', { ports })), 'invalid-spec');
  });
});

describe('a service that was removed and comes again', () => {
  it('counts on where it ended, so that the timeline means what it meant', () => {
    state.putSecret('db');
    state.serve(serviceSpec('api'));
    state.serve(serviceSpec('api', { secrets: [{ secret: secretName('db') }] }));
    state.accept({ kind: 'service.remove', serviceId: api });
    state.accept({ kind: 'service.forget', serviceId: api });
    expect(state.read.revisions(api)).toEqual([]);
    expect(again()).toEqual({ revision: 3, rolloutNumber: 3, unchanged: false });
    expect(state.read.revision(api, 2)).toBeNull();
  });
});
