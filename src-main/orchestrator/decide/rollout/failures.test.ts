import { describe, expect, it } from 'vitest';
import {
  actionsOf,
  endedReplica,
  freshReplica,
  hostId,
  nowMs,
  old,
  planOf,
  rolloutAt,
  sampleHost,
  sampleRevision,
  sampleService,
  startingReplica,
  told,
  trafficOf,
} from '../sample.fixture.ts';

describe('a failure', () => {
  const replacing = rolloutAt({ name: 'replacing', lastBatchAtMs: null });
  const dead = endedReplica(2, 1, { createdAtMs: nowMs - 5_000, startedAtMs: nowMs - 5_000 });

  it('goes back to the revision that served, with its evidence', () => {
    const plan = planOf({ rollout: replacing, replicas: [...old, dead] });
    expect(plan.move).toMatchObject({
      kind: 'end',
      outcome: 'failed',
      backTo: 1,
      detail: 'api.1 ended with exit code 1.',
      decisions: [{ gate: 'started', verdict: 'failed', evidence: { containerId: '2.1', exitCode: 1 } }],
    });
    expect(actionsOf(plan)).toEqual([]);
  });

  it('within the allowed ratio is recorded once, then the slot is tried again', () => {
    const rollout = rolloutAt(replacing.stage, { failureRatioMax: 0.4 });
    const plan = planOf({ rollout, replicas: [...old, dead] });
    expect(plan.move).toMatchObject({ kind: 'note', failures: 1 });
    expect(actionsOf(plan)).toEqual([]);
    const after = planOf({
      rollout: { ...rollout, failures: 1, decisions: [told('2.1', 'failed')] },
      replicas: [...old, dead],
    });
    expect(after.move).toBeNull();
    expect(actionsOf(after)).toEqual(['create 2.1#2 on a']);
  });

  it('beyond the ratio is one too many', () => {
    const rollout = rolloutAt(replacing.stage, { failureRatioMax: 0.4 }, { failures: 1 });
    expect(planOf({ rollout, replicas: [...old, dead] }).move).toMatchObject({
      kind: 'end',
      detail: 'api.1 ended with exit code 1 (2 failures of 3 replicas).',
    });
  });

  it('pauses where the policy says so', () => {
    const rollout = rolloutAt(replacing.stage, { onFailure: 'pause' });
    expect(planOf({ rollout, replicas: [...old, dead] }).move).toMatchObject({ kind: 'pause' });
  });

  it.each(['rollback', 'auto-rollback'] as const)('of a %s pauses: a way back is never taken back', (kind) => {
    const rollout = { ...replacing, kind };
    expect(planOf({ rollout, replicas: [...old, dead] }).move).toMatchObject({ kind: 'pause' });
  });

  it('goes nowhere when the revision that served is the same', () => {
    const plan = planOf({
      rollout: replacing,
      revisions: [sampleRevision(1, {}, { digest: sampleRevision(2).digest }), sampleRevision(2)],
      replicas: [...old, dead],
    });
    expect(plan.move).toMatchObject({ kind: 'end', outcome: 'failed', backTo: null });
  });

  it('is one that is not healthy in time', () => {
    const late = startingReplica(2, 1, {
      createdAtMs: nowMs - 9_000,
      startedAtMs: nowMs - 9_000,
      health: { status: 'starting', sinceMs: nowMs - 9_000, detail: 'L4CON refused', passes: 0 },
    });
    const rollout = rolloutAt(replacing.stage, { healthDeadlineMs: 9_001, progressDeadlineMs: 60_000 });
    expect(planOf({ rollout, replicas: [...old, late] })).toMatchObject({ move: null, wakeAtMs: nowMs + 1 });
    const due = rolloutAt(replacing.stage, { healthDeadlineMs: 9_000, progressDeadlineMs: 60_000 });
    expect(planOf({ rollout: due, replicas: [...old, late] }).move).toMatchObject({
      kind: 'end',
      detail: 'api.1 was not healthy within 9 s: L4CON refused.',
    });
  });

  it('is one that fails soon after it became healthy, and not one that fails later', () => {
    const sick = freshReplica(1, {
      health: { status: 'unhealthy', sinceMs: nowMs - 1_000, detail: 'L7STS 503', passes: 0 },
    });
    const soon = rolloutAt(replacing.stage, {}, { decisions: [told('2.1')] });
    expect(planOf({ rollout: soon, replicas: [sick, ...old.slice(1)] }).move).toMatchObject({
      kind: 'end',
      decisions: [{ gate: 'monitor', detail: 'api.1 is not healthy: L7STS 503, 2 s after it became healthy' }],
    });
    const later = rolloutAt(replacing.stage, { monitorMs: 1_000 }, { decisions: [told('2.1')] });
    const plan = planOf({ rollout: later, replicas: [sick, ...old.slice(1)] });
    expect(plan.move).toBeNull();
    expect(actionsOf(plan)).toEqual(['create 2.1#2 on a']);
  });

  it('is one that its engine had to start again', () => {
    expect(planOf({ rollout: replacing, replicas: [...old, freshReplica(1, { restarts: 1 })] }).move).toMatchObject({
      kind: 'end',
      outcome: 'failed',
    });
  });

  it('is one that could not be made', () => {
    const refusal = {
      hostId: hostId('a'),
      revision: 2,
      slot: 1,
      attempt: 1,
      message: 'The disk of dock-a is full.',
      atMs: nowMs - 100,
    };
    expect(planOf({ rollout: replacing, refusals: [refusal], replicas: old }).move).toMatchObject({
      kind: 'end',
      detail: 'api.1 could not be made: The disk of dock-a is full.',
    });
  });

  it('is not one that ended with its engine', () => {
    const hosts = [sampleHost('a', { returnedAtMs: nowMs })];
    const plan = planOf({ rollout: replacing, hosts, replicas: [...old, dead] });
    expect(plan.move).toBeNull();
    expect(actionsOf(plan)).toEqual(['create 2.1 on a']);
  });

  it('is no progress for too long', () => {
    const rollout = rolloutAt(replacing.stage, { progressDeadlineMs: 300_000 }, { progressAtMs: nowMs - 300_000 });
    expect(planOf({ rollout, replicas: [...old, startingReplica(2, 1)] }).move).toMatchObject({
      kind: 'end',
      detail: 'No progress for 5 min: it waited for 1 replica to become healthy.',
    });
  });

  it('leaves nothing behind of a first deployment but the last failed container', () => {
    const service = sampleService({ servingRevision: null });
    const plan = planOf({
      service,
      replicas: [dead, freshReplica(2), endedReplica(2, 3, { endedAtMs: nowMs - 9_000 })],
    });
    expect(trafficOf(plan)).toEqual(['2.2 drain']);
    expect(actionsOf(plan)).toEqual(['remove 2.3']);
  });
});
