import { expect, it } from 'vitest';
import type { HostId } from '#shared/model/service-ids.ts';
import type { EdgeServerFacts } from '../../ports/edge.ts';
import type { ContainerFacts } from '../../ports/engine.ts';
import { serviceLabel } from '../../ports/service-labels.ts';
import { replicaOf } from './replica-facts.ts';

const known = { isEdgeSilent: false, assumedTraffic: 'none', ingress: [] } as const;

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
  const sources = {
    container,
    hostId: 'a' as HostId,
    spec: null,
    servers: [server],
    memory: null,
    isStopping: false,
    ...known,
  };
  return replicaOf({ ...sources, nowMs: 0 })?.replica.traffic;
}

it('is given traffic by who decides, also while its checks fail and its edge holds it back', () => {
  expect(trafficOf('ready')).toBe('ready');
  expect(trafficOf('down')).toBe('ready');
  expect(trafficOf('drain')).toBe('drain');
  expect(trafficOf('ready', 0)).toBe('drain');
});

it('goes on as its edge was told last, while that does not answer', () => {
  const sources = {
    container,
    hostId: 'a' as HostId,
    spec: null,
    servers: [],
    ingress: [],
    isStopping: false,
    nowMs: 0,
  };
  const health = { status: 'healthy', sinceMs: 0, detail: '', passes: 1 } as const;
  const memory = { health, traffic: 'ready', active: 0, drainingSinceMs: null } as const;
  const silent = { ...sources, isEdgeSilent: true, assumedTraffic: 'none' } as const;
  expect(replicaOf({ ...silent, memory })?.replica).toMatchObject({ traffic: 'ready', active: 1 });
  const drained = { ...memory, traffic: 'drain' } as const;
  expect(replicaOf({ ...silent, memory: drained })?.replica).toMatchObject({ traffic: 'drain', active: 0 });
  const first = { ...silent, assumedTraffic: 'ready', memory: null } as const;
  expect(replicaOf(first)?.replica).toMatchObject({ traffic: 'ready', active: 1 });
  expect(replicaOf({ ...sources, ...known, memory })?.replica).toMatchObject({ traffic: 'none', active: 0 });
});

it('has what comes through the ingress too, and may be sent more until that knows that it drains', () => {
  const server = (state: EdgeServerFacts['state'], active: number, requests: number): EdgeServerFacts =>
    ({
      state,
      active,
      requests,
      errors5xx: 1,
      failed: 0,
      weight: 100,
      check: { passes: true },
      latency: [],
    }) as unknown as EdgeServerFacts;
  const sources = { container, hostId: 'a' as HostId, spec: null, memory: null, isStopping: false, nowMs: 0, ...known };
  const of = (own: EdgeServerFacts, ingress: EdgeServerFacts) =>
    replicaOf({ ...sources, servers: [own], ingress: [ingress] })?.replica;
  expect(of(server('ready', 1, 5), server('ready', 2, 7))).toMatchObject({
    active: 3,
    counters: { requests: 12, errors: 2 },
  });
  expect(of(server('drain', 0, 5), server('ready', 0, 7))).toMatchObject({ traffic: 'drain', active: 1 });
  expect(of(server('drain', 0, 5), server('drain', 2, 7))).toMatchObject({ traffic: 'drain', active: 2 });
  expect(of(server('drain', 0, 5), server('drain', 0, 7))).toMatchObject({ traffic: 'drain', active: 0 });
});
