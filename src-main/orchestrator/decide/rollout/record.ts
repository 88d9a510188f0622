/** What a rollout's record says already, and new entries for it. */
import type { Rollout, RolloutDecision } from '#shared/model/service.ts';
import type { Replica } from '../facts.ts';
import { replicaLabel } from '../replica-state.ts';
import type { RolloutContext } from './context.ts';

/** The record holds 200 entries; beyond this many, healthy replicas get none of their own. */
const healthEntriesMax = 100;
/** Beyond this many there is no room left to tell one failure from another. */
export const entriesMax = 180;
const detailLengthMax = 2_000;

/** A new entry. */
export function decision(
  atMs: number,
  gate: RolloutDecision['gate'],
  verdict: RolloutDecision['verdict'],
  detail: string,
  more: { durationMs?: number | null; evidence?: RolloutDecision['evidence'] } = {},
): RolloutDecision {
  const { durationMs = null, evidence = {} } = more;
  return { atMs, gate, verdict, detail: detail.slice(0, detailLengthMax), durationMs, evidence };
}

/** When the record says that a replica became healthy; null when it does not. */
export function acceptedAtMs({ decisions }: Rollout, { containerId }: Replica): number | null {
  const entry = decisions.find(
    ({ gate, verdict, evidence }) =>
      gate === 'health' && verdict === 'passed' && evidence['containerId'] === containerId,
  );
  return entry?.atMs ?? null;
}

/** Whether the record tells of a failure; `key` is a container id, or names a refusal. */
export function tellsOfFailure({ decisions }: Rollout, key: string): boolean {
  return decisions.some(({ verdict, evidence }) => verdict === 'failed' && evidence['containerId'] === key);
}

/** Whether any new replica has become healthy in this rollout. */
export function hasNewReplicas({ decisions }: Rollout): boolean {
  return decisions.some(({ gate, verdict }) => gate === 'health' && verdict === 'passed');
}

/** Entries for new replicas that have become healthy since the record was last written. */
export function healthEntries(
  { rollout, target, situation }: RolloutContext,
  healthy: readonly Replica[],
): RolloutDecision[] {
  const room = healthEntriesMax - rollout.decisions.length;
  return healthy
    .filter((replica) => acceptedAtMs(rollout, replica) === null)
    .slice(0, Math.max(0, room))
    .map((replica) => {
      const { containerId, hostId, slot, health, startedAtMs } = replica;
      const checks = health.passes > 1 ? `, ${health.passes} checks in a row` : '';
      return decision(
        situation.nowMs,
        'health',
        'passed',
        `${replicaLabel(target.spec.name, replica)} is healthy${checks}`,
        {
          durationMs: startedAtMs === null ? null : Math.max(0, health.sinceMs - startedAtMs),
          evidence: { containerId, host: hostId, slot, check: health.detail },
        },
      );
    });
}
