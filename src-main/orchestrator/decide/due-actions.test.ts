import { describe, expect, it } from 'vitest';
import { dueActions, type UnderWay } from './due-actions.ts';
import { hostId, sampleReplica, startingReplica } from './sample.fixture.ts';
import type { ReplicaAction } from './service-plan.ts';

const idle: UnderWay = { creates: 0, stops: 0, clears: 0 };
const create = (slot: number): ReplicaAction => ({
  kind: 'create',
  hostId: hostId('a'),
  revision: 2,
  slot,
  attempt: 1,
});
const start: ReplicaAction = { kind: 'start', containerId: '2.9' };
const stop = (slot: number): ReplicaAction => ({ kind: 'stop', containerId: `1.${slot}`, graceMs: 0, why: 'replaced' });
const remove: ReplicaAction = { kind: 'remove', containerId: '0.1', why: 'it has ended' };
const replaced = (slot: number) => [sampleReplica(1, slot, { traffic: 'drain' }), sampleReplica(2, slot)];

describe('what is to serve', () => {
  it('is made a few at a time', () => {
    const wanted = Array.from({ length: 12 }, (_, at) => create(at + 1));
    expect(dueActions(wanted, { parallelism: 0 }, [], idle).actions).toEqual(wanted.slice(0, 8));
    expect(dueActions(wanted, { parallelism: 0 }, [], { ...idle, creates: 6 }).actions).toEqual(wanted.slice(0, 2));
    expect(dueActions(wanted, { parallelism: 0 }, [], { ...idle, creates: 9 }).actions).toEqual([]);
  });

  it('waits for secrets that are let go', () => {
    const { actions } = dueActions([create(1), start, stop(1)], { parallelism: 5 }, replaced(1), {
      ...idle,
      clears: 1,
    });
    expect(actions).toEqual([stop(1)]);
  });
});

describe('what has been succeeded', () => {
  const replicas = [1, 2, 3].flatMap(replaced);
  const stops = [stop(1), stop(2), stop(3)];

  it('is stopped later while new ones are made, as many at most as are replaced at a time', () => {
    expect(dueActions([create(4), ...stops], { parallelism: 2 }, replicas, idle).actions).toEqual([create(4), stop(3)]);
    expect(dueActions(stops, { parallelism: 2 }, replicas, { ...idle, creates: 1 }).actions).toEqual([stop(3)]);
    expect(dueActions(stops, { parallelism: 2 }, replicas, { ...idle, stops: 1 }).actions).toEqual(stops);
    expect(dueActions([create(4), ...stops], { parallelism: 0 }, replicas, idle).actions).toHaveLength(4);
  });

  it.each([
    ['nothing is in its place', [sampleReplica(1, 1, { traffic: 'drain' })]],
    ['its successor does not work', [sampleReplica(1, 1), startingReplica(2, 1)]],
    ['its successor is being stopped too', [sampleReplica(1, 1), sampleReplica(2, 1, { isStopping: true })]],
    ['its successor takes nothing', [sampleReplica(1, 1), sampleReplica(2, 1, { traffic: 'drain' })]],
    ['its successor is on another host', [sampleReplica(1, 1), sampleReplica(2, 1, { hostId: hostId('b') })]],
  ])('is stopped at once when %s', (_, those) => {
    expect(dueActions([create(4), stop(1)], { parallelism: 5 }, those, idle).actions).toContainEqual(stop(1));
  });
});

describe('what tidies up', () => {
  it.each([
    ['something is made', [create(1)], [], idle],
    ['something is about to be stopped', [stop(1)], [], idle],
    ['something is being started', [], [], { ...idle, creates: 1 }],
    ['something is being stopped', [], [], { ...idle, stops: 1 }],
    ['something has yet to pass its first check', [], [startingReplica(2, 1)], idle],
    ['requests are finished', [], [sampleReplica(1, 1, { traffic: 'drain', drainingSinceMs: 1, active: 1 })], idle],
  ])('waits while %s', (_, open, replicas, underWay) => {
    const due = dueActions([...open, remove], { parallelism: 1 }, replicas, underWay);
    expect(due.isReplacing).toBe(true);
    expect(due.actions).not.toContainEqual(remove);
  });

  it('is done otherwise', () => {
    const due = dueActions([remove], { parallelism: 1 }, [sampleReplica(2, 1)], idle);
    expect(due).toEqual({ actions: [remove], isReplacing: false });
  });
});
