/** Opens `state.db` the one way in which it may be written. */
import { existsSync } from 'node:fs';
import SqliteDatabase, { type Database } from 'better-sqlite3';
import { assert } from '#shared/base/assert.ts';
import { migrate } from './schema.ts';
import { guardCorruption, StateCorruptError } from './state-corrupt-error.ts';

/**
 * Who makes the state survive a power cut. `log`: the Raft log is the durable truth and the
 * state is caught up from it, so a commit need not wait for the disk. `state`: there is no log.
 */
export type Durability = 'log' | 'state';

const synchronousLevels: Record<Durability, number> = { log: 1, state: 2 };

/** Opens or makes the file, checks it, and brings its tables up to date. Throws `StateCorruptError`. */
export function openStateDatabase(path: string, durability: Durability): Database {
  return guardCorruption(path, () => {
    const isNew = !existsSync(path);
    const database = new SqliteDatabase(path);
    try {
      database.pragma('journal_mode = WAL');
      setSynchronous(database, synchronousLevels[durability]);
      // A commit must not pay for the checkpoint of its predecessors: `maintain` does it apart.
      if (durability === 'log') database.pragma('wal_autocheckpoint = 0');
      if (!isNew) quickCheck(database, 'main', path);
      migrate(database);
      assertSynchronous(database, synchronousLevels[durability]);
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  });
}

/** Throws `StateCorruptError` unless SQLite finds the attached database whole. `path` is named in the error. */
export function quickCheck(database: Database, attachedAs: 'main' | 'snapshot', path: string): void {
  const found = guardCorruption(path, () => database.pragma(`${attachedAs}.quick_check(1)`, { simple: true }));
  if (found !== 'ok') throw new StateCorruptError(path, String(found));
}

/**
 * Makes all commits so far survive a power cut.
 *
 * With `synchronous=NORMAL` a commit only reaches the operating system: after a power cut the
 * file is whole but may lack the last commits, which the Raft log then applies again. Before
 * that log is compacted the state must stand on its own. A checkpoint alone does not promise
 * it: frames that a reader still needs are left in the write-ahead log, possibly unsynced. So
 * one commit is made under FULL, which syncs the whole write-ahead log up to and including
 * itself, and the checkpoint then only moves pages and never waits for readers.
 */
export function syncDatabase(database: Database, durability: Durability): void {
  setSynchronous(database, synchronousLevels.state);
  database.exec('UPDATE applied SET logIndex = logIndex');
  assertSynchronous(database, synchronousLevels.state);
  setSynchronous(database, synchronousLevels[durability]);
  checkpoint(database);
  assertSynchronous(database, synchronousLevels[durability]);
}

/** Moves what the write-ahead log holds into the main file, as far as no reader needs it there. */
export function checkpoint(database: Database): void {
  database.pragma('wal_checkpoint(PASSIVE)');
}

function setSynchronous(database: Database, level: number): void {
  database.pragma(`synchronous = ${level}`);
}

/** better-sqlite3 is built with a default of its own for WAL, which takes hold at the first write unless it was set. */
function assertSynchronous(database: Database, level: number): void {
  const actual = database.pragma('synchronous', { simple: true });
  assert(actual === level, `synchronous is ${String(actual)} instead of ${level}`);
}
