import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StoredLog } from '../../simulator/raft/stored-log.ts';
import { emptyConfState } from './conf-change.ts';
import type { Entry } from './message.ts';
import { RaftLog } from './raft-log.ts';

/** Entries with these terms, from `first` on. */
const entries = (first: number, ...terms: number[]): Entry[] =>
  terms.map((term, at) => ({ term, index: first + at, kind: 'normal', data: new Uint8Array(1) }));

/** A log whose first `durable` entries are on disk and the rest is not. */
function logOf(terms: readonly number[], durable = terms.length): RaftLog {
  const stored = new StoredLog(emptyConfState);
  stored.write({ hardState: null, entries: entries(1, ...terms.slice(0, durable)), snapshot: null });
  const log = new RaftLog(stored, 0, 0);
  log.append(entries(durable + 1, ...terms.slice(durable)));
  return log;
}

const termsOf = (log: RaftLog) => (log.slice(1, log.lastIndex() + 1, 1_000_000) ?? []).map(({ term }) => term);

describe('taking entries in', () => {
  it.each<[string, number[], [number, number], number[], number | null, number[]]>([
    ['appends what follows', [1, 1], [2, 1], [2], 3, [1, 1, 2]],
    ['refuses a gap', [1], [2, 1], [1], null, [1]],
    ['refuses another past', [1, 1], [2, 2], [2], null, [1, 1]],
    ['replaces from the first difference on', [1, 1, 1], [1, 1], [1, 2], 3, [1, 1, 2]],
    ['keeps what follows an old message', [1, 1, 1], [0, 0], [1], 1, [1, 1, 1]],
    ['keeps what follows a heartbeat', [1, 1, 1], [1, 1], [], 1, [1, 1, 1]],
  ])('%s', (_name, before, [prevIndex, prevTerm], terms, agreed, expected) => {
    for (let durable = 0; durable <= before.length; durable += 1) {
      const log = logOf(before, durable);
      expect(log.accept(prevIndex, prevTerm, 0, entries(prevIndex + 1, ...terms))).toBe(agreed);
      expect(termsOf(log)).toEqual(expected);
    }
  });

  it('never replaces what is committed', () => {
    const log = logOf([1, 1]);
    log.commitTo(2);
    expect(() => log.append(entries(2, 2))).toThrow('would replace a committed one');
  });
});

describe('what is durable', () => {
  it('stays unstable when it was replaced while it was written', () => {
    const log = logOf([1, 1], 0);
    log.accept(1, 1, 0, entries(2, 2));
    log.unstable.stableTo(2, 1);
    expect(log.unstable.entries.length).toBe(2);
    log.unstable.stableTo(2, 2);
    expect(log.stableIndex()).toBe(2);
  });
});

describe('up to date', () => {
  it.each<[number, number, boolean]>([
    [1, 3, true],
    [9, 1, false],
    [3, 2, true],
    [2, 2, false],
  ])('a log that ends at %i in term %i: %s', (index, term, expected) => {
    expect(logOf([1, 2, 2]).isUpToDate(index, term)).toBe(expected);
  });
});

it('finds the last entry of a term or below as a search one by one does', () => {
  const terms = fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 8 }).map((list) => list.sort((a, b) => a - b));
  fc.assert(
    fc.property(terms, fc.integer({ min: 0, max: 6 }), (list, term) => {
      const expected = list.filter((each) => each <= term).length;
      expect(logOf(list).lastIndexAtOrBelowTerm(list.length, term).index).toBe(expected);
    }),
  );
});
