import { expect, it } from 'vitest';
import type { HostId } from '#shared/model/service-ids.ts';
import type { EdgeServerFacts } from '../../ports/edge.ts';
import type { ContainerFacts } from '../../ports/engine.ts';
import { serviceLabel } from '../../ports/service-labels.ts';
import { replicaOf } from './replica-facts.ts';

const container = {
  id: 'c1',
  name: 'api-1',
  labels: {
    [serviceLabel.role]: 'replica',
    [serviceLabel.revision]: '1',
    [serviceLabel.slot]: '1',
    [serviceLabel.attempt]: '1',
  },
  state: 'running',
} as unknown as ContainerFacts;

function trafficOf(state: EdgeServerFacts['state'], weight = 100): string | undefined {
  const server = { state, weight, check: { passes: state === 'ready' }, latency: [] } as unknown as EdgeServerFacts;
  const sources = { container, hostId: 'a' as HostId, spec: null, servers: [server], memory: null, isStopping: false };
  return replicaOf({ ...sources, nowMs: 0 })?.replica.traffic;
}

it('is given traffic by who decides, also while its checks fail and its edge holds it back', () => {
  expect(trafficOf('ready')).toBe('ready');
  expect(trafficOf('down')).toBe('ready');
  expect(trafficOf('drain')).toBe('drain');
  expect(trafficOf('ready', 0)).toBe('drain');
});
