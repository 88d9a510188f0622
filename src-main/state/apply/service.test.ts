import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  publishing,
  rolloutId,
  secretName,
  ServiceFixture,
  serviceId,
  serviceSpec,
  stack,
} from '../service.fixture.ts';
import { checkpointId, projectId, rollbackId } from '../state.fixture.ts';

let state: ServiceFixture;
beforeEach(() => {
  state = new ServiceFixture().begin();
});
afterEach(() => state.dispose());

const api = serviceId('api');
const numbered = (number: number) => serviceSpec('api', { env: { NUMBER: `${number}` } });
const rollBack = (toRevision: number, change: { serviceId?: typeof api; checkpoint?: number } = {}) => ({
  kind: 'service.rollBack' as const,
  serviceId: change.serviceId ?? api,
  toRevision,
  origin: { kind: 'person' as const },
  rolloutId: state.nextRolloutId(),
  checkpoint: change.checkpoint === undefined ? null : state.checkpoint(change.checkpoint),
});

describe('service.rollBack', () => {
  it('begins a rollout to an older revision under the block for the way back', () => {
    state.serve(serviceSpec('api', { rollback: { parallelism: 9 } }));
    state.serve(numbered(2));
    const command = rollBack(1, { checkpoint: 4 });
    expect(state.accept<'service.rollBack'>(command)).toEqual({ rolloutNumber: 3 });
    const rollout = state.rollout(command.rolloutId);
    expect(rollout).toMatchObject({ kind: 'rollback', fromRevision: 2, toRevision: 1, checkpointId: checkpointId(4) });
    expect(rollout.policy.parallelism).toBe(9);
    expect(state.read.checkpoint(checkpointId(4))).toMatchObject({
      kind: 'deploy',
      serviceId: api,
      revisions: { api: 2 },
    });
    state.succeed(rollout);
    expect(state.service(api)).toMatchObject({ servingRevision: 1, revisions: 2 });
    expect(state.read.checkpoint(checkpointId(4))?.revisions).toEqual({ api: 1 });
  });

  it('goes forward again, and to revisions that failed', () => {
    state.serve(numbered(1));
    state.accept(state.failing(state.deploy(numbered(2))));
    const command = rollBack(2);
    state.accept(command);
    state.succeed(state.rollout(command.rolloutId));
    expect(state.service(api).servingRevision).toBe(2);
    expect(state.revision(api, 2)).toMatchObject({ state: 'stable', failure: null });
  });

  it('supersedes what is under way, also back to what still serves', () => {
    state.serve(numbered(1));
    const second = state.deploy(numbered(2));
    const command = rollBack(1);
    state.accept(command);
    expect(state.rollout(second.id).stage).toMatchObject({ name: 'ended', outcome: 'superseded' });
    expect(state.rollout(command.rolloutId)).toMatchObject({ fromRevision: 2, toRevision: 1 });
  });

  it('refuses what serves or is on its way, and what is not there', () => {
    state.serve(numbered(1));
    expect(state.refuse(rollBack(1), 'wrong-state')).toContain('already serves');
    state.deploy(numbered(2));
    expect(state.refuse(rollBack(2), 'wrong-state')).toContain('already on its way (rollout 2)');
    state.refuse(rollBack(7), 'not-found');
    state.refuse(rollBack(1, { serviceId: serviceId('web') }), 'not-found');
    state.refuse({ ...rollBack(1), rolloutId: rolloutId(1) }, 'wrong-state');
  });

  it('refuses a revision whose secret or config is gone, also when one of that name came again', () => {
    state.putSecret('db');
    state.putConfig('conf', 'a');
    const uses = { secrets: [{ secret: 'db' }], configs: [{ config: 'conf', target: '/c' }] };
    state.serve(serviceSpec('api', uses));
    state.serve(numbered(2));
    state.accept({ kind: 'secret.remove', projectId, name: secretName('db') });
    state.accept({ kind: 'config.remove', projectId, name: secretName('conf') });
    const words = 'version 1 of the secret db and version 1 of the config conf, which is gone';
    expect(state.refuse(rollBack(1), 'unknown-secret')).toContain(words);
    expect(state.putSecret('db')).toBe(2);
    expect(state.refuse(rollBack(1), 'unknown-secret')).toContain('version 1 of the secret db');
  });

  it('refuses ports and dependencies that have been taken meanwhile, unless the timeline moves them all', () => {
    state.serve(publishing('api', 8_080, '127.0.0.1', { dependsOn: ['web'] }));
    state.serve(numbered(2));
    state.serve(publishing('web', 8_080));
    expect(state.refuse(rollBack(1), 'port-taken')).toContain('service web');
    state.serve(serviceSpec('web', { dependsOn: ['api'] }));
    expect(state.refuse(rollBack(1), 'dependency-cycle')).toContain('api → web → api');
    state.accept({ ...rollBack(1), origin: { kind: 'timeline', rollbackId: rollbackId(1) } });
  });
});

