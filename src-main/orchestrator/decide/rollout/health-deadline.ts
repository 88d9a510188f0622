/** The two clocks of a rollout: for each new replica to become healthy, and for the whole to get on. */
import type { Rollout } from '#shared/model/service.ts';
import { durationText } from '../duration-text.ts';
import type { Replica } from '../facts.ts';
import { healthDueAtMs } from '../replica-state.ts';

/**
 * When the rollout has failed if nothing gets on until then. What a hold, a delay or a person made
 * it wait does not count.
 */
export function progressDueAtMs({ progressAtMs, policy, decisions }: Rollout, heldUntilMs = progressAtMs): number {
  const decidedAtMs = decisions.findLast(({ gate }) => gate === 'person')?.atMs ?? progressAtMs;
  return Math.max(progressAtMs, heldUntilMs, decidedAtMs) + policy.progressDeadlineMs;
}

/** Why a replica that did not become healthy in time has failed; null while it has time. */
export function missedHealth(replica: Replica, healthDeadlineMs: number, nowMs: number): string | null {
  const dueAtMs = healthDueAtMs(replica, healthDeadlineMs);
  if (dueAtMs === null || nowMs < dueAtMs) return null;
  const detail = replica.health.detail === '' ? '' : `: ${replica.health.detail}`;
  return `was not healthy within ${durationText(healthDeadlineMs)}${detail}`;
}
