import { beforeEach, expect, it } from 'vitest';
import type { Entry, Message } from '../core/message.ts';
import { CommitNotices } from './commit-notices.ts';
import { ManualClock } from './manual-clock.fixture.ts';

let clock: ManualClock;
let sent: Message[][];
let notices: CommitNotices;

beforeEach(() => {
  clock = new ManualClock();
  sent = [];
  notices = new CommitNotices(clock, (released) => {
    sent.push([...released]);
    for (const message of released) notices.sent(message);
  });
});

/** An append that tells `to` the index up to which all is committed. */
function append(to: number, commit: number, entryCount = 0): Message {
  const entry: Entry = { term: 1, index: 1, kind: 'normal', data: new Uint8Array(0) };
  const entries = Array.from({ length: entryCount }, () => entry);
  return { type: 'append', group: 1, from: 1, to, term: 1, prevIndex: 0, prevTerm: 0, commit, entries };
}

const heartbeat: Message = { type: 'heartbeat', group: 1, from: 1, to: 2, term: 1, commit: 1, context: '' };

/** Holds back and sends the rest, as the host does. Answers what was sent. */
function pass(...messages: Message[]): Message[] {
  const urgent = notices.hold(messages);
  for (const message of urgent) notices.sent(message);
  return urgent;
}

it('lets everything else pass, in its order', () => {
  expect(pass(append(2, 1, 1), append(3, 1), heartbeat, append(3, 1, 2))).toEqual([
    append(2, 1, 1),
    heartbeat,
    append(3, 1, 2),
  ]);
});

it('sends notices together, no later than 2 ms after the first', () => {
  pass(append(2, 1));
  clock.advance(1.5);
  pass(append(3, 1));
  expect(sent).toEqual([]);
  clock.advance(0.5);
  expect(sent).toEqual([[append(2, 1), append(3, 1)]]);
  clock.advance(1_000);
  expect(sent).toHaveLength(1);
  expect(clock.timerCount).toBe(0);
});

it('keeps only the newest for each peer, however many come', () => {
  for (let commit = 1; commit <= 1_000; commit += 1) pass(append(2, commit), append(3, commit));
  clock.advance(2);
  expect(sent).toEqual([[append(2, 1_000), append(3, 1_000)]]);
});

it('drops a notice when an append that tells as much leaves for the same peer', () => {
  pass(append(2, 5), append(3, 5));
  pass(append(2, 5, 1));
  clock.advance(2);
  expect(sent).toEqual([[append(3, 5)]]);
});

it('sends nothing when all notices were overtaken', () => {
  pass(append(2, 5));
  pass(append(2, 6, 1));
  clock.advance(2);
  expect(sent).toEqual([]);
});

it('keeps a notice that is newer than the append before it', () => {
  expect(pass(append(2, 5, 1), append(2, 6))).toEqual([append(2, 5, 1)]);
  clock.advance(2);
  expect(sent).toEqual([[append(2, 6)]]);
});

it('keeps a notice when something other than an append leaves', () => {
  pass(append(2, 5));
  pass(heartbeat);
  clock.advance(2);
  expect(sent).toEqual([[append(2, 5)]]);
});

it('begins a new wait after it has sent', () => {
  pass(append(2, 5));
  clock.advance(2);
  pass(append(2, 6));
  clock.advance(1.9);
  expect(sent).toHaveLength(1);
  clock.advance(0.1);
  expect(sent).toEqual([[append(2, 5)], [append(2, 6)]]);
});

it('tells nothing of a leadership that is over', () => {
  pass(append(2, 5));
  notices.clear();
  clock.advance(1);
  pass(append(3, 6));
  clock.advance(10);
  expect(sent).toEqual([[append(3, 6)]]);
});

it('sends nothing once it is disposed, and leaves no timer', () => {
  pass(append(2, 5));
  notices.dispose();
  expect(clock.timerCount).toBe(0);
  clock.advance(10);
  expect(sent).toEqual([]);
});
