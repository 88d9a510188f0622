import { describe, expect, it } from 'vitest';
import type { RolloutView, ServiceView } from '#shared/contract/service-views.ts';
import { goalState } from './await-rollouts.ts';

type Rollout = RolloutView['rollout'];

function rollout(stage: Rollout['stage'], more: Partial<Rollout> = {}): RolloutView {
  return {
    rollout: { kind: 'deploy', toRevision: 2, paused: null, stage, ...more } as Rollout,
    waitsFor: null,
    can: { promote: false, pause: true, resume: false, abort: true },
  } as RolloutView;
}

const failed = rollout({ name: 'ended', outcome: 'failed', detail: 'api.1 was never healthy.' });
const serving = (
  revision: number,
  view: RolloutView | null = null,
): Pick<ServiceView, 'servingRevision' | 'rollout'> => ({
  servingRevision: revision,
  rollout: view,
});

describe('goalState', () => {
  it.each([
    ['has been reached', serving(2), [rollout({ name: 'ended', outcome: 'succeeded', detail: '' })], 'reached'],
    ['was reached before', serving(2), [], 'reached'],
    ['is not begun', serving(1), [], 'under-way'],
    ['is begun', serving(1), [rollout({ name: 'preparing' })], 'under-way'],
    ['has failed', serving(1), [failed], 'missed'],
    ['is superseded', serving(1), [rollout({ name: 'ended', outcome: 'superseded', detail: '' })], 'missed'],
    ['was removed', undefined, [failed], 'missed'],
  ] as const)('knows that it %s', (_what, service, rollouts, state) => {
    expect(goalState(service, rollouts, 2).state).toBe(state);
  });

  it('waits for the way back of a rollout that failed, and says why it failed', () => {
    const back = rollout({ name: 'preparing' }, { kind: 'auto-rollback', toRevision: 1 });
    expect(goalState(serving(1, back), [back, failed], 2)).toEqual({ state: 'under-way' });
    expect(goalState(serving(1), [failed], 2)).toEqual({ state: 'missed', detail: 'api.1 was never healthy.' });
  });

  it('tells a rollout that a person holds from one that is held after a failure', () => {
    const stage = { name: 'replacing' as const, lastBatchAtMs: null };
    const held = (because: 'person' | 'failure') => rollout(stage, { paused: { because, detail: 'why', sinceMs: 0 } });
    expect(goalState(serving(1), [held('person')], 2).state).toBe('waiting');
    expect(goalState(serving(1), [held('failure')], 2).state).toBe('missed');
  });

  it('goes by the newest rollout to the revision', () => {
    expect(goalState(serving(1), [rollout({ name: 'preparing' }), failed], 2).state).toBe('under-way');
  });
});