describe('service.remove and service.forget', () => {
  it('ends the rollout under way, and takes the rest away at the end', () => {
    state.serve(numbered(1));
    const rollout = state.deploy(numbered(2));
    state.accept({ kind: 'service.remove', serviceId: api });
    expect(state.service(api)).toMatchObject({ state: 'removing', rolloutId: null, servingRevision: 1 });
    expect(state.rollout(rollout.id).stage).toMatchObject({ outcome: 'aborted', detail: 'The service is removed.' });
    expect(state.read.openRollouts()).toEqual([]);
    state.accept({ kind: 'service.forget', serviceId: api });
    expect(state.read.services(projectId)).toEqual([]);
    expect(state.read.revisions(api)).toEqual([]);
    expect(state.read.rollouts(api)).toEqual([]);
  });

  it('refuse what is not in their place', () => {
    state.serve(numbered(1));
    state.refuse({ kind: 'service.forget', serviceId: api }, 'wrong-state');
    state.refuse({ kind: 'service.remove', serviceId: serviceId('web') }, 'not-found');
    state.refuse({ kind: 'service.forget', serviceId: serviceId('web') }, 'not-found');
    state.accept({ kind: 'service.remove', serviceId: api });
    state.refuse({ kind: 'service.remove', serviceId: api }, 'wrong-state');
    state.refuse(rollBack(1), 'wrong-state');
    state.refuse({ kind: 'service.publish', serviceId: api, ports: [] }, 'wrong-state');
  });

  it('leave the timeline’s later entries without the service', () => {
    state.serve(numbered(1));
    state.serve(serviceSpec('web'));
    state.serve(serviceSpec('web'), { stack: stack('lane-1') });
    state.accept({ kind: 'service.remove', serviceId: api });
    state.deploy(serviceSpec('mail'), { checkpoint: state.checkpoint(1) });
    expect(state.read.checkpoint(checkpointId(1))?.revisions).toEqual({ web: 1 });
  });
});

describe('service.publish', () => {
  const publish = (ports: { containerPort: number; hostPort: number }[], of = api) =>
    ({ kind: 'service.publish', serviceId: of, ports }) as const;

  it('gives a service its ports, which it keeps over deploys', () => {
    state.serve(numbered(1));
    state.accept(
      publish([
        { containerPort: 81, hostPort: 20_002 },
        { containerPort: 80, hostPort: 20_001 },
      ]),
    );
    state.serve(numbered(2));
    expect(state.service(api).publishedPorts).toEqual([
      { containerPort: 80, hostPort: 20_001 },
      { containerPort: 81, hostPort: 20_002 },
    ]);
    state.accept(publish([{ containerPort: 81, hostPort: 20_002 }]));
    expect(state.service(api).publishedPorts).toEqual([{ containerPort: 81, hostPort: 20_002 }]);
  });

  it('refuses what another service has or asks for, and the same twice', () => {
    state.deploy(numbered(1));
    state.deploy(publishing('web', 8_080, '10.0.0.5'));
    state.accept(publish([{ containerPort: 80, hostPort: 20_001 }], serviceId('web')));
    state.refuse(publish([{ containerPort: 80, hostPort: 8_080 }]), 'port-taken');
    state.refuse(publish([{ containerPort: 80, hostPort: 20_001 }]), 'port-taken');
    state.refuse(
      publish([
        { containerPort: 80, hostPort: 1 },
        { containerPort: 80, hostPort: 2 },
      ]),
      'invalid-input',
    );
    state.refuse(publish([], serviceId('none')), 'not-found');
  });

  it('leaves a port of the host where it is when a revision listens on another one behind it', () => {
    state.deploy(numbered(1));
    const ports = [80, 81].map((containerPort) => ({ containerPort, hostPort: 20_001 }));
    state.accept(publish(ports));
    expect(state.service(api).publishedPorts).toEqual(ports);
  });
});

describe('project.forget', () => {
  it('refuses while services are there, naming one, and then takes everything', () => {
    state.putSecret('db');
    state.putConfig('conf', 'a');
    state.serve(serviceSpec('api', { secrets: [{ secret: 'db' }] }));
    state.deploy(serviceSpec('web'), { stack: stack('lane-1') });
    const volume = { projectId, stack: stack('main'), name: 'data' as never };
    state.accept({ kind: 'volume.put', ...volume, driver: 'local', options: {} });
    const forget = { kind: 'project.forget', projectId } as const;
    expect(state.refuse(forget, 'wrong-state')).toContain('services (web of lane-1 and 1 more)');
    for (const id of [api, serviceId('web', stack('lane-1'))]) {
      state.accept({ kind: 'service.remove', serviceId: id });
      expect(state.refuse(forget, 'wrong-state')).toContain('services');
      state.accept({ kind: 'service.forget', serviceId: id });
    }
    state.accept(forget);
    state.begin();
    expect(state.read.secrets(projectId)).toEqual([]);
    expect(state.read.configs(projectId)).toEqual([]);
    expect(state.read.volumes(projectId)).toEqual([]);
    expect(state.putSecret('db')).toBe(1);
    expect(state.deploy(serviceSpec('api'))).toMatchObject({ number: 1, toRevision: 1 });
  });
});
