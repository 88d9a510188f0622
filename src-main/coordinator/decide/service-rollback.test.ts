import { describe, expect, it } from 'vitest';
import type { Checkpoint } from '#shared/model/checkpoint.ts';
import type { Revision, Service } from '#shared/model/service.ts';
import { serviceSpecSchema, type ServiceSpecInput } from '#shared/model/service-spec.ts';
import { laterServices, plannedServices, type ServiceFacts, serviceWarnings } from './service-rollback.ts';

function revision(name: string, number: number, spec: Partial<ServiceSpecInput> = {}): Revision {
  return {
    number,
    digest: `sha256:${'a'.repeat(64)}`,
    spec: serviceSpecSchema.parse({ name, image: { kind: 'image', reference: name }, ...spec }),
  } as Revision;
}

function facts(name: string, serving: number, spec: Partial<ServiceSpecInput> = {}, to = 1): ServiceFacts {
  const service = { id: `p/main/${name}`, name, stack: 'main', state: 'active', servingRevision: serving } as Service;
  return { service, wanted: revision(name, serving, spec), target: revision(name, to), keeping: null };
}

const at = (revisions: Record<string, number>): Checkpoint => ({ revisions }) as Checkpoint;

describe('the services of a rollback', () => {
  it('are those that serve another revision than at the checkpoint', () => {
    const services = [facts('api', 3), facts('web', 1)];
    expect(plannedServices(at({ api: 1, web: 1 }), services)).toMatchObject([
      { name: 'api', fromRevision: 3, toRevision: 1, note: '1 replica' },
    ]);
  });

  it('begin with those that depend on others', () => {
    const services = [facts('db', 2), facts('api', 2, { dependsOn: ['db'] }), facts('web', 2, { dependsOn: ['api'] })];
    const names = plannedServices(at({ db: 1, api: 1, web: 1 }), services).map(({ name }) => name);
    expect(names).toEqual(['web', 'api', 'db']);
  });

  it('leave out what is not stored any more or was never built', () => {
    const gone = { ...facts('api', 3), target: null };
    const unbuilt = { ...facts('web', 3), target: { ...revision('web', 1), digest: null } };
    expect(plannedServices(at({ api: 1, web: 1 }), [gone, unbuilt])).toEqual([]);
  });

  it('leave out what did not exist then, and say so', () => {
    const services = [facts('api', 3), facts('mail', 1)];
    expect(plannedServices(at({ api: 1 }), services).map(({ name }) => name)).toEqual(['api']);
    expect(laterServices(at({ api: 1 }), services)).toEqual(['mail']);
  });

  it('tell that replicas still run', () => {
    const kept = { ...facts('api', 2), keeping: { fromRevision: 1 } as never };
    expect(plannedServices(at({ api: 1 }), [kept])[0]?.note).toContain('still run');
  });

  it('warn of data that stays', () => {
    const services = [facts('db', 2, { mounts: [{ kind: 'volume', volume: 'data', target: '/data' }] })];
    const planned = plannedServices(at({ db: 1 }), services);
    expect(serviceWarnings(services, planned)).toEqual([expect.stringContaining('has written to data')]);
  });
});
