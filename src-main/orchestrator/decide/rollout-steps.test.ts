import { expect, it } from 'vitest';
import type { Rollout, RolloutDecision } from '#shared/model/service.ts';
import { rolloutSteps, stageKey } from './rollout-steps.ts';
import { sampleRollout } from './sample.fixture.ts';

function made(stage: Rollout['stage'], gate: RolloutDecision['gate'], detail: string): RolloutDecision {
  return { atMs: 1, gate, verdict: 'passed', detail, durationMs: 1_200, evidence: { stage: stageKey(stage) } };
}

const image = made({ name: 'preparing' }, 'image', 'The image is on dock-a');
const health = made({ name: 'replacing', lastBatchAtMs: null }, 'health', 'api.1 is healthy');

it('says of each step that is done what it rests on', () => {
  const rollout = sampleRollout({ stage: { name: 'replacing', lastBatchAtMs: null }, decisions: [image] });
  expect(rolloutSteps(rollout, null, 5_000).map(({ key, state, aside }) => [key, state, aside])).toEqual([
    ['preparing', 'done', 'The image is on dock-a, 1.2 s'],
    ['replacing', 'active', expect.any(String)],
    ['monitoring', 'waiting', expect.any(String)],
  ]);
});

it('shows a failure at the step that it happened in', () => {
  const stage = { name: 'ended', outcome: 'failed', detail: 'api.2 ended with exit code 3.' } as const;
  const steps = rolloutSteps(sampleRollout({ stage, decisions: [image, health], endedAtMs: 9 }), null, 5_000);
  expect(steps.map(({ key, state, detail }) => [key, state, detail])).toEqual([
    ['preparing', 'done', null],
    ['replacing', 'failed', 'api.2 ended with exit code 3.'],
    ['monitoring', 'waiting', null],
  ]);
});

it('says a time once', () => {
  const stage = { name: 'shifting', step: 1, sinceMs: 0 } as const;
  const policy = { ...sampleRollout().policy, strategy: 'canary' as const };
  const held = made({ ...stage, step: 0 }, 'limits', '1 min at 10 % within all limits');
  const steps = rolloutSteps(sampleRollout({ stage, policy, decisions: [image, held] }), null, 5_000);
  expect(steps.find(({ key }) => key === 'shifting 0')).toMatchObject({
    state: 'done',
    aside: '1 min at 10 % within all limits',
  });
});
