import { describe, expect, it } from 'vitest';
import { updatePolicySchema } from '#shared/model/service-spec.ts';
import {
  actionsOf,
  drained,
  planOf,
  sampleReplica,
  sampleRevision,
  sampleRollout,
  sampleService,
  trafficOf,
} from './sample.fixture.ts';

/** Told to end, and not gone yet: it may even pass its checks still. */
const stopping = (revision: number, slot: number) => sampleReplica(revision, slot, { ...drained, isStopping: true });

describe('a replica that is being stopped', () => {
  it('is not taken back by a rollout to its revision', () => {
    const rollout = sampleRollout({ kind: 'rollback', fromRevision: 2, toRevision: 1 });
    const service = sampleService({ servingRevision: 2 });
    const plan = planOf({
      service,
      rollout,
      replicas: [stopping(1, 1), sampleReplica(2, 1), sampleReplica(2, 2), sampleReplica(2, 3)],
    });
    expect(actionsOf(plan).filter((action) => !action.startsWith('stop'))).toEqual(['create 1.1 on a']);
    expect(trafficOf(plan)).toEqual(['2.1 256', '2.2 256', '2.3 256', '1.1 drain']);
    expect(plan.move).toBeNull();
  });

  it('is not taken back by the steady state, and another one takes its slot', () => {
    const plan = planOf({ replicas: [stopping(1, 1), sampleReplica(1, 2), sampleReplica(1, 3)] });
    expect(actionsOf(plan).filter((action) => !action.startsWith('stop'))).toEqual(['create 1.1 on a']);
    expect(trafficOf(plan)).toEqual(['1.2 256', '1.3 256', '1.1 drain']);
  });

  it.each(['blue-green', 'canary'])('does not make a way back of traffic alone (%s)', (strategy) => {
    const service = sampleService({ servingRevision: 2 });
    const policy = updatePolicySchema.parse({ strategy });
    const rollout = sampleRollout({
      kind: 'rollback',
      fromRevision: 2,
      toRevision: 1,
      stage: { name: 'preparing' },
      policy,
    });
    const serving = [1, 2, 3].map((slot) => sampleReplica(2, slot));
    const plan = planOf({ service, rollout, replicas: [stopping(1, 1), stopping(1, 2), stopping(1, 3), ...serving] });
    expect(plan.move).toMatchObject({ kind: 'advance', to: { name: 'starting' } });
  });

  it('is waited for where the old one goes first', () => {
    const spec = { update: { order: 'stop-first' as const } };
    const revisions = [sampleRevision(1, spec), sampleRevision(2, spec)];
    const rollout = sampleRollout({ policy: updatePolicySchema.parse(spec.update) });
    const old = [stopping(1, 1), sampleReplica(1, 2), sampleReplica(1, 3)];
    expect(actionsOf(planOf({ revisions, rollout, replicas: old }))).not.toContain('create 2.1 on a');
    expect(actionsOf(planOf({ revisions, rollout, replicas: old.slice(1) }))).toContain('create 2.1 on a');
    const same = [stopping(2, 1), sampleReplica(1, 2), sampleReplica(1, 3)];
    expect(actionsOf(planOf({ revisions, rollout, replicas: same }))).not.toContain('create 2.1 on a');
  });
});
