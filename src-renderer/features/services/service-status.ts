import type { ReplicaView, ServiceStatus, ServiceView } from '#shared/contract/service-views.ts';
import type { MarkShape, Tone } from '../../ui/icon/Mark.tsx';

/** How a status is shown: its word, its shape, and the colour of its tag where it has one. */
export interface StatusLook {
  readonly word: string;
  readonly shape: MarkShape;
  readonly tone: Exclude<Tone, 'queued'> | null;
}

const looks: Record<ServiceStatus, StatusLook> = {
  healthy: { word: 'healthy', shape: 'done', tone: 'done' },
  'rolling-out': { word: 'rolling out', shape: 'running', tone: 'running' },
  waiting: { word: 'waits for you', shape: 'waiting', tone: 'waiting' },
  // Gantry is at it: nothing is asked of the person.
  degraded: { word: 'degraded', shape: 'gating', tone: 'waiting' },
  failed: { word: 'failed', shape: 'failed', tone: 'failed' },
  pending: { word: 'pending', shape: 'blocked', tone: 'waiting' },
  stopped: { word: 'stopped', shape: 'paused', tone: null },
  removing: { word: 'being removed', shape: 'queued', tone: null },
  stale: { word: 'last known', shape: 'stale', tone: 'stale' },
};

export function statusLook(status: ServiceStatus): StatusLook {
  return looks[status];
}

const replicaLooks: Record<ReplicaView['state'], StatusLook> = {
  starting: { word: 'starting', shape: 'running', tone: 'running' },
  healthy: { word: 'healthy', shape: 'done', tone: 'done' },
  unhealthy: { word: 'unhealthy', shape: 'failed', tone: 'failed' },
  draining: { word: 'draining', shape: 'landing', tone: 'running' },
  kept: { word: 'kept', shape: 'paused', tone: null },
  ended: { word: 'ended', shape: 'queued', tone: null },
  failed: { word: 'failed', shape: 'failed', tone: 'failed' },
};

/** As `statusLook`, for one replica. */
export function replicaLook(state: ReplicaView['state']): StatusLook {
  return replicaLooks[state];
}

/** What needs a person first; healthy services come last. */
const urgency: readonly ServiceStatus[] = [
  'waiting',
  'failed',
  'pending',
  'stale',
  'degraded',
  'rolling-out',
  'removing',
  'stopped',
  'healthy',
];

/** The services that are worst off first; equals keep their order. */
export function byUrgency<Service extends Pick<ServiceView, 'status'>>(services: readonly Service[]): Service[] {
  return services.toSorted((a, b) => urgency.indexOf(a.status) - urgency.indexOf(b.status));
}

/** Whether some replica of it takes what is asked of it. */
export function answers({ replicas }: Pick<ServiceView, 'replicas'>): boolean {
  return replicas.some((replica) => replica.state === 'healthy');
}

/** "4 of 4 healthy"; replicas that are kept or have ended do not count. */
export function healthyText({ replicas, wanted }: Pick<ServiceView, 'replicas' | 'wanted'>): string {
  const live = replicas.filter(({ state }) => state !== 'kept' && state !== 'ended' && state !== 'failed');
  const healthy = live.filter(({ state }) => state === 'healthy').length;
  return `${healthy} of ${Math.max(wanted, live.length)} healthy`;
}
