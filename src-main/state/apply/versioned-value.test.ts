import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ProjectId } from '#shared/model/ids.ts';
import { sealed, secretName, ServiceFixture, serviceId, serviceSpec } from '../service.fixture.ts';
import { projectId } from '../state.fixture.ts';

let state: ServiceFixture;
beforeEach(() => {
  state = new ServiceFixture().begin();
});
afterEach(() => state.dispose());

const db = { projectId, name: secretName('db') };
const versions = () => state.read.secret(projectId, db.name)?.versions.map(({ version }) => version);
const uses = (rest: { env?: Record<string, string> } = {}) =>
  serviceSpec('api', { secrets: [{ secret: 'db' }], ...rest });
const nobody = 'nobody-000000' as ProjectId;

describe('secret.put', () => {
  it('adds a version and keeps the newest two', () => {
    expect([state.putSecret('db', 'one'), state.putSecret('db', 'two'), state.putSecret('db', 'three')]).toEqual([
      1, 2, 3,
    ]);
    expect(state.read.secret(projectId, db.name)).toEqual({
      ...db,
      versions: [
        { version: 2, sealed: sealed('two'), sizeBytes: 6, createdAtMs: state.nowMs },
        { version: 3, sealed: sealed('three'), sizeBytes: 6, createdAtMs: state.nowMs },
      ],
    });
    expect(state.read.secrets(projectId).map(({ name }) => name)).toEqual(['db']);
  });

  it('keeps every version that a kept revision pins', () => {
    state.putSecret('db');
    state.serve(uses());
    for (let count = 0; count < 4; count += 1) state.putSecret('db');
    expect(versions()).toEqual([1, 4, 5]);
    state.serve(uses());
    state.putSecret('db');
    state.putSecret('db');
    expect(versions()).toEqual([1, 5, 6, 7]);
    state.accept({ kind: 'service.remove', serviceId: serviceId('api') });
    state.accept({ kind: 'service.forget', serviceId: serviceId('api') });
    state.putSecret('db');
    expect(versions()).toEqual([7, 8]);
  });

  it('refuses an unknown project', () => {
    const put = { kind: 'secret.put', sealed: sealed('x'), sizeBytes: 1, name: db.name } as const;
    state.refuse({ ...put, projectId: nobody }, 'not-found');
    state.refuse({ kind: 'config.put', projectId: nobody, name: db.name, text: '' }, 'not-found');
  });
});

describe('secret.rewrap', () => {
  it('replaces what it knows and leaves the rest', () => {
    state.putSecret('db', 'one');
    state.putSecret('db', 'two');
    const newer = [2, 9].map((version) => ({ version, sealed: { ...sealed(`under 2: ${version}`), keyId: 'key-2' } }));
    state.accept({ kind: 'secret.rewrap', ...db, versions: newer });
    expect(
      state.read.secret(projectId, db.name)?.versions.map(({ version, sealed: value }) => [version, value.keyId]),
    ).toEqual([
      [1, 'key-1'],
      [2, 'key-2'],
    ]);
    state.refuse({ kind: 'secret.rewrap', projectId, name: secretName('none'), versions: [] }, 'not-found');
  });
});

describe('secret.remove and config.remove', () => {
  const remove = { kind: 'secret.remove', ...db } as const;

  it('refuse what serves or is on its way, naming the service', () => {
    state.putSecret('db');
    const first = state.deploy(uses());
    expect(state.refuse(remove, 'wrong-state')).toContain('Service api uses the secret db');
    state.succeed(first);
    const without = state.deploy(serviceSpec('api'));
    state.refuse(remove, 'wrong-state');
    state.succeed(without);
    state.accept(remove);
    expect(state.read.secret(projectId, db.name)).toBeNull();
    state.refuse(remove, 'not-found');
  });

  it('refuse a route’s certificate too', () => {
    state.putSecret('db');
    const ports = [{ containerPort: 80 }];
    state.deploy(serviceSpec('api', { ports, routes: [{ containerPort: 80, certificate: 'db' }] }));
    state.refuse(remove, 'wrong-state');
  });

  it('do not wait for a service that is being removed', () => {
    state.putSecret('db');
    state.serve(uses());
    state.accept({ kind: 'service.remove', serviceId: serviceId('api') });
    state.accept(remove);
  });

  it('never give a number twice', () => {
    state.putSecret('db');
    state.putSecret('db');
    state.accept(remove);
    expect(state.putSecret('db')).toBe(3);
    state.putConfig('conf', 'a');
    state.accept({ kind: 'config.remove', projectId, name: secretName('conf') });
    expect(state.putConfig('conf', 'a')).toBe(2);
  });
});

describe('config.put', () => {
  it('adds a version for another text only', () => {
    expect([state.putConfig('conf', 'a'), state.putConfig('conf', 'a'), state.putConfig('conf', 'b')]).toEqual([
      1, 1, 2,
    ]);
    expect(state.putConfig('conf', 'a')).toBe(3);
    const name = secretName('conf');
    expect(state.read.config(projectId, name)).toEqual({
      projectId,
      name,
      versions: [
        { version: 2, text: 'b', createdAtMs: state.nowMs },
        { version: 3, text: 'a', createdAtMs: state.nowMs },
      ],
    });
    expect(state.read.configs(projectId)).toHaveLength(1);
  });

  it('keeps what a revision pins, and is not removed under a service', () => {
    state.putConfig('conf', 'a');
    state.deploy(serviceSpec('api', { configs: [{ config: 'conf', target: '/c' }] }));
    for (const text of ['b', 'c', 'd']) state.putConfig('conf', text);
    const name = secretName('conf');
    expect(state.read.config(projectId, name)?.versions.map(({ text }) => text)).toEqual(['a', 'c', 'd']);
    const remove = { kind: 'config.remove', projectId, name } as const;
    expect(state.refuse(remove, 'wrong-state')).toContain('uses the config conf');
    state.refuse({ ...remove, name: secretName('none') }, 'not-found');
  });
});
