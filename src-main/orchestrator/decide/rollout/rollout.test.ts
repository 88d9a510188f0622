import { describe, expect, it } from 'vitest';
import type { Rollout, RolloutDecision } from '#shared/model/service.ts';
import { type UpdatePolicy, updatePolicySchema } from '#shared/model/service-spec.ts';
import type { Replica } from '../facts.ts';
import {
  actionsOf,
  drained,
  endedReplica,
  hostId,
  nowMs,
  planOf,
  sampleHost,
  sampleReplica,
  sampleRevision,
  sampleRollout,
  sampleService,
  startingReplica,
  trafficOf,
} from '../sample.fixture.ts';

const old = [1, 2, 3].map((slot) => sampleReplica(1, slot));
const fresh = (slot: number, rest: Partial<Replica> = {}) =>
  sampleReplica(2, slot, { createdAtMs: nowMs - 5_000, startedAtMs: nowMs - 5_000, ...rest });
const policyOf = (policy: object): UpdatePolicy => updatePolicySchema.parse(policy);

function rolloutAt(stage: Rollout['stage'], policy: object = {}, rest: Partial<Rollout> = {}): Rollout {
  return sampleRollout({ stage, policy: policyOf(policy), ...rest });
}

function told(containerId: string, verdict: 'passed' | 'failed' = 'passed'): RolloutDecision {
  return { atMs: nowMs - 3_000, gate: 'health', verdict, detail: '', durationMs: null, evidence: { containerId } };
}

describe('preparing', () => {
  const preparing = rolloutAt({ name: 'preparing' });

  it('touches nothing that runs and waits for the preflight', () => {
    const plan = planOf({ rollout: preparing, preflightProblems: null, replicas: old });
    expect(plan).toMatchObject({ actions: [], move: null, progress: { waitsFor: 'the preflight' } });
    expect(trafficOf(plan)).toEqual(['1.1 256', '1.2 256', '1.3 256']);
  });

  it('begins once the image is there', () => {
    expect(planOf({ rollout: preparing, replicas: old }).move).toMatchObject({
      kind: 'advance',
      to: { name: 'replacing', lastBatchAtMs: null },
      decisions: [
        { gate: 'preflight', verdict: 'passed' },
        { gate: 'image', detail: 'The image is on dock-a' },
      ],
    });
  });

  it.each([
    ['rolling', 'replacing'],
    ['blue-green', 'starting'],
    ['canary', 'starting'],
  ])('begins as %s does, with %s', (strategy, name) => {
    const rollout = rolloutAt({ name: 'preparing' }, { strategy });
    expect(planOf({ rollout, replicas: old }).move).toMatchObject({ kind: 'advance', to: { name } });
  });

  it('fails for what stands against it, before anything is touched', () => {
    const plan = planOf({
      rollout: preparing,
      preflightProblems: ['Port 80 of dock-a is taken by nginx.'],
      replicas: old,
    });
    expect(plan.move).toMatchObject({
      kind: 'end',
      outcome: 'failed',
      detail: 'Port 80 of dock-a is taken by nginx.',
      backTo: 1,
    });
    expect(plan.actions).toEqual([]);
  });

  it('has the image of an unpinned revision brought to one host', () => {
    const revisions = [sampleRevision(1), sampleRevision(2, {}, { digest: null })];
    const plan = planOf({ rollout: preparing, revisions, replicas: old });
    expect(plan).toMatchObject({ prepare: [{ hostId: 'a', revision: 2 }], move: null, actions: [] });
  });

  it('has the image brought to every host that will need it', () => {
    const hosts = ['a', 'b', 'c'].map((id) => sampleHost(id, { images: new Set() }));
    const plan = planOf({ rollout: preparing, hosts, replicas: [] });
    expect(plan.prepare.filter(({ revision }) => revision === 2).map(({ hostId }) => hostId)).toEqual(['a', 'b', 'c']);
    expect(plan.progress?.waitsFor).toBe('the image on dock-a, dock-b, dock-c');
  });

  it('fails with what is wrong with the image', () => {
    const failure = {
      hostId: hostId('a'),
      revision: 2,
      message: 'There is no image parcel/api:1.',
      atMs: nowMs,
      isFinal: true,
    };
    expect(planOf({ rollout: preparing, imageFailures: [failure], replicas: old }).move).toMatchObject({
      kind: 'end',
      detail: 'There is no image parcel/api:1.',
      decisions: [{ gate: 'image', verdict: 'failed' }],
    });
  });

  it('waits for the services that it depends on, and says which', () => {
    const revisions = [sampleRevision(1), sampleRevision(2, { dependsOn: ['postgres', 'nats', 'cache'] })];
    const plan = planOf({
      rollout: preparing,
      revisions,
      dependencies: { postgres: false, nats: true },
      replicas: old,
    });
    expect(plan).toMatchObject({
      move: null,
      progress: { waitsFor: 'postgres to serve and a service cache to be deployed' },
    });
  });

  it('says why it fits nowhere, and fails when that lasts', () => {
    const hosts = [sampleHost('a', { availability: 'drain' })];
    const waits = planOf({ rollout: preparing, hosts });
    expect(waits).toMatchObject({ move: null, progress: { waitsFor: 'a host that fits: 1 host: 1 drained' } });
    const late = { ...preparing, progressAtMs: nowMs - 600_000 };
    expect(planOf({ rollout: late, hosts }).move).toMatchObject({
      kind: 'end',
      outcome: 'failed',
      decisions: [{ gate: 'deadline' }],
    });
  });

  it('restarts what dies meanwhile as it was', () => {
    const plan = planOf({ rollout: preparing, preflightProblems: null, replicas: old.slice(0, 2) });
    expect(actionsOf(plan)).toEqual(['create 1.3 on a']);
  });
});

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
    const sick = fresh(1, { health: { status: 'unhealthy', sinceMs: nowMs - 1_000, detail: 'L7STS 503', passes: 0 } });
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
    expect(planOf({ rollout: replacing, replicas: [...old, fresh(1, { restarts: 1 })] }).move).toMatchObject({
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
    const plan = planOf({ service, replicas: [dead, fresh(2), endedReplica(2, 3, { endedAtMs: nowMs - 9_000 })] });
    expect(trafficOf(plan)).toEqual(['2.2 drain']);
    expect(actionsOf(plan)).toEqual(['remove 2.3']);
  });
});

