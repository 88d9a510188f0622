import { describe, expect, it } from 'vitest';
import type { Replica } from '../facts.ts';
import {
  actionsOf,
  drained,
  freshReplica,
  nowMs,
  old,
  planOf,
  policyOf,
  rolloutAt,
  sampleReplica,
  sampleRevision,
  sampleRollout,
  sampleService,
  startingReplica,
  trafficOf,
} from '../sample.fixture.ts';

describe('a paused rollout', () => {
  it('begins nothing more, and what dies comes back as it was', () => {
    const paused = { because: 'person' as const, detail: 'Paused.', sinceMs: nowMs };
    const rollout = rolloutAt({ name: 'replacing', lastBatchAtMs: null }, {}, { paused });
    const plan = planOf({ rollout, replicas: [freshReplica(1), old[1] as Replica] });
    expect(plan).toMatchObject({ move: null, progress: { waitsFor: 'Paused.' } });
    expect(actionsOf(plan)).toEqual(['create 1.3 on a']);
    expect(trafficOf(plan)).toEqual(['2.1 256', '1.2 256']);
  });
});

describe('a superseding rollout', () => {
  const third = [sampleRevision(1), sampleRevision(2), sampleRevision(3)];

  it('starts from any mixture', () => {
    const rollout = sampleRollout({ toRevision: 3 });
    const plan = planOf({
      revisions: third,
      rollout,
      replicas: [freshReplica(1), startingReplica(2, 2), ...old.slice(1)],
    });
    // The one that never served goes, the one that does is replaced in its turn.
    expect(actionsOf(plan)).toEqual(['create 3.1 on a', 'stop 2.2']);
    expect(trafficOf(plan)).toEqual(['2.1 256', '1.2 256', '1.3 256', '2.2 drain']);
  });

  it('lets the canaries of the one before go once the old side is whole', () => {
    const rollout = sampleRollout({
      toRevision: 3,
      stage: { name: 'starting' },
      policy: policyOf({ strategy: 'blue-green' }),
    });
    const plan = planOf({ revisions: third, rollout, replicas: [...old, freshReplica(4)] });
    expect(trafficOf(plan)).toEqual(['1.1 256', '1.2 256', '1.3 256', '2.4 drain']);
  });

  it('gives up what an earlier one kept', () => {
    const keeping = sampleRollout({
      fromRevision: 1,
      toRevision: 2,
      stage: { name: 'ended', outcome: 'succeeded', detail: '' },
      keepPreviousUntilMs: nowMs + 1_000,
    });
    const rollout = sampleRollout({ fromRevision: 2, toRevision: 3 });
    const service = sampleService({ servingRevision: 2 });
    const kept = old.map((each) => ({ ...each, ...drained }));
    const replicas = [...kept, freshReplica(1), freshReplica(2), startingReplica(3, 3), freshReplica(3)];
    const plan = planOf({ service, revisions: third, rollout, keeping, replicas });
    expect(plan.move).toEqual({ kind: 'release-previous' });
    expect(actionsOf(plan)).toEqual([]);
  });
});

describe('a way back onto replicas that still run', () => {
  it.each(['rolling', 'blue-green', 'canary'])('is only traffic (%s)', (strategy) => {
    const service = sampleService({ servingRevision: 2 });
    const kept = old.map((each) => ({ ...each, ...drained }));
    const serving = [1, 2, 3].map((slot) => sampleReplica(2, slot));
    const policy = policyOf({ strategy });
    const preparing = sampleRollout({
      kind: 'rollback',
      fromRevision: 2,
      toRevision: 1,
      stage: { name: 'preparing' },
      policy,
    });
    const keeping = sampleRollout({
      stage: { name: 'ended', outcome: 'succeeded', detail: '' },
      keepPreviousUntilMs: nowMs + 60_000,
    });
    const facts = { service, keeping, replicas: [...kept, ...serving] };
    const begin = planOf({ ...facts, rollout: preparing, preflightProblems: null });
    expect(begin.move).toMatchObject({
      kind: 'advance',
      to: { name: strategy === 'rolling' ? 'replacing' : 'switching' },
    });
    expect(trafficOf(begin).filter((share) => share.endsWith('256'))).toEqual(['2.1 256', '2.2 256', '2.3 256']);
    const stage = begin.move?.kind === 'advance' ? begin.move.to : preparing.stage;
    const plan = planOf({ ...facts, rollout: { ...preparing, stage } });
    expect(trafficOf(plan)).toEqual(['1.1 256', '1.2 256', '1.3 256', '2.1 drain', '2.2 drain', '2.3 drain']);
    const after = { ...facts, replicas: [...old, ...serving.map((each) => ({ ...each, ...drained }))] };
    expect(planOf({ ...after, rollout: { ...preparing, stage } }).move).toMatchObject({
      kind: 'end',
      outcome: 'succeeded',
    });
  });
});
