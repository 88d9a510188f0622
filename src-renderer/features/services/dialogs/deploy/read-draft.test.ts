import { expect, test } from 'vitest';
import { serviceSpecSchema } from '#shared/model/service-spec.ts';
import { readDraft } from './read-draft.ts';
import { blankEnv, blankPort, draftOf } from './service-draft.ts';

const full = serviceSpecSchema.parse({
  name: 'api',
  image: { kind: 'build', context: 'api', args: { A: '1' }, target: 'run' },
  mode: { kind: 'replicated', replicas: 3 },
  entrypoint: ['/init'],
  command: ['sh', '-c', "echo 'it'"],
  env: { MODE: 'fast', EMPTY: '' },
  ports: [
    { containerPort: 8080, publish: { port: 20_080 } },
    { containerPort: 9090, publish: {} },
    { containerPort: 5432, protocol: 'tcp' },
  ],
  routes: [{ host: 'api.test', containerPort: 8080, certificate: 'tls' }],
  limits: { cpus: 0.5, memoryBytes: 268_435_456 },
  health: { probe: { kind: 'http', port: 8080, path: '/ready' }, intervalMs: 1_500 },
  constraints: [{ attribute: 'node.id', operator: '==', value: 'local' }],
  mounts: [
    { kind: 'volume', volume: 'data', target: '/data' },
    { kind: 'bind', source: '/srv', target: '/srv', readOnly: true },
    { kind: 'tmpfs', target: '/tmp', sizeBytes: 1_048_576 },
  ],
  secrets: [{ secret: 'db-password' }, { secret: 'key', file: 'k.pem' }],
  configs: [{ config: 'settings', target: '/etc/settings' }],
  dependsOn: ['db', 'cache'],
  update: { strategy: 'canary', canarySteps: [{ weightPercent: 5, holdMs: null }], limits: { p99MsMax: 250 } },
  labels: { team: 'a' },
});

test('the form of a spec reads as the very same spec, also what it does not show', () => {
  expect(readDraft(draftOf(full), full)).toEqual({ ok: true, spec: full });
});

test('a spec with a command as its probe survives the form', () => {
  const spec = serviceSpecSchema.parse({
    name: 'job',
    image: { kind: 'image', reference: 'job:1' },
    mode: { kind: 'global' },
    health: { probe: { kind: 'exec', command: ['sh', '-c', 'test -f /ok'] } },
  });
  expect(readDraft(draftOf(spec), null)).toEqual({ ok: true, spec });
});

test('what is wrong is said in its place, rows as they stand in the form', () => {
  const read = readDraft(
    {
      ...draftOf(full),
      name: 'Api!',
      replicas: 'three',
      memory: 'lots',
      env: [blankEnv, { name: '1x', value: '' }, { name: 'A', value: '' }, { name: 'A', value: '2' }],
      ports: [blankPort, { ...blankPort, containerPort: '70000' }],
      health: { ...draftOf(full).health, port: '81' },
    },
    full,
  );
  expect(read).toEqual({
    ok: false,
    problems: expect.objectContaining({
      name: 'Expected lower-case letters, digits and dashes, at most 40.',
      'mode.replicas': 'Expected a number.',
      'limits.memoryBytes': 'Expected a size with its unit, such as 256MB.',
      'env.1.name': 'Expected a name of letters, digits and underscores.',
      'env.3.name': 'This name is there twice.',
      'ports.1.containerPort': 'Expected at most 65535.',
    }),
  });
});

test('rules between fields are said where the field is', () => {
  const draft = { ...draftOf(full), health: { ...draftOf(full).health, port: '81' }, ports: draftOf(full).ports };
  expect(readDraft(draft, full)).toEqual({
    ok: false,
    problems: { 'health.probe.port': expect.stringMatching(/^Is not one of the service’s ports/) },
  });
});
