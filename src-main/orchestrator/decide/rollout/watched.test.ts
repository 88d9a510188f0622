import { expect, it } from 'vitest';
import { updatePolicySchema } from '#shared/model/service-spec.ts';
import { nowMs, planOf, sampleReplica, sampleRevision, sampleRollout } from '../sample.fixture.ts';

it('a rollout that was watched has not ended while one of before takes traffic again', () => {
  const revisions = [1, 2].map((number) => sampleRevision(number, { mode: { kind: 'replicated', replicas: 1 } }));
  const rollout = sampleRollout({
    stage: { name: 'monitoring', sinceMs: nowMs - 10_000 },
    policy: updatePolicySchema.parse({ monitorMs: 1_000 }),
  });
  const planWith = (traffic: 'ready' | 'drain') =>
    planOf({ revisions, rollout, replicas: [sampleReplica(2, 1), sampleReplica(1, 2, { traffic })] });
  expect(planWith('ready').move).not.toMatchObject({ kind: 'end' });
  expect(planWith('drain').move).toMatchObject({ kind: 'end', outcome: 'succeeded' });
});
