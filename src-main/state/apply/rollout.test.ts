import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Rollout, RolloutStage } from '#shared/model/service.ts';
import { decision, rolloutId, ServiceFixture, serviceId, serviceSpec } from '../service.fixture.ts';
import { checkpointId } from '../state.fixture.ts';

let state: ServiceFixture;
beforeEach(() => {
  state = new ServiceFixture().begin();
});
afterEach(() => state.dispose());

const api = serviceId('api');
const numbered = (number: number) => serviceSpec('api', { env: { NUMBER: `${number}` } });

/** A first revision that serves, and a rollout to the second. */
function underWay(): Rollout {
  state.serve(numbered(1));
  return state.deploy(numbered(2));
}

const advance = (rollout: Rollout, from: RolloutStage, to: RolloutStage) => ({
  kind: 'rollout.advance' as const,
  rolloutId: rollout.id,
  from,
  to,
  failures: 2,
  decisions: [decision('Moved on.')],
});
const preparing = { name: 'preparing' } as const;
const replacing = { name: 'replacing', lastBatchAtMs: null } as const;

describe('rollout.advance', () => {
  it('moves on with its evidence, and counts as progress', () => {
    const rollout = underWay();
    state.nowMs += 500;
    state.accept(advance(rollout, preparing, replacing));
    expect(state.rollout(rollout.id)).toMatchObject({
      stage: replacing,
      failures: 2,
      progressAtMs: state.nowMs,
      decisions: [{ detail: 'Moved on.' }],
    });
    const batch = { name: 'replacing', lastBatchAtMs: 1_234 } as const;
    state.accept(advance(rollout, replacing, batch));
    state.accept(advance(rollout, batch, { name: 'monitoring', sinceMs: 9 }));
  });

  it('compares the whole stage, and refuses what was decided on another one', () => {
    const rollout = underWay();
    state.accept(advance(rollout, preparing, replacing));
    const words = state.refuse(advance(rollout, preparing, replacing), 'wrong-state');
    expect(words).toContain('Rollout 2 of api is replacing by now');
    const otherBatch = { name: 'replacing', lastBatchAtMs: 5 } as const;
    state.refuse(advance(rollout, otherBatch, { name: 'monitoring', sinceMs: 9 }), 'wrong-state');
    state.refuse({ ...advance(rollout, preparing, replacing), rolloutId: rolloutId(99) }, 'not-found');
  });

  it.each([
    [replacing, preparing],
    [replacing, { name: 'starting' }],
    [
      { name: 'switching', sinceMs: 1 },
      { name: 'shifting', step: 0, sinceMs: 1 },
    ],
    [replacing, { name: 'ended', outcome: 'succeeded', detail: 'So it is.' }],
  ] as const)('never goes from %j to %j', (from, to) => {
    const rollout = underWay();
    state.accept(advance(rollout, preparing, from));
    state.refuse(advance(rollout, from, to), 'invalid-input');
  });

  it('is refused while paused and once ended', () => {
    const rollout = underWay();
    state.accept({ kind: 'rollout.pause', rolloutId: rollout.id, because: 'person', detail: 'Wait.' });
    expect(state.refuse(advance(rollout, preparing, replacing), 'wrong-state')).toContain('paused');
    state.accept({ kind: 'rollout.resume', rolloutId: rollout.id });
    state.accept(state.failing(rollout));
    expect(state.refuse(advance(rollout, preparing, replacing), 'wrong-state')).toContain('ended (failed)');
  });
});

describe('rollout.note', () => {
  const note = (rollout: Rollout, progressed: boolean, count = 1, verdict: 'noted' | 'passed' = 'noted') => ({
    kind: 'rollout.note' as const,
    rolloutId: rollout.id,
    decisions: Array.from({ length: count }, (_, at) => decision(`${verdict} ${at}`, { verdict })),
    failures: 3,
    progressed,
  });

  it('adds evidence without moving on', () => {
    const rollout = underWay();
    state.nowMs += 500;
    state.accept(note(rollout, false));
    expect(state.rollout(rollout.id)).toMatchObject({
      stage: preparing,
      failures: 3,
      progressAtMs: rollout.startedAtMs,
    });
    state.accept(note(rollout, true));
    expect(state.rollout(rollout.id).progressAtMs).toBe(state.nowMs);
    state.accept(state.failing(rollout));
    state.refuse(note(rollout, false), 'wrong-state');
  });

  it('keeps 200 decisions: verdicts longer than notes, newer ones longer than older ones', () => {
    const rollout = underWay();
    state.accept(note(rollout, false, 100, 'noted'));
    state.accept(note(rollout, false, 60, 'passed'));
    state.accept(note(rollout, false, 80, 'noted'));
    const details = () => state.rollout(rollout.id).decisions.map(({ detail }) => detail);
    expect(details()).toHaveLength(200);
    expect(details().slice(0, 2)).toEqual(['noted 40', 'noted 41']);
    expect(details().filter((detail) => detail.startsWith('passed'))).toHaveLength(60);
    state.accept(note(rollout, false, 200, 'passed'));
    expect(details()).toEqual(Array.from({ length: 200 }, (_, at) => `passed ${at}`));
  });
});

