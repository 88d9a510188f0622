import { expect, it } from 'vitest';
import type { ServiceSpecInput } from '#shared/model/service-spec.ts';
import { containerTemplate } from './container-template.ts';
import { sampleRevision } from './sample.fixture.ts';

const base = {
  ports: [{ containerPort: 80 }],
  health: { probe: { kind: 'http', port: 80, path: '/health' } },
} satisfies Partial<ServiceSpecInput>;

function needsContainers(changes: Partial<ServiceSpecInput>): boolean {
  return containerTemplate(sampleRevision(1, base)) !== containerTemplate(sampleRevision(1, { ...base, ...changes }));
}

it.each<[string, Partial<ServiceSpecInput>]>([
  ['another path', { health: { probe: { kind: 'http', port: 80, path: '/other' } } }],
  ['another kind', { health: { probe: { kind: 'tcp', port: 80 } } }],
  ['no probe', { health: null }],
  ['a command', { health: { probe: { kind: 'exec', command: ['true'] } } }],
  ['another port', { ports: [{ containerPort: 81 }], health: null }],
  ['one port more', { ports: [{ containerPort: 80 }, { containerPort: 81 }] }],
])('is another with %s: only containers of its own prove it', (_, changes) => {
  expect(needsContainers(changes)).toBe(true);
});

it.each<[string, Partial<ServiceSpecInput>]>([
  ['how often it is checked', { health: { ...base.health, intervalMs: 500, timeoutMs: 300, retries: 9 } }],
  ['where it is published', { ports: [{ containerPort: 80, publish: { port: 8_080 } }] }],
  ['its routes', { routes: [{ containerPort: 80 }] }],
  ['its scale', { mode: { kind: 'replicated', replicas: 9 } }],
])('is the same whatever %s', (_, changes) => {
  expect(needsContainers(changes)).toBe(false);
});
