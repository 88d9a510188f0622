import { expect, it } from 'vitest';
import type { RolloutStage } from '#shared/model/service.ts';
import { updatePolicySchema } from '#shared/model/service-spec.ts';
import { nowMs, planOf, sampleHost, sampleReplica, sampleRevision, sampleRollout } from '../sample.fixture.ts';

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

it.each(stages)('a global rollout that is %o of %s waits for a host and never ends without one', (stage, strategy) => {
  const policy = updatePolicySchema.parse({ strategy, canarySteps: [{ weightPercent: 10, holdMs: 100 }] });
  const rollout = sampleRollout({ stage, policy });
  const plan = planOf({ revisions, rollout, hosts: [drainedHost], replicas: [sampleReplica(1, 1)] });
  expect(plan.move).toBeNull();
});
