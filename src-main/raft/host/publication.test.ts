import { beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from './manual-clock.fixture.ts';
import { Publication } from './publication.ts';
import type { Applied, StateMachine } from './state-machine.ts';

let clock: ManualClock;
let publication: Publication;
/** What happened, in order: commits of the state machine, and what readers were told. */
let story: string[];
let failure: Error | null;
let guarded: unknown[];
let lastIndex: number;

beforeEach(() => {
  clock = new ManualClock();
  story = [];
  failure = null;
  guarded = [];
  lastIndex = 10;
  const stateMachine: Pick<StateMachine, 'applied' | 'publish'> = {
    applied: () => ({ index: 10, term: 1, confState: null }),
    publish: () => {
      if (failure) throw failure;
      story.push(`commit while readers are told ${publication.index}`);
    },
  };
  publication = new Publication({
    clock,
    stateMachine: stateMachine as StateMachine,
    guard: (step) => {
      try {
        step();
      } catch (error) {
        guarded.push(error);
      }
    },
    published: (batch, index) => {
      story.push(`${batch.map((applied) => applied.index).join(' ')} at ${index}, ${publication.index}`);
    },
  });
});

/** Stages the next `count` entries. */
function stage(count: number): void {
  const nothing = new Uint8Array(0);
  const entries = Array.from({ length: count }, (_, at): Applied => {
    return { index: lastIndex + 1 + at, answer: nothing, changes: nothing };
  });
  lastIndex += count;
  publication.add(entries);
}

function tellings(): number {
  return story.filter((line) => line.includes(' at ')).length;
}

it('begins where the state is', () => {
  expect(publication.index).toBe(10);
});

it('commits first, then shows the new index, then tells: the whole batch, in order', () => {
  stage(2);
  stage(1);
  publication.whenDue(true);
  expect(story).toEqual(['commit while readers are told 10', '11 12 13 at 13, 13']);
});

it('commits and tells nothing when nothing was staged', () => {
  publication.whenDue(true);
  publication.now();
  clock.advance(100);
  expect(story).toEqual([]);
});

describe('when it is due', () => {
  it('is at once for eight entries that nothing follows', () => {
    stage(8);
    publication.whenDue(true);
    expect(publication.index).toBe(18);
    expect(clock.timerCount).toBe(0);
  });

  it.each([
    { what: 'few that others follow', count: 1, nothingFollows: false },
    { what: 'nine that nothing follows', count: 9, nothingFollows: true },
    { what: 'one less than the bound', count: 1_023, nothingFollows: false },
  ])('is 5 ms later for $what', ({ count, nothingFollows }) => {
    stage(count);
    publication.whenDue(nothingFollows);
    clock.advance(4.9);
    expect(publication.index).toBe(10);
    clock.advance(0.1);
    expect(publication.index).toBe(10 + count);
  });

  it('is at once for 1024 entries, whatever follows', () => {
    stage(1_000);
    publication.whenDue(false);
    expect(publication.index).toBe(10);
    stage(24);
    publication.whenDue(false);
    expect(publication.index).toBe(1_034);
  });

  it('does not move back while more and more come', () => {
    for (let round = 0; round < 10; round += 1) {
      stage(10);
      publication.whenDue(false);
      clock.advance(0.5);
    }
    expect(publication.index).toBe(110);
    expect(tellings()).toBe(1);
  });

  it('waits anew for what comes after', () => {
    stage(20);
    publication.whenDue(false);
    clock.advance(5);
    stage(20);
    publication.whenDue(false);
    clock.advance(4);
    expect(publication.index).toBe(30);
    clock.advance(1);
    expect(publication.index).toBe(50);
  });
});

it('publishes now what was to wait, once', () => {
  stage(20);
  publication.whenDue(false);
  publication.now();
  expect(publication.index).toBe(30);
  expect(clock.timerCount).toBe(0);
  clock.advance(100);
  expect(tellings()).toBe(1);
});

it('tells nobody what could not be committed, and hands the failure to the guard of the timer', () => {
  stage(20);
  publication.whenDue(false);
  failure = new Error('disk full');
  clock.advance(5);
  expect(guarded).toEqual([failure]);
  expect(publication.index).toBe(10);
  expect(story).toEqual([]);
});

it('lets a failure out to whoever publishes now', () => {
  stage(1);
  failure = new Error('disk full');
  expect(() => publication.whenDue(true)).toThrow('disk full');
  expect(publication.index).toBe(10);
  expect(story).toEqual([]);
});

it('goes on from a snapshot', () => {
  publication.restored(5_000);
  expect(publication.index).toBe(5_000);
  lastIndex = 5_000;
  stage(1);
  publication.whenDue(true);
  expect(story).toEqual(['commit while readers are told 5000', '5001 at 5001, 5001']);
});

it('publishes nothing once it is disposed, and leaves no timer', () => {
  stage(20);
  publication.whenDue(false);
  publication.dispose();
  expect(clock.timerCount).toBe(0);
  clock.advance(100);
  expect(story).toEqual([]);
});
