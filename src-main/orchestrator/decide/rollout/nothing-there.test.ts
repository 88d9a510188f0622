import { expect, it } from 'vitest';
import type { RolloutStage } from '#shared/model/service.ts';
import { updatePolicySchema } from '#shared/model/service-spec.ts';
import {
  nowMs,
  planOf,
  sampleHost,
  sampleReplica,
  sampleRevision,
  sampleRollout,
  sampleService,
} from '../sample.fixture.ts';

const revisions = [1, 2].map((number) => sampleRevision(number, { mode: { kind: 'global' } }));
const drainedHost = sampleHost('a', { availability: 'drain' });

const stages: [RolloutStage, string][] = [
  [{ name: 'replacing', lastBatchAtMs: null }, 'rolling'],
  [{ name: 'starting' }, 'blue-green'],
  [{ name: 'switching', sinceMs: nowMs - 1_000 }, 'blue-green'],
  [{ name: 'starting' }, 'canary'],
  [{ name: 'shifting', step: 0, sinceMs: nowMs - 1_000 }, 'canary'],
  [{ name: 'monitoring', sinceMs: nowMs - 60_000 }, 'rolling'],
];

it('a rollout to nothing has not ended while one that was kept still takes the traffic', () => {
  const keeping = sampleRollout({
    stage: { name: 'ended', outcome: 'succeeded', detail: '' },
    keepPreviousUntilMs: nowMs + 60_000,
  });
  const none = [1, 2, 3].map((number) => sampleRevision(number, { mode: { kind: 'replicated', replicas: 0 } }));
  const rollout = sampleRollout({ fromRevision: 2, toRevision: 3 });
  const service = sampleService({ servingRevision: 2 });
  const planWith = (traffic: 'ready' | 'drain') =>
    planOf({
      revisions: none,
      hashes: { 3: 'h2' },
      service,
      rollout,
      keeping,
      replicas: [sampleReplica(1, 1, { traffic })],
    });
  expect(planWith('ready').move).not.toMatchObject({ kind: 'end' });
  expect(planWith('drain').move).toMatchObject({ kind: 'end', outcome: 'succeeded' });
});

it.each(stages)('a global rollout that is %o of %s waits for a host and never ends without one', (stage, strategy) => {
  const policy = updatePolicySchema.parse({ strategy, canarySteps: [{ weightPercent: 10, holdMs: 100 }] });
  const rollout = sampleRollout({ stage, policy });
  const plan = planOf({ revisions, rollout, hosts: [drainedHost], replicas: [sampleReplica(1, 1)] });
  expect(plan.move).toBeNull();
});
