/** Whether a canary keeps its limits, from counters that only grow. */
import type { Rollout, RolloutDecision } from '#shared/model/service.ts';
import type { UpdatePolicy } from '#shared/model/service-spec.ts';
import type { Replica } from '../facts.ts';
import type { RolloutProgress } from '../service-plan.ts';

/** Counters of several replicas together. */
export interface Counters {
  readonly requests: number;
  readonly errors: number;
  /** Cumulative counts by upper bound, ascending. */
  readonly latency: readonly { readonly leMs: number; readonly count: number }[];
}

/** With fewer requests than this, shares and percentiles say nothing yet. */
export const requestsMin = 20;

/** What was measured, beside what is allowed. */
export interface Measurement {
  readonly requests: number;
  readonly errorPercent: number | null;
  readonly p99Ms: number | null;
  readonly restarts: number;
}

/** The counters of some replicas, added up. */
export function sumCounters(replicas: readonly Replica[]): Counters {
  let requests = 0;
  let errors = 0;
  const latency = new Map<number, number>();
  for (const { counters } of replicas) {
    requests += counters?.requests ?? 0;
    errors += counters?.errors ?? 0;
    for (const { leMs, count } of counters?.latency ?? []) latency.set(leMs, (latency.get(leMs) ?? 0) + count);
  }
  const ascending = [...latency].sort(([a], [b]) => a - b);
  return { requests, errors, latency: ascending.map(([leMs, count]) => ({ leMs, count })) };
}

/** What happened between two readings. Counters that have become less were begun anew: then all of them counts. */
export function difference(now: Counters, before: Counters | null): Counters {
  if (before === null || now.requests < before.requests || now.errors < before.errors) return now;
  const counts = new Map(before.latency.map(({ leMs, count }) => [leMs, count]));
  return {
    requests: now.requests - before.requests,
    errors: now.errors - before.errors,
    latency: now.latency.map(({ leMs, count }) => ({ leMs, count: Math.max(0, count - (counts.get(leMs) ?? 0)) })),
  };
}

/**
 * The time that `share` of the answers took at most, by the buckets of a histogram; within a
 * bucket answers are taken to be spread evenly, as Prometheus's `histogram_quantile` does. An
 * answer beyond the last finite bound counts as that bound. Null without answers.
 */
export function quantileMs(latency: Counters['latency'], share: number): number | null {
  const all = latency.at(-1)?.count ?? 0;
  if (all === 0) return null;
  const rank = share * all;
  let lowerMs = 0;
  let below = 0;
  for (const { leMs, count } of latency) {
    if (count >= rank) {
      if (!Number.isFinite(leMs)) return lowerMs;
      const inBucket = count - below;
      return inBucket <= 0 ? leMs : lowerMs + (leMs - lowerMs) * ((rank - below) / inBucket);
    }
    lowerMs = leMs;
    below = count;
  }
  return lowerMs;
}

/** A canary's replicas since its traffic last changed. */
export function measure(rollout: Rollout, replicas: readonly Replica[]): Measurement {
  const { requests, errors, latency } = difference(sumCounters(replicas), baselineOf(rollout));
  return {
    requests,
    errorPercent: requests === 0 ? null : Math.min(100, (errors / requests) * 100),
    p99Ms: quantileMs(latency, 0.99),
    restarts: rollout.failures,
  };
}

/** The limits with what was measured, for the view; those that are not judged are left out. */
export function limitRows(limits: UpdatePolicy['limits'], measured: Measurement): RolloutProgress['limits'] {
  const rows = [
    { name: '5xx', value: measured.errorPercent, max: limits.errorPercentMax, unit: '%' },
    { name: 'p99', value: measured.p99Ms, max: limits.p99MsMax, unit: 'ms' },
    { name: 'Restarts', value: measured.restarts, max: limits.restartsMax, unit: '' },
  ];
  return rows.flatMap((row) => (row.max === null ? [] : [{ ...row, max: row.max }]));
}

/** The first limit that is broken, as a sentence; null while all hold. `isFinal`: few requests have to do. */
export function brokenLimit(limits: UpdatePolicy['limits'], measured: Measurement, isFinal: boolean): string | null {
  const { requests, errorPercent, p99Ms, restarts } = measured;
  const isEnough = requests >= requestsMin || (isFinal && requests > 0);
  if (limits.restartsMax !== null && restarts > limits.restartsMax) {
    return `${restarts} new replicas failed, ${limits.restartsMax} may`;
  }
  if (isEnough && limits.errorPercentMax !== null && errorPercent !== null && errorPercent > limits.errorPercentMax) {
    return `${errorPercent.toFixed(2)} % of ${requests} requests failed, ${limits.errorPercentMax} % may`;
  }
  if (isEnough && limits.p99MsMax !== null && p99Ms !== null && p99Ms > limits.p99MsMax) {
    return `p99 is ${Math.round(p99Ms)} ms over ${requests} requests, ${limits.p99MsMax} ms is allowed`;
  }
  return null;
}

/** What a measurement leaves in the record. */
export function measurementEvidence({
  requests,
  errorPercent,
  p99Ms,
  restarts,
}: Measurement): RolloutDecision['evidence'] {
  return { requests, errorPercent, p99Ms, restarts };
}

/** The counters as they are now, to be found again by `measure` in the record of the change of traffic. */
export function baselineEvidence(replicas: readonly Replica[]): RolloutDecision['evidence'] {
  const { requests, errors, latency } = sumCounters(replicas);
  // JSON has no infinity: the last bucket's bound is null.
  return { baseline: JSON.stringify([requests, errors, latency.map(({ leMs, count }) => [leMs, count])]) };
}

function baselineOf({ decisions }: Rollout): Counters | null {
  const text = decisions.findLast(({ gate, evidence }) => gate === 'traffic' && 'baseline' in evidence)?.evidence[
    'baseline'
  ];
  if (typeof text !== 'string') return null;
  const [requests, errors, latency] = JSON.parse(text) as [number, number, [number | null, number][]];
  return {
    requests,
    errors,
    latency: latency.map(([leMs, count]) => ({ leMs: leMs ?? Number.POSITIVE_INFINITY, count })),
  };
}
