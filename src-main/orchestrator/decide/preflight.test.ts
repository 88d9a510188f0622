import { describe, expect, it } from 'vitest';
import type { PreflightFinding } from '#shared/contract/service-views.ts';
import type { SecretName, ServiceName, VolumeName } from '#shared/model/service-ids.ts';
import type { Volume } from '#shared/model/service-resource.ts';
import type { ServiceSpecInput } from '#shared/model/service-spec.ts';
import { claimsOf } from './claims.ts';
import { type PreflightFacts, preflight } from './preflight.ts';
import { hostId, sampleHost, sampleSpec, serviceId } from './sample.fixture.ts';

const published = (port: number, address = '127.0.0.1'): Partial<ServiceSpecInput> => ({
  ports: [{ containerPort: 8_080, publish: { port, address } }],
});
const routed = (path: string, host: string | null = null): Partial<ServiceSpecInput> => ({
  routes: [{ host, path, containerPort: 8_080 }],
});

function findings(spec: Partial<ServiceSpecInput> = {}, facts: Partial<PreflightFacts> = {}): PreflightFinding[] {
  return preflight({
    serviceId,
    spec: sampleSpec(spec),
    publishedPorts: [],
    architecture: null,
    hosts: [sampleHost('a')],
    home: hostId('a'),
    volumes: [],
    claims: [],
    secrets: new Set(),
    configs: new Set(),
    services: new Map(),
    ...facts,
  });
}

/** What stands against it: "ports: The host's port 80 …". */
function against(spec: Partial<ServiceSpecInput> = {}, facts: Partial<PreflightFacts> = {}): string[] {
  return findings(spec, facts).flatMap(({ check, verdict, detail }) =>
    verdict === 'failed' ? [`${check}: ${detail}`] : [],
  );
}

it('has nothing against a plain service', () => {
  expect(against()).toEqual([]);
  expect(findings().map(({ check }) => check)).toContain('engine');
});

it.each<[string, Partial<ServiceSpecInput>, Partial<PreflightFacts>, string | RegExp]>([
  ['no engine', {}, { hosts: [] }, /^engine: /],
  [
    'an engine that does not answer',
    {},
    { hosts: [sampleHost('a', { state: 'down', problem: 'It may hang.' })] },
    /^engine: .*/,
  ],
  [
    'another architecture',
    {},
    { architecture: 'arm64' },
    'architecture: The image is for arm64, the hosts are amd64. Build or pull it for amd64.',
  ],
  [
    'a port that a program has',
    published(80),
    { hosts: [sampleHost('a', { portsTaken: new Map([[80, 'nginx']]) })] },
    'ports: Port 80 of dock-a is taken by nginx. Free it or publish another one.',
  ],
  ['a full disk', {}, { hosts: [sampleHost('a', { diskFreeBytes: 1 })] }, /^disk: Less than \d+ MB are free on dock-a/],
  [
    'a secret without a value',
    { secrets: [{ secret: 'password' }] },
    {},
    'secrets: The secret password has no value. Set it first.',
  ],
  [
    'a config without a value',
    { configs: [{ config: 'site', target: '/etc/site' }] },
    {},
    'configs: The config site has no value. Set it first.',
  ],
  [
    'services that wait for each other',
    { dependsOn: ['db'] },
    { services: new Map([['db' as ServiceName, { dependsOn: ['api' as ServiceName], serves: true }]]) },
    'dependencies: They wait for each other for ever: api → db → api.',
  ],
  [
    'one port of the host for two',
    {
      ports: [
        { containerPort: 1, publish: { port: 80 } },
        { containerPort: 2, publish: { port: 80 } },
      ],
    },
    {},
    /^ports: .*both 1 and 2/,
  ],
])('is told of %s', (_, spec, facts, what) => {
  const [first, ...rest] = against(spec, facts);
  expect(first).toMatch(what);
  expect(rest).toEqual([]);
});

it('is told where the data of a volume is, if not where it could run', () => {
  const volume = { name: 'data' as VolumeName, hostId: hostId('b'), driver: 'local' } as Volume;
  const spec = {
    mounts: [{ kind: 'volume', volume: 'data', target: '/data' }],
    constraints: [{ attribute: 'node.id', operator: '==', value: 'a' }],
    ports: [],
  } satisfies Partial<ServiceSpecInput>;
  const hosts = [sampleHost('a'), sampleHost('b')];
  expect(against(spec, { volumes: [volume], hosts, home: null })).toEqual([
    'volumes: Its volumes are where it may not run: data on dock-b.',
  ]);
});

it('knows secrets and configs that have a value', () => {
  const spec = { secrets: [{ secret: 'password' }], configs: [{ config: 'site', target: '/etc/site' }] };
  const known = { secrets: new Set(['password' as SecretName]), configs: new Set(['site' as SecretName]) };
  expect(against(spec, known)).toEqual([]);
});

describe('what another service has', () => {
  const other = (spec: Partial<ServiceSpecInput>) => ({
    claims: [claimsOf(sampleSpec(spec), 'service web of shop/main')],
  });

  it.each([
    [
      'a port of the host',
      published(80),
      "ports: The host's port 80 belongs to service web of shop/main. Publish another one, or take it from there first.",
    ],
    [
      'a route',
      routed('/api'),
      'routes: The route /api belongs to service web of shop/main. Choose another host or path, or take it from there first.',
    ],
  ])('is refused, with whose it is: %s', (_, spec, told) => {
    expect(against(spec, other(spec))).toEqual([told]);
  });

  it('is told as its owner’s, not as its container’s', () => {
    const hosts = [sampleHost('a', { portsTaken: new Map([[80, 'the container web-edge']]) })];
    expect(against(published(80), { ...other(published(80)), hosts })).toEqual([
      expect.stringContaining('service web'),
    ]);
  });

  it.each<[Partial<ServiceSpecInput>, Partial<ServiceSpecInput>, boolean]>([
    [published(80), published(81), false],
    [published(80, '127.0.0.1'), published(80, '127.0.0.2'), false],
    [published(80, '127.0.0.1'), published(80, '0.0.0.0'), true],
    [routed('/api'), routed('/api/'), true],
    [routed('/api'), routed('/apis'), false],
    [routed('/', 'a.example'), routed('/', 'b.example'), false],
    [routed('/', 'a.example'), routed('/'), false],
    [routed('/', 'a.example'), routed('/', 'a.example'), true],
  ])('meets what is the same alone: %j and %j', (mine, theirs, isTaken) => {
    expect(against(mine, other(theirs)).length > 0).toBe(isTaken);
  });

  it('may be a port that was given to it', () => {
    const claims = [{ owner: 'service web of shop/main', ports: [{ address: null, port: 20_000 }], routes: [] }];
    expect(against(published(20_000), { claims })).toHaveLength(1);
  });
});
