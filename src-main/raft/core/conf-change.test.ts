import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { showConf } from './cluster.fixture.ts';
import { assertConfState, changedConf, emptyConfState, isJoint, sameConf } from './conf-change.ts';
import { decodeConfChange, encodeConfChange } from './conf-change-codec.ts';
import type { ConfChange, ConfState } from './message.ts';

type Steps = ConfChange['steps'];

const trio: ConfState = { ...emptyConfState, voters: [1, 2, 3] };
const add = (peer: number): Steps[number] => ({ action: 'add-voter', peer });
const learn = (peer: number): Steps[number] => ({ action: 'add-learner', peer });
const remove = (peer: number): Steps[number] => ({ action: 'remove', peer });
const leave: ConfChange = { steps: [], transition: 'auto' };

function after(conf: ConfState, steps: Steps, transition: ConfChange['transition'] = 'auto'): string {
  const next = changedConf(conf, { steps, transition });
  return next.ok ? showConf(next.value) : `refused: ${next.error}`;
}

describe('one change', () => {
  it.each<[string, Steps, string]>([
    ['adds a voter', [add(4)], 'voters (1 2 3 4)'],
    ['adds a learner', [learn(4)], 'voters (1 2 3) learners (4)'],
    ['turns a voter into a learner', [learn(3)], 'voters (1 2) learners (3)'],
    ['removes a voter', [remove(2)], 'voters (1 3)'],
    ['adds who is there already', [add(2)], 'voters (1 2 3)'],
    ['refuses what is not a peer', [add(0)], 'refused: 0 is not a peer id'],
  ])('%s', (_name, steps, expected) => {
    expect(after(trio, steps)).toBe(expected);
  });

  it('keeps the last voter', () => {
    expect(after({ ...emptyConfState, voters: [1] }, [remove(1)])).toBe('refused: no voter would be left');
  });

  it('promotes a learner', () => {
    expect(after({ ...trio, learners: [4] }, [add(4)])).toBe('voters (1 2 3 4)');
  });
});

describe('several changes', () => {
  it.each<[string, Steps, ConfChange['transition'], string]>([
    ['go through a joint configuration', [add(4), remove(1)], 'auto', 'voters (2 3 4)&&(1 2 3) auto-leave'],
    ['which stays when asked to', [add(4)], 'joint-explicit', 'voters (1 2 3 4)&&(1 2 3)'],
    ['or leaves by itself', [add(4)], 'joint-implicit', 'voters (1 2 3 4)&&(1 2 3) auto-leave'],
    [
      'keep an outgoing voter from being a learner yet',
      [learn(3), add(4)],
      'joint-explicit',
      'voters (1 2 4)&&(1 2 3) learners next (3)',
    ],
  ])('%s', (_name, steps, transition, expected) => {
    expect(after(trio, steps, transition)).toBe(expected);
  });

  it('end with the outgoing voters gone or learning', () => {
    const joint = changedConf(trio, { steps: [learn(3), add(4), remove(2)], transition: 'auto' });
    expect(joint.ok && after(joint.value, [])).toBe('voters (1 4) learners (3)');
  });

  it('wait until a joint configuration is left', () => {
    const joint = changedConf(trio, { steps: [add(4)], transition: 'joint-explicit' });
    expect(joint.ok && after(joint.value, [add(5)])).toBe('refused: a joint configuration has to be left first');
    expect(after(trio, [])).toBe('refused: not in a joint configuration');
  });
});

const anyStep = fc.record({
  action: fc.constantFrom('add-voter' as const, 'add-learner' as const, 'remove' as const),
  peer: fc.integer({ min: 1, max: 6 }),
});
const anyChange = fc.record({
  steps: fc.array(anyStep, { maxLength: 4 }),
  transition: fc.constantFrom('auto' as const, 'joint-implicit' as const, 'joint-explicit' as const),
});

describe('any row of changes', () => {
  it('keeps the configuration well formed, and majorities overlapping', () => {
    fc.assert(
      fc.property(fc.array(anyChange, { maxLength: 12 }), (changes) => {
        let conf = trio;
        for (const change of changes) {
          const next = changedConf(conf, change);
          if (!next.ok) continue;
          assertConfState(next.value);
          const joins = next.value.voters.filter((peer) => !conf.voters.includes(peer));
          const leaves = conf.voters.filter((peer) => !next.value.voters.includes(peer));
          if (!isJoint(conf) && !isJoint(next.value)) expect(joins.length + leaves.length).toBeLessThanOrEqual(1);
          conf = next.value;
        }
      }),
    );
  });

  it('ends, by joint consensus and at once, in the same configuration', () => {
    fc.assert(
      fc.property(anyStep, (step) => {
        const atOnce = changedConf(trio, { steps: [step], transition: 'auto' });
        const joint = changedConf(trio, { steps: [step], transition: 'joint-explicit' });
        const left = joint.ok ? changedConf(joint.value, leave) : joint;
        expect(atOnce.ok && left.ok && sameConf(atOnce.value, left.value)).toBe(true);
      }),
    );
  });

  it('survives being written to the log', () => {
    fc.assert(
      fc.property(anyChange, (change) => {
        const read = decodeConfChange(encodeConfChange(change));
        expect(read).toEqual(change.steps.length === 0 ? leave : change);
      }),
    );
  });
});

it('refuses bytes that are no change', () => {
  expect(() => decodeConfChange(new Uint8Array([9, 0]))).toThrow('unknown version');
  expect(() => decodeConfChange(new Uint8Array([1, 0, 0]))).toThrow('wrong length');
});
