/** What is so of one replica, from its facts alone. */
import type { ServiceName } from '#shared/model/service-ids.ts';
import type { RestartPolicy } from '#shared/model/service-spec.ts';
import type { Replica } from './facts.ts';

/** It will not run again: it ended, or it could not be started. Containers are used once. */
export function isEnded({ phase, error }: Replica): boolean {
  return phase === 'ended' || (phase === 'created' && error !== '');
}

/** It runs, and what checks it is content. */
export function isHealthy({ phase, health }: Replica): boolean {
  return phase === 'running' && health.status === 'healthy';
}

/** When it ended; only asked of ended ones. */
export function endedAtMs({ endedAtMs, startedAtMs, createdAtMs }: Replica): number {
  return endedAtMs ?? startedAtMs ?? createdAtMs;
}

/** It did its work and is not to be started again, so that nothing is missing. */
export function isComplete(replica: Replica, { condition }: RestartPolicy): boolean {
  return replica.phase === 'ended' && replica.exitCode === 0 && !replica.wasOutOfMemory && condition !== 'any';
}

/**
 * When its time to become healthy is over. Counted anew when its checks begin anew, so that an
 * edge that comes back does not condemn what it has not looked at yet. Null while that is no question.
 */
export function healthDueAtMs(replica: Replica, healthDeadlineMs: number): number | null {
  const { phase, health, startedAtMs, createdAtMs } = replica;
  if (phase === 'ended' || health.status === 'healthy') return null;
  if (phase === 'running' && health.status === 'unknown' && replica.traffic === 'ready') return null;
  const beganAtMs = startedAtMs ?? createdAtMs;
  return (health.status === 'starting' ? Math.max(beganAtMs, health.sinceMs) : beganAtMs) + healthDeadlineMs;
}

/** It runs without working: given up by its checks, or not healthy in time. */
export function isFailing(replica: Replica, healthDeadlineMs: number, nowMs: number): boolean {
  if (isEnded(replica)) return false;
  if (replica.phase === 'running' && replica.health.status === 'unhealthy') return true;
  const dueAtMs = healthDueAtMs(replica, healthDeadlineMs);
  return dueAtMs !== null && nowMs >= dueAtMs;
}

/** Whether it ended by itself and badly, as far as its exit tells: those that are asked to stop exit otherwise. */
export function endedBadly(replica: Replica): boolean {
  const { error, wasOutOfMemory, exitCode, health } = replica;
  if (!isEnded(replica)) return false;
  return error !== '' || wasOutOfMemory || health.status === 'unhealthy' || ![0, 130, 143, null].includes(exitCode);
}

/** "exit code 1", "exit code 137, out of memory", or why it could not be started. */
export function endText({ error, exitCode, wasOutOfMemory }: Replica): string {
  if (error !== '') return error;
  const code = exitCode === null ? 'without an exit code' : `exit code ${exitCode}`;
  return wasOutOfMemory ? `${code}, out of memory` : code;
}

/** "api.4". */
export function replicaLabel(name: ServiceName, { slot }: Pick<Replica, 'slot'>): string {
  return `${name}.${slot}`;
}
