import { expect, it } from 'vitest';
import { mainStack } from '#shared/model/service-ids.ts';
import { type ServiceSpecInput, serviceSpecSchema } from '#shared/model/service-spec.ts';
import { describeNewService, type StackFacts } from './describe-new-service.ts';

const empty: StackFacts = { stack: mainStack, isEmpty: true, volumes: new Set() };

function told(change: Partial<ServiceSpecInput>, facts: StackFacts = empty): string[] {
  const spec = serviceSpecSchema.parse({ name: 'api', image: { kind: 'image', reference: 'demo:1' }, ...change });
  const changes = describeNewService({ spec, digest: null, secretVersions: {}, configVersions: {} }, facts);
  expect(new Set(changes.map(({ kind }) => kind))).toEqual(new Set(['added']));
  return changes.map(({ text }) => text);
}

it('names everything that is made and given', () => {
  const texts = told({
    mode: { kind: 'replicated', replicas: 3 },
    ports: [
      { containerPort: 8080, publish: { port: 20_080 } },
      { containerPort: 9090, publish: {} },
      { containerPort: 81 },
    ],
    routes: [{ host: 'example.org', path: '/api', containerPort: 8080 }],
    health: { probe: { kind: 'http', port: 8080, path: '/ready' } },
    mounts: [
      { kind: 'volume', volume: 'data', target: '/data' },
      { kind: 'tmpfs', target: '/tmp' },
    ],
    secrets: [{ secret: 'token' }],
    configs: [{ config: 'site', target: '/etc/site.conf' }],
    env: { A: 'hidden', B: 'hidden' },
    limits: { cpus: 0.5, memoryBytes: 256 * 1_024 ** 2 },
    dependsOn: ['db'],
  });
  expect(texts).toEqual([
    'image demo:1',
    '3 replicas',
    'port 8080 (http) at 127.0.0.1:20080',
    'port 9090 (http) at 127.0.0.1:a free port',
    'port 81 (http) for services of the stack',
    'route example.org/api to 8080',
    'health check /ready every 2 s',
    'new volume data at /data',
    'tmpfs at /tmp',
    'secret token as /run/secrets/token, in memory',
    'config site as /etc/site.conf',
    'new network of the stack main',
    'an edge that checks, balances and drains its replicas',
    '2 variables',
    'at most 0.5 cpus, 256 MB a replica',
    'starts after db',
  ]);
});

it('tells what is there already from what comes into being', () => {
  const there: StackFacts = { stack: mainStack, isEmpty: false, volumes: new Set(['data']) };
  expect(told({ mounts: [{ kind: 'volume', volume: 'data', target: '/data' }] }, there)).toEqual([
    'image demo:1',
    '1 replica',
    'volume data at /data',
  ]);
});
