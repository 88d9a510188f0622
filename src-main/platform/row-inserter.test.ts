import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { RowInserter } from './row-inserter.ts';

it.each([0, 1, 3, 4, 15, 16, 17, 55])('inserts %i rows, each once and in order', (count) => {
  const database = new Database(':memory:');
  try {
    database.exec('CREATE TABLE pair (number INTEGER PRIMARY KEY, text TEXT NOT NULL)');
    const rows = Array.from({ length: count }, (_, number): [number, string] => [number, `row ${number}`]);
    new RowInserter(database, 'INSERT INTO pair', 2).insert(rows.flat());
    expect(database.prepare('SELECT number, text FROM pair ORDER BY number').raw().all()).toEqual(rows);
  } finally {
    database.close();
  }
});

it('replaces in the order of the rows when it is told to', () => {
  const database = new Database(':memory:');
  try {
    database.exec('CREATE TABLE pair (number INTEGER PRIMARY KEY, text TEXT NOT NULL)');
    new RowInserter(database, 'INSERT OR REPLACE INTO pair', 2).insert([1, 'first', 2, 'other', 1, 'last', 2, 'end']);
    expect(database.prepare('SELECT text FROM pair ORDER BY number').pluck().all()).toEqual(['last', 'end']);
  } finally {
    database.close();
  }
});
