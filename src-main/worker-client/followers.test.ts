import { expect, it } from 'vitest';
import type { JournalEntry } from '#shared/model/agent-event.ts';
import { runIdSchema } from '#shared/model/ids.ts';
import { Followers } from './followers.ts';

const runId = runIdSchema.parse('run-00000001');

function entries(first: number, last: number): JournalEntry[] {
  return Array.from({ length: last - first + 1 }, (_, at) => ({
    seq: first + at,
    atMs: 0,
    event: { type: 'raw', line: String(first + at) },
  }));
}

function follow(followers: Followers, afterSeq: number) {
  const seen: number[] = [];
  const handle = followers.add(runId, afterSeq, (fresh) => seen.push(...fresh.map((entry) => entry.seq)));
  return { seen, dispose: () => handle.dispose() };
}

it('hands each entry out once, whatever a reconnect sends again', () => {
  const asked: number[] = [];
  const followers = new Followers(
    (_run, afterSeq) => asked.push(afterSeq),
    () => undefined,
  );
  const follower = follow(followers, 0);
  followers.deliver(runId, entries(1, 3));
  followers.askAll();
  followers.deliver(runId, entries(2, 5));
  expect(follower.seen).toEqual([1, 2, 3, 4, 5]);
  expect(asked).toEqual([0, 3]);
});

it('never hands out past a gap: the stream that fills it is on its way', () => {
  const followers = new Followers(
    () => undefined,
    () => undefined,
  );
  const ahead = follow(followers, 10);
  const behind = follow(followers, 0);
  followers.deliver(runId, entries(11, 12));
  followers.deliver(runId, entries(1, 12));
  expect(ahead.seen).toEqual([11, 12]);
  expect(behind.seen).toEqual(entries(1, 12).map((entry) => entry.seq));
});

it('asks for the hindmost, and says when nobody follows any more', () => {
  const asked: number[] = [];
  let unwanted = 0;
  const followers = new Followers(
    (_run, afterSeq) => asked.push(afterSeq),
    () => {
      unwanted += 1;
    },
  );
  const first = follow(followers, 7);
  const second = follow(followers, 3);
  expect(asked).toEqual([7, 3]);
  first.dispose();
  expect(unwanted).toBe(0);
  second.dispose();
  second.dispose();
  expect(unwanted).toBe(1);
});
