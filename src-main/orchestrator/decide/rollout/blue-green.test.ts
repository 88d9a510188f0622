import { describe, expect, it } from 'vitest';
import type { Replica } from '../facts.ts';
import {
  actionsOf,
  drained,
  endedReplica,
  freshReplica,
  nowMs,
  old,
  planOf,
  policyOf,
  rolloutAt,
  sampleRevision,
  sampleRollout,
  told,
  trafficOf,
} from '../sample.fixture.ts';

describe('blue-green', () => {
  const policy = { strategy: 'blue-green' };
  const ready = [1, 2, 3].map((slot) => freshReplica(slot));
  const checked = ready.map((each) => ({ ...each, ...drained }));

  it('starts all beside the old ones, without traffic', () => {
    const plan = planOf({
      rollout: rolloutAt({ name: 'starting' }, policy),
      replicas: [...old, { ...checked[0] } as Replica],
    });
    expect(actionsOf(plan)).toEqual(['create 2.2 on a', 'create 2.3 on a']);
    expect(trafficOf(plan)).toEqual(['2.1 drain', '1.1 256', '1.2 256', '1.3 256']);
  });

  it('switches when all are healthy, all at once, and keeps the old ones', () => {
    const starting = planOf({ rollout: rolloutAt({ name: 'starting' }, policy), replicas: [...old, ...checked] });
    expect(starting.move).toMatchObject({ kind: 'advance', to: { name: 'switching', sinceMs: nowMs } });
    expect(trafficOf(starting).slice(0, 3)).toEqual(['2.1 drain', '2.2 drain', '2.3 drain']);
    const switching = planOf({
      rollout: rolloutAt({ name: 'switching', sinceMs: nowMs }, policy),
      replicas: [...old, ...checked],
    });
    expect(trafficOf(switching)).toEqual(['2.1 256', '2.2 256', '2.3 256', '1.1 drain', '1.2 drain', '1.3 drain']);
    expect(switching).toMatchObject({ move: { kind: 'note' }, actions: [] });
  });

  it('is watched and ends with the old ones kept', () => {
    const decisions = [1, 2, 3].map((slot) => told(`2.${slot}`));
    const left = old.map((each) => ({ ...each, ...drained }));
    const switched = rolloutAt({ name: 'switching', sinceMs: nowMs - 100 }, policy, { decisions });
    expect(planOf({ rollout: switched, replicas: [...left, ...ready] }).move).toMatchObject({
      to: { name: 'monitoring' },
    });
    const over = rolloutAt({ name: 'monitoring', sinceMs: nowMs - 5_000 }, policy, { decisions });
    expect(planOf({ rollout: over, replicas: [...left, ...ready] }).move).toMatchObject({
      kind: 'end',
      outcome: 'succeeded',
      keepPreviousUntilMs: nowMs + 300_000,
      decisions: [{ gate: 'monitor', verdict: 'passed' }],
    });
  });

  it('goes back by traffic alone when the new ones fail while they are watched', () => {
    const decisions = [1, 2, 3].map((slot) => told(`2.${slot}`));
    const left = old.map((each) => ({ ...each, ...drained }));
    const dead = endedReplica(2, 3, { createdAtMs: nowMs - 5_000 });
    const rollout = rolloutAt({ name: 'monitoring', sinceMs: nowMs - 1_000 }, policy, { decisions });
    expect(planOf({ rollout, replicas: [...left, ...ready.slice(0, 2), dead] }).move).toMatchObject({
      outcome: 'failed',
      backTo: 1,
    });
    const back = sampleRollout({
      kind: 'auto-rollback',
      fromRevision: 2,
      toRevision: 1,
      stage: { name: 'preparing' },
      policy: policyOf(policy),
    });
    const first = planOf({ rollout: back, replicas: [...left, ...ready.slice(0, 2), dead] });
    expect(first.move).toMatchObject({ kind: 'advance', to: { name: 'switching' } });
    const then = planOf({
      rollout: { ...back, stage: { name: 'switching', sinceMs: nowMs } },
      replicas: [...left, ...ready.slice(0, 2), dead],
    });
    expect(trafficOf(then)).toEqual(['1.1 256', '1.2 256', '1.3 256', '2.1 drain', '2.2 drain']);
    const gone = ready.slice(0, 2).map((each) => ({ ...each, ...drained }));
    const last = planOf({
      rollout: { ...back, stage: { name: 'switching', sinceMs: nowMs } },
      replicas: [...old, ...gone, dead],
    });
    expect(last.move).toMatchObject({ kind: 'end', outcome: 'succeeded', keepPreviousUntilMs: null });
    expect(actionsOf(last)).toEqual(['stop 2.1', 'stop 2.2']);
  });

  it('of what only scales is no more than scaling', () => {
    const revisions = [sampleRevision(1), sampleRevision(2, { mode: { kind: 'replicated', replicas: 4 } })];
    const plan = planOf({
      revisions,
      hashes: { 2: 'h1' },
      rollout: rolloutAt({ name: 'preparing' }, policy),
      replicas: old,
    });
    expect(plan.move).toMatchObject({ to: { name: 'replacing' } });
  });
});