describe('pausing, resuming and promoting', () => {
  it('stands still with its reason, and goes on where it stood', () => {
    const rollout = underWay();
    state.accept(advance(rollout, preparing, replacing));
    state.accept({ kind: 'rollout.pause', rolloutId: rollout.id, because: 'failure', detail: 'api.1 ended.' });
    expect(state.rollout(rollout.id)).toMatchObject({
      paused: { because: 'failure', detail: 'api.1 ended.', sinceMs: state.nowMs },
      stage: replacing,
      failures: 2,
    });
    const pause = { kind: 'rollout.pause', rolloutId: rollout.id, because: 'person', detail: 'Wait.' } as const;
    state.refuse(pause, 'wrong-state');
    state.nowMs += 10_000;
    state.accept({ kind: 'rollout.resume', rolloutId: rollout.id });
    expect(state.rollout(rollout.id)).toMatchObject({
      paused: null,
      stage: replacing,
      failures: 0,
      progressAtMs: state.nowMs,
    });
    state.refuse({ kind: 'rollout.resume', rolloutId: rollout.id }, 'wrong-state');
  });

  it('is promoted once, which also resumes it', () => {
    const rollout = underWay();
    state.accept({ kind: 'rollout.pause', rolloutId: rollout.id, because: 'person', detail: 'Look at it.' });
    state.accept({ kind: 'rollout.promote', rolloutId: rollout.id });
    const promoted = state.rollout(rollout.id);
    expect(promoted).toMatchObject({ promoted: true, paused: null });
    expect(promoted.decisions.map(({ gate, detail }) => [gate, detail])).toEqual([
      ['person', 'Paused.'],
      ['person', 'Promoted to all traffic.'],
    ]);
    state.accept({ kind: 'rollout.promote', rolloutId: rollout.id });
    expect(state.rollout(rollout.id)).toEqual(promoted);
  });

  it.each(['rollout.resume', 'rollout.promote', 'rollout.releasePrevious'] as const)(
    '%s refuses what is not there',
    (kind) => {
      state.refuse({ kind, rolloutId: rolloutId(99) }, 'not-found');
    },
  );
});

