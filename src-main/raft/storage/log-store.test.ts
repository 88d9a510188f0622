import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Entry, HardState } from '../core/message.ts';
import { LogStore } from './log-store.ts';
import { UntrustedDataError } from './storage-error.ts';

let folder: string;
let store: LogStore | null = null;

function open(options: { mustExist?: boolean; peer?: number; cacheBytesMax?: number } = {}): LogStore {
  const { mustExist = false, peer = 1, cacheBytesMax = 1_000_000 } = options;
  store = new LogStore({ folder, identity: { group: 1, peer }, mustExist, cacheBytesMax });
  return store;
}

function entry(index: number, term = 1, text = `command ${index}`): Entry {
  return { index, term, kind: 'normal', data: Buffer.from(text) };
}

function range(from: number, to: number, term = 1): Entry[] {
  return Array.from({ length: to - from + 1 }, (_, at) => entry(from + at, term));
}

function hardState(term: number, commit: number): HardState {
  return { term, vote: 2, commit };
}

/** Changes the file behind the store's back. */
function tamper(sql: string): void {
  store?.close();
  const database = new Database(join(folder, 'log.db'));
  database.exec(sql);
  database.close();
}

function indexes(entries: readonly Entry[] | null): number[] | undefined {
  return entries?.map(({ index }) => index);
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gantry-log-'));
});

afterEach(() => {
  store?.close();
  store = null;
  rmSync(folder, { recursive: true, force: true });
});

describe('LogStore', () => {
  it('finds everything again after it was opened anew', () => {
    const first = open();
    first.write(range(1, 3), hardState(1, 2), true);
    first.close();
    const second = open({ mustExist: true });
    expect(second.initialState().hardState).toEqual(hardState(1, 2));
    expect(second.entries(1, 4, 1_000)?.map(({ data }) => Buffer.from(data).toString())).toEqual([
      'command 1',
      'command 2',
      'command 3',
    ]);
    expect([second.firstIndex(), second.lastIndex(), second.term(3), second.term(4)]).toEqual([1, 3, 1, null]);
  });

  it('replaces what comes after the first entry that is written', () => {
    const log = open();
    log.write(range(1, 5), hardState(1, 0), true);
    log.write(range(3, 3, 2), hardState(2, 0), true);
    expect(log.lastIndex()).toBe(3);
    expect([log.term(2), log.term(3)]).toEqual([1, 2]);
    log.close();
    const again = open();
    expect(again.entries(1, 4, 1_000)?.map(({ term }) => term)).toEqual([1, 1, 2]);
  });

  it('cuts what it reads at the bytes that are wanted, but gives at least one entry', () => {
    const log = open();
    log.write(range(1, 9), hardState(1, 0), true);
    expect(indexes(log.entries(2, 10, 0))).toEqual([2]);
    expect(indexes(log.entries(2, 10, 30))).toEqual([2, 3, 4]);
  });

  it('reads from the disk what memory has dropped', () => {
    const log = open({ cacheBytesMax: 40 });
    log.write(range(1, 60), hardState(1, 0), true);
    log.write(range(61, 61), null, true);
    expect(indexes(log.entries(1, 62, 1_000_000))).toEqual(Array.from({ length: 61 }, (_, at) => at + 1));
  });

  it('does not sync for a commit index alone, and has it after an orderly close', () => {
    const log = open();
    log.write(range(1, 2), hardState(1, 0), true);
    let syncs = 0;
    log.beforeSync = () => {
      syncs += 1;
    };
    log.write([], hardState(1, 2), false);
    expect(syncs).toBe(0);
    log.close();
    expect(open().initialState().hardState.commit).toBe(2);
  });

  it('compacts up to the trailing entries and keeps the term before the first', () => {
    const log = open();
    log.write(range(1, 100), hardState(1, 100), true);
    const confState = { voters: [1], votersOutgoing: [], learners: [], learnersNext: [], autoLeave: false };
    log.recordSnapshot({ index: 90, term: 1, confState }, 80);
    while (log.maintain()) expect(log.firstIndex()).toBe(81);
    expect([log.firstIndex(), log.term(80), log.term(79)]).toEqual([81, 1, null]);
    expect(log.entries(80, 90, 1_000)).toBeNull();
    expect(log.snapshotMeta()).toMatchObject({ index: 90 });
    log.close();
    expect(indexes(open().entries(81, 101, 1_000_000))).toHaveLength(20);
  });
});

describe('a log that cannot be trusted', () => {
  it.each([
    ['an entry was changed', `UPDATE entry SET data = x'00' WHERE log_index = 2`, /entry 2 does not match/],
    ['an entry is missing', 'DELETE FROM entry WHERE log_index = 2', /entry 2 is missing/],
    ['the end is missing', 'DELETE FROM entry WHERE log_index = 3', /ends at 2, but 3 was committed/],
    ['the vote was changed', 'UPDATE node SET vote = 3', /term and vote/],
    ['everything is gone', 'DELETE FROM node', /is empty/],
  ])('is refused when %s', (_, sql, reason) => {
    const log = open();
    log.write(range(1, 3), hardState(1, 3), true);
    tamper(sql);
    expect(() => open({ mustExist: true })).toThrow(UntrustedDataError);
    expect(() => open({ mustExist: true })).toThrow(reason);
  });

  it('is refused when it belongs to another node or is not there', () => {
    open().close();
    expect(() => open({ peer: 2 })).toThrow(/belongs to node 1 of group 1, not to node 2/);
    rmSync(join(folder, 'log.db'));
    expect(() => open({ mustExist: true })).toThrow(/log.db is missing/);
  });

  it('is refused when the state is ahead of it, or behind what it still has', () => {
    const log = open();
    log.write(range(1, 9), hardState(1, 9), true);
    expect(() => log.reconcileApplied(10)).toThrow(/the state is at 10, but the log ends at 9/);
    const confState = { voters: [1], votersOutgoing: [], learners: [], learnersNext: [], autoLeave: false };
    log.recordSnapshot({ index: 9, term: 1, confState }, 5);
    expect(() => log.reconcileApplied(4)).toThrow(/begins after 5/);
  });
});

describe('a write that fails', () => {
  it('fails every later one too: nobody knows what is on the disk', () => {
    const log = open();
    log.write(range(1, 1), hardState(1, 0), true);
    log.beforeSync = () => {
      throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
    };
    expect(() => log.write(range(2, 2), null, true)).toThrow(/no space left/);
    log.beforeSync = () => undefined;
    expect(() => log.write(range(2, 2), null, true)).toThrow(/no space left/);
    log.close();
    expect(open().lastIndex()).toBe(1);
  });
});

it('lets nobody else open the log meanwhile', () => {
  const log = open();
  log.write(range(1, 1), hardState(1, 0), true);
  const other = new Database(join(folder, 'log.db'), { timeout: 0 });
  expect(() => other.exec('DELETE FROM entry')).toThrow(/locked/);
  other.close();
});
