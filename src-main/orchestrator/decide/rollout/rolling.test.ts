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
  sampleReplica,
  sampleRevision,
  sampleRollout,
  startingReplica,
  told,
  trafficOf,
} from '../sample.fixture.ts';

describe('a rolling update', () => {
  const rollout = sampleRollout();

  it('starts a new replica before the old one is touched', () => {
    const plan = planOf({ rollout, replicas: old });
    expect(actionsOf(plan)).toEqual(['create 2.1 on a']);
    expect(trafficOf(plan)).toEqual(['1.1 256', '1.2 256', '1.3 256']);
    expect(plan.progress).toMatchObject({ healthy: 0, wanted: 3, weightPercent: 0 });
  });

  it('waits until it is healthy, and hands over in one step', () => {
    expect(actionsOf(planOf({ rollout, replicas: [...old, startingReplica(2, 1)] }))).toEqual([]);
    const handover = planOf({
      rollout,
      replicas: [...old, startingReplica(2, 1, { health: sampleReplica(2, 1).health })],
    });
    expect(trafficOf(handover)).toEqual(['2.1 256', '1.2 256', '1.3 256', '1.1 drain']);
    expect(handover.move).toMatchObject({
      kind: 'note',
      progressed: true,
      decisions: [{ gate: 'health', detail: 'api.1 is healthy, 3 checks in a row' }],
    });
  });

  it('does not stop the old one before the new one is seen to take traffic', () => {
    const leaving = [{ ...sampleReplica(1, 1), ...drained }];
    const unseen = { ...sampleReplica(2, 1), ...drained };
    const revisions = [1, 2].map((number) => sampleRevision(number, { mode: { kind: 'replicated', replicas: 1 } }));
    expect(actionsOf(planOf({ revisions, rollout, replicas: [...leaving, unseen] }))).toEqual([]);
    expect(actionsOf(planOf({ revisions, rollout, replicas: [...leaving, sampleReplica(2, 1)] }))).toEqual([
      'stop 1.1',
    ]);
  });

  it('ends when all is replaced and watched', () => {
    const replicas = [1, 2, 3].map((slot) => sampleReplica(2, slot));
    const watched = planOf({ rollout, replicas });
    expect(watched.move).toMatchObject({ kind: 'advance', to: { name: 'monitoring', sinceMs: nowMs } });
    const monitoring = sampleRollout({
      stage: { name: 'monitoring', sinceMs: nowMs - 4_000 },
      decisions: [1, 2, 3].map((slot) => told(`2.${slot}`)),
    });
    expect(planOf({ rollout: monitoring, replicas })).toMatchObject({ move: null, wakeAtMs: nowMs + 1_000 });
    const over = { ...monitoring, stage: { name: 'monitoring' as const, sinceMs: nowMs - 5_000 } };
    expect(planOf({ rollout: over, replicas }).move).toMatchObject({
      kind: 'end',
      outcome: 'succeeded',
      detail: 'Revision 2 serves with 3 replicas.',
      keepPreviousUntilMs: null,
    });
  });

  it('that only scales replaces nothing and ends at once', () => {
    const revisions = [sampleRevision(1), sampleRevision(2, { mode: { kind: 'replicated', replicas: 5 } })];
    const hashes = { 2: 'h1' };
    expect(actionsOf(planOf({ revisions, hashes, rollout, replicas: old }))).toEqual([
      'create 2.4 on a',
      'create 2.5 on a',
    ]);
    const fewer = [sampleRevision(1), sampleRevision(2, { mode: { kind: 'replicated', replicas: 2 } })];
    const plan = planOf({ revisions: fewer, hashes, rollout, replicas: old });
    expect(trafficOf(plan)).toEqual(['1.1 256', '1.2 256', '1.3 drain']);
    expect(plan.move).toMatchObject({ kind: 'end', outcome: 'succeeded' });
  });

  it('stops first where it is told to, but never the last one that works', () => {
    const policy = { ...rollout.policy, order: 'stop-first' as const, parallelism: 0 };
    const plan = planOf({ rollout: { ...rollout, policy }, replicas: old });
    expect(actionsOf(plan)).toEqual([]);
    expect(trafficOf(plan)).toEqual(['1.3 256', '1.1 drain', '1.2 drain']);
    const gone = [sampleReplica(1, 1, drained), sampleReplica(1, 2, drained), old[2] as never];
    expect(actionsOf(planOf({ rollout: { ...rollout, policy }, replicas: gone }))).toEqual(['stop 1.1', 'stop 1.2']);
  });

  it('of a single writer to a volume never runs two at once', () => {
    const mounts = [{ kind: 'volume' as const, volume: 'data', target: '/data' }];
    const revisions = [1, 2].map((number) =>
      sampleRevision(number, { mounts, mode: { kind: 'replicated', replicas: 1 } }),
    );
    const only = sampleReplica(1, 1);
    expect(trafficOf(planOf({ revisions, rollout, replicas: [only] }))).toEqual(['1.1 drain']);
    expect(actionsOf(planOf({ revisions, rollout, replicas: [{ ...only, ...drained }] }))).toEqual(['stop 1.1']);
    expect(actionsOf(planOf({ revisions, rollout, replicas: [endedReplica(1, 1, { exitCode: 143 })] }))).toEqual([
      'create 2.1 on a',
      'remove 1.1',
    ]);
    // Left by a rollout that was superseded: it goes too, although nothing has taken over.
    const left = sampleReplica(3, 1, drained);
    const all = [...revisions, sampleRevision(3, { mounts, mode: { kind: 'replicated', replicas: 1 } })];
    const plan = planOf({ revisions: all, rollout, replicas: [left] });
    expect(trafficOf(plan)).toEqual(['3.1 drain']);
    expect(actionsOf(plan)).toEqual(['stop 3.1']);
  });
});