describe('a paused rollout', () => {
  it('begins nothing more, and what dies comes back as it was', () => {
    const paused = { because: 'person' as const, detail: 'Paused.', sinceMs: nowMs };
    const rollout = rolloutAt({ name: 'replacing', lastBatchAtMs: null }, {}, { paused });
    const plan = planOf({ rollout, replicas: [fresh(1), old[1] as Replica] });
    expect(plan).toMatchObject({ move: null, progress: { waitsFor: 'Paused.' } });
    expect(actionsOf(plan)).toEqual(['create 1.3 on a']);
    expect(trafficOf(plan)).toEqual(['2.1 256', '1.2 256']);
  });
});

describe('batches', () => {
  const stage = { name: 'replacing', lastBatchAtMs: null } as const;

  it('are as large as the parallelism', () => {
    const rollout = rolloutAt(stage, { parallelism: 2 });
    expect(actionsOf(planOf({ rollout, replicas: old }))).toEqual(['create 2.1 on a', 'create 2.2 on a']);
    expect(actionsOf(planOf({ rollout, replicas: [...old, fresh(1), startingReplica(2, 2)] }))).toEqual([
      'create 2.3 on a',
    ]);
    expect(actionsOf(planOf({ rollout: rolloutAt(stage, { parallelism: 0 }), replicas: old }))).toHaveLength(3);
  });

  it('are whole, recorded and past before the next one begins, where there is a delay', () => {
    const delayed = { parallelism: 2, delayMs: 10_000 };
    const half = planOf({
      rollout: rolloutAt(stage, delayed, { decisions: [told('2.1')] }),
      replicas: [...old, fresh(1), startingReplica(2, 2)],
    });
    expect(half).toMatchObject({ actions: [], move: null });
    const healthySinceMs = nowMs - 4_000;
    const both = [1, 2].map((slot) =>
      fresh(slot, { health: { status: 'healthy', sinceMs: healthySinceMs, detail: '', passes: 1 } }),
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

describe('blue-green', () => {
  const policy = { strategy: 'blue-green' };
  const ready = [1, 2, 3].map((slot) => fresh(slot));
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

describe('canary', () => {
  const policy = {
    strategy: 'canary',
    canarySteps: [
      { weightPercent: 10, holdMs: 60_000 },
      { weightPercent: 50, holdMs: null },
    ],
  };
  const checked = fresh(1, drained);
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
    expect(actionsOf(planOf({ rollout, replicas: [...old, fresh(1)] }))).toEqual(['create 2.2 on a']);
    const ready = planOf({
      rollout,
      replicas: [...old, fresh(1, { counters: counters(1_000, 5) }), fresh(2, drained)],
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
    const plan = planOf({ rollout, replicas: [...old, fresh(1, { counters: counters(1_100, 2) })] });
    expect(plan.move).toMatchObject({
      kind: 'end',
      decisions: [{ gate: 'limits', detail: 'At 10 % of the traffic 2.00 % of 100 requests failed, 1 % may' }],
    });
  });

  it.each([
    ['errors', counters(100, 2), {}, '2.00 % of 100 requests failed, 1 % may'],
    ['p99', counters(100, 0, 50), { limits: { p99MsMax: 250 } }, 'p99 is 492 ms over 100 requests, 250 ms is allowed'],
  ])('that breaks its limit of %s goes back', (_, measured, more, detail) => {
    const plan = planOf({ rollout: shifting({}, more), replicas: [...old, fresh(1, { counters: measured })] });
    expect(plan.move).toMatchObject({
      kind: 'end',
      outcome: 'failed',
      backTo: 1,
      detail: `At 10 % of the traffic ${detail}.`,
    });
  });

  it('is not judged by a handful of requests before its step is over', () => {
    const replicas = [...old, fresh(1, { counters: counters(5, 1) })];
    expect(planOf({ rollout: shifting(), replicas }).move).toBeNull();
    const over = { ...shifting(), stage: { name: 'shifting' as const, step: 0, sinceMs: nowMs - 60_000 } };
    expect(planOf({ rollout: over, replicas }).move).toMatchObject({ kind: 'end', outcome: 'failed' });
  });

  it('waits for a person where a step says so, and promotes to all', () => {
    const at = rolloutAt({ name: 'shifting', step: 1, sinceMs: nowMs - 900_000 }, policy, {
      decisions: [told('2.1'), told('2.2')],
    });
    const replicas = [...old, fresh(1), fresh(2)];
    expect(planOf({ rollout: at, replicas })).toMatchObject({
      move: null,
      actions: [],
      progress: { waitsFor: 'a person to promote it beyond 50 %' },
    });
    const promoted = { ...at, promoted: true };
    expect(actionsOf(planOf({ rollout: promoted, replicas }))).toEqual(['create 2.3 on a']);
    expect(planOf({ rollout: promoted, replicas: [...replicas, fresh(3, drained)] }).move).toMatchObject({
      to: { name: 'switching' },
    });
  });

  it('replaces an old replica that dies by one of the old revision', () => {
    expect(
      actionsOf(planOf({ rollout: shifting(), replicas: [old[0] as Replica, old[1] as Replica, fresh(1)] })),
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

describe('a superseding rollout', () => {
  const third = [sampleRevision(1), sampleRevision(2), sampleRevision(3)];

  it('starts from any mixture', () => {
    const rollout = sampleRollout({ toRevision: 3 });
    const plan = planOf({ revisions: third, rollout, replicas: [fresh(1), startingReplica(2, 2), ...old.slice(1)] });
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
    const plan = planOf({ revisions: third, rollout, replicas: [...old, fresh(4)] });
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
    const replicas = [...kept, fresh(1), fresh(2), startingReplica(3, 3), fresh(3)];
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
