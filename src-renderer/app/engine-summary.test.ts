import { expect, test } from 'vitest';
import { type ServiceHostView, serviceHostViewSchema } from '#shared/contract/service-views.ts';
import { engineSummary } from './engine-summary.ts';

const ready = {
  state: 'ready',
  name: 'Docker',
  version: '20.10.24+dfsg1',
  apiVersion: '1.41',
  architecture: 'amd64',
  cpus: 2,
  memoryBytes: 1,
};

function host(id: string, engine: Record<string, unknown>, containers = 0): ServiceHostView {
  return serviceHostViewSchema.parse({
    id,
    name: id,
    endpoint: null,
    labels: {},
    availability: 'active',
    engine,
    replicas: 0,
    containers,
    cpuPercent: null,
    diskFreeBytes: null,
    observedAtMs: null,
  });
}

test('engines are summed up in one line, and what is wrong is said', () => {
  const gone = { state: 'unreachable', detail: 'refused', advice: 'Start it.', sinceMs: 1 };
  expect(engineSummary([])).toBeNull();
  expect(engineSummary([host('local', { state: 'connecting' })])).toBeNull();
  expect(engineSummary([host('local', ready, 1)])).toEqual({ sentence: 'Docker 20.10, 1 container', worried: false });
  expect(engineSummary([host('a', ready, 9), host('b', ready, 12)])?.sentence).toBe(
    'Docker 20.10, 21 containers on 2 hosts',
  );
  expect(engineSummary([host('a', ready, 9), host('b', gone)])).toEqual({
    sentence: 'Docker 20.10, 9 containers on 1 host, 1 does not answer',
    worried: true,
  });
  expect(engineSummary([host('local', gone)])).toEqual({ sentence: 'Docker does not answer', worried: true });
  expect(engineSummary([host('local', { state: 'missing', advice: 'Install it.' })])).toEqual({
    sentence: 'No Docker',
    worried: false,
  });
  expect(engineSummary([host('local', { state: 'too-old', version: '17.03', advice: 'Update it.' })])?.sentence).toBe(
    'Docker 17.03 is too old',
  );
});