describe('rollout.end', () => {
  it('succeeded: the revision serves and is stable, and the timeline says so', () => {
    state.serve(numbered(1), { checkpoint: state.checkpoint(1) });
    const rollout = state.deploy(numbered(2), { checkpoint: state.checkpoint(2) });
    expect(state.read.checkpoint(checkpointId(2))?.revisions).toEqual({ api: 1 });
    const ended = state.succeed(rollout, 90_000);
    expect(ended).toMatchObject({
      stage: { name: 'ended', outcome: 'succeeded', detail: 'All replicas serve.' },
      endedAtMs: state.nowMs,
      keepPreviousUntilMs: 90_000,
    });
    expect(state.service(api)).toMatchObject({ servingRevision: 2, rolloutId: null });
    expect(state.revision(api, 2)).toMatchObject({ state: 'stable', failure: null });
    expect(state.read.checkpoint(checkpointId(1))?.revisions).toEqual({ api: 1 });
    expect(state.read.checkpoint(checkpointId(2))?.revisions).toEqual({ api: 2 });
    expect(state.read.openRollouts()).toEqual([]);
  });

  it('failed: a candidate is marked, with the reason, and what served goes on serving', () => {
    state.serve(numbered(1));
    const rollout = state.deploy(numbered(2), { checkpoint: state.checkpoint(2) });
    state.accept(state.failing(rollout));
    expect(state.service(api)).toMatchObject({ servingRevision: 1, rolloutId: null });
    expect(state.revision(api, 2)).toMatchObject({ state: 'failed', failure: 'api.1 ended with exit code 1.' });
    expect(state.read.checkpoint(checkpointId(2))?.revisions).toEqual({ api: 1 });
    state.refuse(state.failing(rollout), 'wrong-state');
  });

  it('failed: what was stable before stays so', () => {
    state.serve(numbered(1));
    state.serve(numbered(2));
    const back = { kind: 'service.rollBack', serviceId: api, toRevision: 1, checkpoint: null } as const;
    const id = state.nextRolloutId();
    state.accept({ ...back, origin: { kind: 'person' }, rolloutId: id });
    state.accept(state.failing(state.rollout(id)));
    expect(state.revision(api, 1)).toMatchObject({ state: 'stable', failure: null });
    expect(state.service(api).servingRevision).toBe(2);
  });

  it('begins the way back in the same step, under the rollback block of what it goes to', () => {
    state.serve(serviceSpec('api', { rollback: { parallelism: 7 } }), { checkpoint: state.checkpoint(1) });
    const rollout = state.deploy(numbered(2), { checkpoint: state.checkpoint(2) });
    const backId = state.nextRolloutId();
    state.accept(state.failing(rollout, { rolloutId: backId, toRevision: 1 }));
    const back = state.rollout(backId);
    expect(back).toMatchObject({
      number: 3,
      kind: 'auto-rollback',
      fromRevision: 2,
      toRevision: 1,
      stage: preparing,
      checkpointId: checkpointId(2),
    });
    expect(back.policy.parallelism).toBe(7);
    expect(state.service(api)).toMatchObject({ servingRevision: 1, rolloutId: backId });
    state.succeed(back);
    expect(state.service(api)).toMatchObject({ servingRevision: 1, rolloutId: null });
    expect(state.revision(api, 2).state).toBe('failed');
  });

  it('never takes a way back back', () => {
    const rollout = underWay();
    const backId = state.nextRolloutId();
    state.accept(state.failing(rollout, { rolloutId: backId, toRevision: 1 }));
    const again = state.failing(state.rollout(backId), { rolloutId: state.nextRolloutId(), toRevision: 1 });
    expect(state.refuse(again, 'wrong-state')).toContain('is itself a way back');
    const { stage } = state.rollout(backId);
    state.accept({ kind: 'rollout.pause', rolloutId: backId, because: 'failure', detail: 'It fails too.' });
    expect(state.rollout(backId)).toMatchObject({ stage, paused: { because: 'failure' } });
  });

  it.each([
    ['a revision that is not there', 99, 'not-found', 'Revision 99'],
    ['the revision that failed', 3, 'wrong-state', 'rolls out itself'],
    ['a revision that never served', 2, 'wrong-state', 'has never served'],
  ] as const)('goes back to no other than a stable revision: %s', (_name, toRevision, code, words) => {
    const second = underWay();
    state.accept(state.failing(second));
    const third = state.deploy(numbered(3));
    const end = state.failing(third, { rolloutId: state.nextRolloutId(), toRevision });
    expect(state.refuse(end, code)).toContain(words);
    state.refuse(state.failing(third, { rolloutId: second.id, toRevision: 1 }), 'wrong-state');
  });

  it('is no success without an image, nor together with a way back', () => {
    const rollout = underWay();
    const end = { ...state.failing(rollout), outcome: 'succeeded' } as const;
    expect(state.refuse(end, 'wrong-state')).toContain('image of revision 2 is not known');
    state.refuse({ ...end, back: { rolloutId: state.nextRolloutId(), toRevision: 1 } }, 'invalid-input');
  });

  it('of a paused one is a person’s', () => {
    const rollout = underWay();
    state.accept({ kind: 'rollout.pause', rolloutId: rollout.id, because: 'person', detail: 'Wait.' });
    expect(state.refuse(state.failing(rollout), 'wrong-state')).toContain('is paused');
    state.accept({
      ...state.failing(rollout, { rolloutId: state.nextRolloutId(), toRevision: 1 }),
      outcome: 'aborted',
      decisions: [decision('Aborted.', { gate: 'person', verdict: 'failed' })],
    });
    expect(state.rollout(rollout.id)).toMatchObject({ stage: { outcome: 'aborted' }, paused: null });
    expect(state.revision(api, 2).state).toBe('failed');
  });
});

describe('replicas that are kept for a switch back', () => {
  it('belong to the newest success only, until they are released', () => {
    const first = state.serve(numbered(1));
    const second = state.succeed(state.deploy(numbered(2)), 5_000_000);
    const third = state.deploy(numbered(3));
    state.refuse({ kind: 'rollout.releasePrevious', rolloutId: third.id }, 'wrong-state');
    expect(state.rollout(second.id).keepPreviousUntilMs).toBe(5_000_000);
    state.succeed(third, 6_000_000);
    expect(state.rollout(second.id).keepPreviousUntilMs).toBeNull();
    expect(state.rollout(third.id).keepPreviousUntilMs).toBe(6_000_000);
    state.accept({ kind: 'rollout.releasePrevious', rolloutId: third.id });
    state.accept({ kind: 'rollout.releasePrevious', rolloutId: third.id });
    state.accept({ kind: 'rollout.releasePrevious', rolloutId: first.id });
    expect(state.rollout(third.id).keepPreviousUntilMs).toBeNull();
  });

  it('are not kept by a failure', () => {
    const rollout = underWay();
    state.accept({ ...state.failing(rollout), keepPreviousUntilMs: 5_000_000 });
    expect(state.rollout(rollout.id).keepPreviousUntilMs).toBeNull();
  });
});
