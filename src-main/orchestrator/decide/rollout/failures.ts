/** Which new replicas have failed since the record was last written. */
import type { RolloutDecision } from '#shared/model/service.ts';
import { durationText } from '../duration-text.ts';
import type { Refusal, Replica } from '../facts.ts';
import { endedAtMs, endText, isComplete, isEnded, isFailing, replicaLabel } from '../replica-state.ts';
import { type SlotKey, slotKey, slotKeyOf } from '../slot.ts';
import { isNew, type RolloutContext } from './context.ts';
import { missedHealth } from './health-deadline.ts';
import { acceptedAtMs, decision, tellsOfFailure } from './record.ts';

/** A failure that the record does not tell of yet. Until it does, what failed is left as it is. */
export interface UnrecordedFailure {
  /** Null for what is no replica's. */
  readonly slotKey: SlotKey | null;
  readonly containerId: string | null;
  readonly decision: RolloutDecision;
}

/**
 * A new replica fails once: by ending, by not becoming healthy in time, or by being restarted or
 * unhealthy within `monitorMs` after it became healthy. What ended with its engine, or was stopped
 * since its slot has another one, has not failed.
 */
export function newFailures(context: RolloutContext): UnrecordedFailure[] {
  const { situation, rollout, target, hash, slots } = context;
  const wanted = new Set(slots.map(slotKey));
  const failures: UnrecordedFailure[] = [];
  for (const replica of [...situation.ended, ...situation.live]) {
    if (replica.templateHash !== hash || !isNew(replica, rollout)) continue;
    const key = slotKeyOf(replica, target);
    if (!wanted.has(key) || situation.isExcused(replica) || situation.isQuiet(replica)) continue;
    if (tellsOfFailure(rollout, replica.containerId)) continue;
    const failure = failureOf(context, replica, key);
    if (failure !== null) failures.push(failure);
  }
  for (const refusal of situation.facts.refusals) {
    if (refusal.revision !== rollout.toRevision || refusal.atMs < rollout.startedAtMs) continue;
    const key = refusalKey(refusal);
    if (!tellsOfFailure(rollout, key)) failures.push(refusedFailure(context, refusal, key));
  }
  return failures;
}

function failureOf(context: RolloutContext, replica: Replica, key: SlotKey): UnrecordedFailure | null {
  const { situation, rollout, target, policy, hash } = context;
  const { nowMs } = situation;
  const { containerId, hostId, slot, attempt, health, exitCode, wasOutOfMemory } = replica;
  const hasOther = situation
    .liveIn(key, hash, target)
    .some((other) => other !== replica && !isFailing(other, policy.healthDeadlineMs, nowMs));
  const found = hasOther ? null : whatFailed(context, replica);
  if (found === null) return null;
  const acceptedMs = acceptedAtMs(rollout, replica);
  // Later than that it is an ordinary failure, which the reconciler repairs.
  if (acceptedMs !== null && found.atMs - acceptedMs > policy.monitorMs) return null;
  const after = acceptedMs === null ? '' : `, ${durationText(found.atMs - acceptedMs)} after it became healthy`;
  return {
    slotKey: key,
    containerId,
    decision: decision(
      nowMs,
      acceptedMs === null ? found.gate : 'monitor',
      'failed',
      `${replicaLabel(target.spec.name, replica)} ${found.why}${after}`,
      {
        evidence: {
          containerId,
          host: hostId,
          slot,
          attempt,
          exitCode: isEnded(replica) ? exitCode : null,
          outOfMemory: wasOutOfMemory,
          health: health.detail,
        },
      },
    ),
  };
}

function whatFailed(
  { situation, rollout, target, policy }: RolloutContext,
  replica: Replica,
): { readonly gate: 'started' | 'health'; readonly why: string; readonly atMs: number } | null {
  const { nowMs } = situation;
  if (isEnded(replica)) {
    const atMs = endedAtMs(replica);
    if (isComplete(replica, target.spec.restart) || atMs < rollout.startedAtMs) return null;
    return {
      gate: 'started',
      why: replica.error === '' ? `ended with ${endText(replica)}` : `could not be started: ${replica.error}`,
      atMs,
    };
  }
  if (replica.phase === 'running' && replica.health.status === 'unhealthy') {
    return { gate: 'health', why: `is not healthy: ${replica.health.detail}`, atMs: replica.health.sinceMs };
  }
  const missed = missedHealth(replica, policy.healthDeadlineMs, nowMs);
  if (missed !== null) return { gate: 'health', why: missed, atMs: nowMs };
  const atMs = replica.startedAtMs ?? nowMs;
  const returnedAtMs = situation.placement.host(replica.hostId)?.returnedAtMs ?? null;
  const isExcused = returnedAtMs !== null && atMs <= returnedAtMs;
  if (replica.restarts === 0 || isExcused) return null;
  return { gate: 'started', why: 'ended and was started again by its engine', atMs };
}

function refusedFailure({ target, situation }: RolloutContext, refusal: Refusal, key: string): UnrecordedFailure {
  const label = replicaLabel(target.spec.name, refusal);
  return {
    slotKey: target.spec.mode.kind === 'global' ? refusal.hostId : refusal.slot,
    containerId: null,
    decision: decision(situation.nowMs, 'started', 'failed', `${label} could not be made: ${refusal.message}`, {
      evidence: { containerId: key, host: refusal.hostId, slot: refusal.slot, attempt: refusal.attempt },
    }),
  };
}

/** Stands where a container's id would: no container was made. */
function refusalKey({ hostId, slot, attempt }: Refusal): string {
  return `refused ${slot}/${attempt} on ${hostId}`;
}