describe('batches', () => {
  const stage = { name: 'replacing', lastBatchAtMs: null } as const;

  it('are as large as the parallelism', () => {
    const rollout = rolloutAt(stage, { parallelism: 2 });
    expect(actionsOf(planOf({ rollout, replicas: old }))).toEqual(['create 2.1 on a', 'create 2.2 on a']);
    expect(actionsOf(planOf({ rollout, replicas: [...old, freshReplica(1), startingReplica(2, 2)] }))).toEqual([
      'create 2.3 on a',
    ]);
    expect(actionsOf(planOf({ rollout: rolloutAt(stage, { parallelism: 0 }), replicas: old }))).toHaveLength(3);
  });

  it('are whole, recorded and past before the next one begins, where there is a delay', () => {
    const delayed = { parallelism: 2, delayMs: 10_000 };
    const half = planOf({
      rollout: rolloutAt(stage, delayed, { decisions: [told('2.1')] }),
      replicas: [...old, freshReplica(1), startingReplica(2, 2)],
    });
    expect(half).toMatchObject({ actions: [], move: null });
    const healthySinceMs = nowMs - 4_000;
    const both = [1, 2].map((slot) =>
      freshReplica(slot, { health: { status: 'healthy', sinceMs: healthySinceMs, detail: '', passes: 1 } }),
    );
    const decisions = [told('2.1'), told('2.2')];
    const whole = planOf({ rollout: rolloutAt(stage, delayed, { decisions }), replicas: [...both, old[2] as Replica] });
    expect(whole).toMatchObject({
      actions: [],
      move: { kind: 'advance', to: { name: 'replacing', lastBatchAtMs: healthySinceMs } },
    });
    const waiting = rolloutAt({ ...stage, lastBatchAtMs: healthySinceMs }, delayed, { decisions });
    expect(planOf({ rollout: waiting, replicas: [...both, old[2] as Replica] })).toMatchObject({
      actions: [],
      wakeAtMs: nowMs + 6_000,
    });
    const past = { ...waiting, policy: policyOf({ ...delayed, delayMs: 4_000 }) };
    expect(actionsOf(planOf({ rollout: past, replicas: [...both, old[2] as Replica] }))).toEqual(['create 2.3 on a']);
  });
});
