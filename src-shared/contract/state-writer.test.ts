import { describe, expect, it } from 'vitest';
import { decodeFrame, frameBytesMax } from './codec.ts';
import { GantryError } from './error.ts';
import { ManualTimers } from './manual-timers.fixture.ts';
import { StateWriter } from './state-writer.ts';
import { hostFrameSchema, type StateFrame, stateEntriesMax } from './wire.ts';

function openWriter(check: ((value: unknown) => void) | null = null) {
  const timers = new ManualTimers();
  const frames: StateFrame[] = [];
  const failures: unknown[] = [];
  const writer = new StateWriter({
    id: 1,
    timers,
    flushIntervalMs: 60,
    check,
    send(bytes) {
      const decoded = decodeFrame(hostFrameSchema, bytes);
      if (!decoded.ok || decoded.value.type !== 'state') throw new Error('not a state frame');
      frames.push(decoded.value);
    },
    onFail: (error) => failures.push(error),
  });
  return { timers, frames, failures, writer };
}

describe('StateWriter', () => {
  it('says nothing before the source is ready, then everything at once', () => {
    const { timers, frames, writer } = openWriter();
    writer.set('a', 1);
    timers.advance(1_000);
    expect(frames).toEqual([]);
    writer.start();
    timers.advance(0);
    expect(frames).toMatchObject([{ rev: 1, reset: true, more: false, set: [['a', 1]], removed: [] }]);
  });

  it('tells the first change after a pause at once, and gathers what follows', () => {
    const { timers, frames, writer } = openWriter();
    writer.start();
    timers.advance(0);
    writer.credit(1);
    timers.advance(1_000);
    writer.set('a', 1);
    timers.advance(0);
    expect(frames).toHaveLength(2);
    writer.credit(1);
    writer.set('a', 2);
    timers.advance(30);
    writer.set('a', 3);
    writer.set('b', 1);
    writer.delete('b');
    expect(frames).toHaveLength(2);
    timers.advance(30);
    expect(frames[2]).toMatchObject({ rev: 3, reset: false, set: [['a', 3]], removed: ['b'] });
  });

  it('sends what differs when everything is replaced', () => {
    const { timers, frames, writer } = openWriter();
    const kept = { name: 'kept' };
    writer.replace(
      new Map([
        ['a', kept],
        ['b', { name: 'old' }],
        ['c', { name: 'gone' }],
      ]),
    );
    writer.start();
    timers.advance(0);
    writer.replace(
      new Map([
        ['a', kept],
        ['b', { name: 'new' }],
      ]),
    );
    timers.advance(60);
    expect(frames[1]).toMatchObject({ set: [['b', { name: 'new' }]], removed: ['c'] });
  });

  it('splits a large snapshot, leaves out what goes meanwhile, and adds what changes after it', () => {
    const { timers, frames, writer } = openWriter();
    const count = stateEntriesMax * 2 + 500;
    for (let index = 0; index < count; index += 1) writer.set(`k${index}`, 0);
    writer.start();
    timers.advance(0);
    timers.advance(0);
    expect(frames.map((frame) => [frame.reset, frame.more, frame.set.length])).toEqual([
      [true, true, stateEntriesMax],
      [false, true, stateEntriesMax],
    ]);
    writer.set('k0', 1); // sent already: a change that follows the snapshot
    writer.set(`k${count - 1}`, 1); // not sent yet: part of it
    writer.delete(`k${count - 2}`); // never mentioned
    writer.credit(2);
    timers.advance(0);
    timers.advance(60);
    expect(frames[2]).toMatchObject({ reset: false, more: false });
    expect(frames[2]?.set).toHaveLength(499);
    expect(frames[2]?.set.at(-1)).toEqual([`k${count - 1}`, 1]);
    expect(frames[3]).toMatchObject({ set: [['k0', 1]], removed: [] });
  });

  it('starts over when it is asked to, in the middle of a snapshot too', () => {
    const { timers, frames, writer } = openWriter();
    for (let index = 0; index < stateEntriesMax * 3; index += 1) writer.set(`k${index}`, 0);
    writer.start();
    timers.advance(0);
    writer.refresh();
    writer.credit(1);
    timers.advance(60);
    expect(frames.map((frame) => [frame.rev, frame.reset, frame.more])).toEqual([
      [1, true, true],
      [2, false, true],
      [3, true, true],
    ]);
    expect(frames[2]?.set[0]).toEqual(['k0', 0]);
  });

  it('makes frames smaller when entries are large, and fails on one that never fits', () => {
    const { timers, frames, failures, writer } = openWriter();
    const third = 'x'.repeat(frameBytesMax / 3);
    for (const key of ['a', 'b', 'c', 'd']) writer.set(key, third);
    writer.start();
    timers.advance(0);
    timers.advance(0);
    expect(frames.map((frame) => frame.set.length)).toEqual([2, 2]);
    writer.credit(2);
    timers.advance(0);
    expect(frames.flatMap((frame) => frame.set.map(([key]) => key))).toEqual(['a', 'b', 'c', 'd']);
    writer.set('e', 'x'.repeat(frameBytesMax));
    timers.advance(60);
    expect(failures).toMatchObject([{ code: 'too-large' }]);
    expect(timers.pending).toBe(0);
  });

  it('ends once, by its source or by a value that breaks the contract', () => {
    const failing = openWriter();
    failing.writer.fail(new GantryError('not-found', 'gone'));
    failing.writer.fail(new GantryError('not-found', 'gone twice'));
    failing.writer.set('a', 1);
    expect(failing.failures).toMatchObject([{ message: 'gone' }]);

    const checked = openWriter((value) => {
      if (typeof value !== 'number') throw new TypeError('not a number');
    });
    checked.writer.set('a', 1);
    checked.writer.set('b', 'two');
    checked.writer.start();
    expect(checked.failures).toMatchObject([{ message: 'not a number' }]);
    expect(checked.timers.pending).toBe(0);
  });
});
