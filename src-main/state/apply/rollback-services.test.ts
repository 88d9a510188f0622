import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Rollout } from '#shared/model/service.ts';
import { encodeProposal } from '../proposal.ts';
import { ServiceFixture, serviceId, serviceSpec, stack } from '../service.fixture.ts';
import { checkpointId, commit, main, oneNode, projectId, rollbackId } from '../state.fixture.ts';

let state: ServiceFixture;
beforeEach(() => {
  state = new ServiceFixture().begin();
  state.serve(serviceSpec('api'), { checkpoint: state.checkpoint(1) });
  state.serve(serviceSpec('api', { env: { A: '2' } }), { checkpoint: state.checkpoint(2) });
});
afterEach(() => state.dispose());

const api = serviceId('api');
const planned = { serviceId: api, fromRevision: 2, toRevision: 1 };
/** Back to the first deploy: the code is the same, the service is not. */
const begin = (services: { serviceId: typeof api; fromRevision: number | null; toRevision: number }[] = [planned]) => ({
  kind: 'rollback.begin' as const,
  rollbackId: rollbackId(1),
  projectId,
  checkpointId: checkpointId(1),
  entryId: checkpointId(91),
  branch: main,
  beforeCommit: commit(7),
  afterCommit: commit(7),
  undoneCheckpoints: [],
  taskIds: [],
  services,
});
const handOver = (rollout: Rollout) => ({
  kind: 'rollback.services' as const,
  rollbackId: rollbackId(1),
  services: [{ serviceId: api, rolloutId: rollout.id }],
});

/** Rolls the service to this revision as part of the rollback. */
function roll(toRevision: number): Rollout {
  const id = state.nextRolloutId();
  state.accept({
    kind: 'service.rollBack',
    serviceId: api,
    toRevision,
    origin: { kind: 'timeline', rollbackId: rollbackId(1) },
    rolloutId: id,
    checkpoint: null,
  });
  return state.rollout(id);
}
const revisionsAt = (number: number) => state.read.checkpoint(checkpointId(number))?.revisions;

describe('a rollback of services alone', () => {
  it('is written down, handed to rollouts, and changes its entry when they succeed', () => {
    state.accept(begin());
    expect(state.read.rollback(rollbackId(1))).toMatchObject({
      stage: 'reverting',
      beforeCommit: commit(7),
      afterCommit: commit(7),
      services: [{ ...planned, rolloutId: null }],
    });
    expect(revisionsAt(91)).toEqual({ api: 2 });
    state.accept({ kind: 'rollback.finish', rollbackId: rollbackId(1) });
    const rollout = roll(1);
    expect(rollout.checkpointId).toBe(checkpointId(91));
    state.accept(handOver(rollout));
    expect(state.read.rollback(rollbackId(1))?.services).toEqual([{ ...planned, rolloutId: rollout.id }]);
    state.succeed(rollout);
    expect(revisionsAt(91)).toEqual({ api: 1 });
    expect(revisionsAt(2)).toEqual({ api: 2 });
  });

  it('takes a service back from what is on its way, too', () => {
    const third = state.deploy(serviceSpec('api', { env: { A: '3' } }));
    state.refuse(begin(), 'outdated-plan');
    state.accept(begin([{ ...planned, fromRevision: 3 }]));
    expect(roll(1)).toMatchObject({ fromRevision: 2, toRevision: 1 });
    expect(state.rollout(third.id).stage).toMatchObject({ outcome: 'superseded' });
  });

  it('is taken back the same way, under the entry of the undo', () => {
    state.accept(begin());
    state.accept({ kind: 'rollback.finish', rollbackId: rollbackId(1) });
    state.succeed(roll(1));
    const undo = { kind: 'rollback.beginUndo', rollbackId: rollbackId(1), entryId: checkpointId(92) } as const;
    state.accept({ ...undo, beforeCommit: commit(7), afterCommit: commit(7) });
    const forward = roll(2);
    expect(forward.checkpointId).toBe(checkpointId(92));
    state.accept(handOver(forward));
    state.accept({ kind: 'rollback.finishUndo', rollbackId: rollbackId(1) });
    state.succeed(forward);
    expect(revisionsAt(92)).toEqual({ api: 2 });
    expect(state.read.rollback(rollbackId(1))).toMatchObject({
      stage: 'undone',
      services: [{ rolloutId: forward.id }],
    });
  });

  it.each([
    ['another revision serves', [{ ...planned, fromRevision: 1 }]],
    ['none was served then', [{ ...planned, fromRevision: null }]],
    ['the revision is gone', [{ ...planned, toRevision: 9 }]],
    ['the service is gone', [{ ...planned, serviceId: serviceId('web') }]],
    ['a service is named twice', [planned, planned]],
  ])('is refused when %s', (_name, services) => {
    expect(state.refuse(begin(services), 'outdated-plan')).toContain('open the checkpoint again');
  });

  it('is refused for previews and what is being removed', () => {
    state.serve(serviceSpec('api'), { stack: stack('lane-1') });
    const ofLane = { serviceId: serviceId('api', stack('lane-1')), fromRevision: 1, toRevision: 1 };
    state.refuse(begin([ofLane]), 'outdated-plan');
    state.accept({ kind: 'service.remove', serviceId: api });
    state.refuse(begin(), 'outdated-plan');
  });

  it('is refused when it would change nothing', () => {
    expect(state.refuse(begin([]), 'wrong-state')).toContain('already as they were');
  });
});

describe('rollback.services', () => {
  it('refuses what is not of its plan, and rollouts of others', () => {
    const other = state.deploy(serviceSpec('web'));
    state.refuse(handOver(other), 'not-found');
    state.accept(begin());
    state.refuse(handOver(other), 'not-found');
    const strange = { serviceId: serviceId('web'), rolloutId: other.id };
    state.refuse({ ...handOver(other), services: [strange] }, 'invalid-input');
    state.accept({ kind: 'rollback.refuse', rollbackId: rollbackId(1), detail: 'The target moved.' });
    state.refuse(handOver(roll(1)), 'wrong-state');
  });
});

describe('an entry of a log from before there were services', () => {
  it('begins a rollback of none', () => {
    const { services, ...old } = begin();
    expect(services).toHaveLength(1);
    const command = { ...old, afterCommit: commit(8), atMs: 5 } as unknown as Parameters<
      typeof encodeProposal
    >[0]['command'];
    const index = state.machine.applied().index + 1;
    const data = encodeProposal({ session: 'old', sequence: 1, command });
    state.machine.apply([{ index, term: 1, kind: 'normal', data }], oneNode);
    expect(state.read.rollback(rollbackId(1))).toMatchObject({ stage: 'reverting', services: [] });
  });
});
