import { describe, expect, it } from 'vitest';
import type { Rollout } from '#shared/model/service.ts';
import type { Replica } from '../facts.ts';
import {
  actionsOf,
  drained,
  endedReplica,
  freshReplica,
  nowMs,
  old,
  planOf,
  rolloutAt,
  told,
  trafficOf,
} from '../sample.fixture.ts';

describe('canary', () => {
  const policy = {
    strategy: 'canary',
    canarySteps: [
      { weightPercent: 10, holdMs: 60_000 },
      { weightPercent: 50, holdMs: null },
    ],
  };
  const checked = freshReplica(1, drained);
  const counters = (requests: number, errors: number, slow = 0) => ({
    requests,
    errors,
    latency: [
      { leMs: 100, count: requests - slow },
      { leMs: 500, count: requests },
      { leMs: Number.POSITIVE_INFINITY, count: requests },
    ],
  });
  const shifting = (rest: Partial<Rollout> = {}, more: object = {}) =>
    rolloutAt(
      { name: 'shifting', step: 0, sinceMs: nowMs - 20_000 },
      { ...policy, ...more },
      { decisions: [told('2.1')], ...rest },
    );

  it('starts as many as its first step needs', () => {
    expect(actionsOf(planOf({ rollout: rolloutAt({ name: 'starting' }, policy), replicas: old }))).toEqual([
      'create 2.1 on a',
    ]);
    const ready = planOf({ rollout: rolloutAt({ name: 'starting' }, policy), replicas: [...old, checked] });
    expect(ready.move).toMatchObject({ to: { name: 'shifting', step: 0, sinceMs: nowMs } });
  });

  it('takes its part of the traffic', () => {
    const plan = planOf({ rollout: shifting(), replicas: [...old, checked] });
    expect(trafficOf(plan)).toEqual(['2.1 85', '1.1 256', '1.2 256', '1.3 256']);
    expect(plan.progress?.weightPercent).toBeCloseTo(10, 0);
    expect(plan).toMatchObject({
      move: null,
      wakeAtMs: nowMs + 40_000,
      progress: { waitsFor: '40 s more: 1 min must pass without a breach' },
    });
  });

  it('goes on when its step is over, after the replicas of the next step are healthy', () => {
    const rollout = { ...shifting(), stage: { name: 'shifting' as const, step: 0, sinceMs: nowMs - 60_000 } };
    expect(actionsOf(planOf({ rollout, replicas: [...old, freshReplica(1)] }))).toEqual(['create 2.2 on a']);
    const ready = planOf({
      rollout,
      replicas: [...old, freshReplica(1, { counters: counters(1_000, 5) }), freshReplica(2, drained)],
    });
    expect(ready.move).toMatchObject({
      kind: 'advance',
      to: { name: 'shifting', step: 1 },
      decisions: [
        { gate: 'health' },
        { gate: 'limits', verdict: 'passed', evidence: { requests: 1_000, errorPercent: 0.5 } },
        { gate: 'traffic' },
      ],
    });
  });

  it('counts from the beginning of the step', () => {
    const before = {
      atMs: nowMs - 60_000,
      gate: 'traffic' as const,
      verdict: 'noted' as const,
      detail: '',
      durationMs: null,
      evidence: { baseline: '[1000,0,[[100,1000],[500,1000],[null,1000]]]' },
    };
    const rollout = shifting({ decisions: [told('2.1'), before] });
    const plan = planOf({ rollout, replicas: [...old, freshReplica(1, { counters: counters(1_100, 2) })] });
    expect(plan.move).toMatchObject({
      kind: 'end',
      decisions: [{ gate: 'limits', detail: 'At 10 % of the traffic 2.00 % of 100 requests failed, 1 % may' }],
    });
  });

  it.each([
    ['errors', counters(100, 2), {}, '2.00 % of 100 requests failed, 1 % may'],
    ['p99', counters(100, 0, 50), { limits: { p99MsMax: 250 } }, 'p99 is 492 ms over 100 requests, 250 ms is allowed'],
  ])('that breaks its limit of %s goes back', (_, measured, more, detail) => {
    const plan = planOf({ rollout: shifting({}, more), replicas: [...old, freshReplica(1, { counters: measured })] });
    expect(plan.move).toMatchObject({
      kind: 'end',
      outcome: 'failed',
      backTo: 1,
      detail: `At 10 % of the traffic ${detail}.`,
    });
  });

  it('is not judged by a handful of requests before its step is over', () => {
    const replicas = [...old, freshReplica(1, { counters: counters(5, 1) })];
    expect(planOf({ rollout: shifting(), replicas }).move).toBeNull();
    const over = { ...shifting(), stage: { name: 'shifting' as const, step: 0, sinceMs: nowMs - 60_000 } };
    expect(planOf({ rollout: over, replicas }).move).toMatchObject({ kind: 'end', outcome: 'failed' });
  });

  it('waits for a person where a step says so, and promotes to all', () => {
    const at = rolloutAt({ name: 'shifting', step: 1, sinceMs: nowMs - 900_000 }, policy, {
      decisions: [told('2.1'), told('2.2')],
    });
    const replicas = [...old, freshReplica(1), freshReplica(2)];
    expect(planOf({ rollout: at, replicas })).toMatchObject({
      move: null,
      actions: [],
      progress: { waitsFor: 'a person to promote it beyond 50 %' },
    });
    const promoted = { ...at, promoted: true };
    expect(actionsOf(planOf({ rollout: promoted, replicas }))).toEqual(['create 2.3 on a']);
    expect(planOf({ rollout: promoted, replicas: [...replicas, freshReplica(3, drained)] }).move).toMatchObject({
      to: { name: 'switching' },
    });
  });

  it('replaces an old replica that dies by one of the old revision', () => {
    expect(
      actionsOf(planOf({ rollout: shifting(), replicas: [old[0] as Replica, old[1] as Replica, freshReplica(1)] })),
    ).toEqual(['create 1.3 on a']);
  });

  it('brings traffic back to the old ones when its only replica dies', () => {
    const plan = planOf({
      rollout: shifting({}, { failureRatioMax: 1, limits: { restartsMax: null } }),
      replicas: [...old, endedReplica(2, 1, { createdAtMs: nowMs - 5_000 })],
    });
    expect(trafficOf(plan)).toEqual(['1.1 256', '1.2 256', '1.3 256']);
  });
});
