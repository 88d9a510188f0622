/** The one word and the one sentence for how a service is. Pure; the headline of a view is made of these. */
import type { ReplicaView, ServiceStatus } from '#shared/contract/service-views.ts';
import type { Rollout, Service } from '#shared/model/service.ts';
import type { ServiceSpec } from '#shared/model/service-spec.ts';
import type { Replica } from './facts.ts';
import type { ServicePlan } from './service-plan.ts';

/** What the words are made from. */
export interface ServiceCondition {
  readonly service: Service;
  readonly spec: ServiceSpec | null;
  readonly rollout: Rollout | null;
  readonly lastRollout: Rollout | null;
  readonly replicas: readonly Replica[];
  readonly plan: ServicePlan | null;
  readonly wanted: number;
  /** False when what is known of its replicas may be out of date. */
  readonly isFresh: boolean;
}

/** Replicas that answer: healthy, and behind the edge where there is one. */
export function serving(replicas: readonly Replica[]): Replica[] {
  return replicas.filter(
    (replica) =>
      replica.phase === 'running' &&
      replica.health.status === 'healthy' &&
      (replica.counters === null || replica.traffic === 'ready'),
  );
}

/** The status word. */
export function serviceStatus(condition: ServiceCondition): ServiceStatus {
  const { service, rollout, lastRollout, replicas, plan, wanted, isFresh } = condition;
  if (!isFresh) return 'stale';
  if (service.state === 'removing') return 'removing';
  if (rollout !== null) return rollout.paused === null ? 'rolling-out' : 'waiting';
  const up = serving(replicas).length;
  if (service.servingRevision === null) return lastRollout === null ? 'pending' : 'failed';
  if (wanted === 0) return up === 0 ? 'stopped' : 'degraded';
  if (up >= wanted) return 'healthy';
  if (up > 0) return 'degraded';
  return (plan?.pending.length ?? 0) > 0 && replicas.length === 0 ? 'pending' : 'failed';
}

/** The sentence: the state, and what it asks of the person. */
export function serviceSentence(condition: ServiceCondition, weightPercent: number): string {
  const { service, rollout, lastRollout, replicas, plan, wanted } = condition;
  const { name } = service;
  const up = serving(replicas).length;
  switch (serviceStatus(condition)) {
    case 'stale':
      return `The engine does not answer; this is what was last known of ${name}.`;
    case 'removing':
      return `${name} is being removed.`;
    case 'rolling-out': {
      const to = rollout?.toRevision ?? 0;
      if (rollout?.stage.name === 'shifting')
        return `${name} takes ${Math.round(weightPercent)} % of its traffic on revision ${to}.`;
      if (rollout?.kind === 'auto-rollback') return `${name} goes back to revision ${to} by itself.`;
      if (rollout?.kind === 'rollback') return `${name} goes back to revision ${to}.`;
      return `${name} rolls out revision ${to}.`;
    }
    case 'waiting':
      return `The rollout of ${name} waits for you: ${rollout?.paused?.detail ?? ''}`;
    case 'pending':
      return `${name} cannot be placed: ${plan?.pending[0]?.why ?? 'nothing has been tried yet'}.`;
    case 'failed': {
      const why =
        lastRollout?.stage.name === 'ended' && service.servingRevision === null ? lastRollout.stage.detail : '';
      return why === ''
        ? `${name} does not answer: none of ${wanted} replicas is healthy.`
        : `${name} never served. ${why}`;
    }
    case 'degraded':
      return `${up} of ${wanted} replicas of ${name} serve.`;
    case 'stopped':
      return `${name} is scaled to 0.`;
    case 'healthy':
      return wanted === 1 ? `${name} is healthy.` : `${name} is healthy, ${up} of ${wanted} replicas.`;
  }
}

/** The word for one replica. */
export function replicaState(replica: Replica, keptRevision: number | null): ReplicaView['state'] {
  if (replica.phase === 'created') return replica.error === '' ? 'starting' : 'failed';
  if (replica.phase === 'ended') return replica.exitCode === 0 ? 'ended' : 'failed';
  if (replica.drainingSinceMs !== null && replica.active > 0) return 'draining';
  if (replica.revision === keptRevision && replica.traffic !== 'ready') return 'kept';
  if (replica.health.status === 'unhealthy') return 'unhealthy';
  return replica.health.status === 'healthy' ? 'healthy' : 'starting';
}
