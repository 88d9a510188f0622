/**
 * A SQLite database whose commits survive a power cut.
 *
 * better-sqlite3 is built with `SQLITE_DEFAULT_WAL_SYNCHRONOUS=1`: after `journal_mode=WAL` the
 * level reads 2 (FULL) but falls to 1 (NORMAL) with the first write, and on each reopening.
 * NORMAL loses acknowledged entries in a power cut, which is a violation of Raft's safety. Only
 * a level that was set by hand stays; so it is set on every open and read back after a write.
 */
import { existsSync } from 'node:fs';
import Database from 'better-sqlite3';
import { assert } from '#shared/base/assert.ts';
import { toStorageError, UntrustedDataError } from './storage-error.ts';

const synchronousFull = 2;

/** Throws unless commits to `database` are synced. Call it after the first write, too. */
export function assertDurable(database: Database.Database): void {
  const journal = database.pragma('journal_mode', { simple: true });
  const synchronous = database.pragma('synchronous', { simple: true });
  assert(journal === 'wal', `journal_mode must be WAL, is ${String(journal)}`);
  assert(synchronous === synchronousFull, `synchronous must be FULL (2), is ${String(synchronous)}`);
}

/**
 * Opens `path`, creating it unless `mustExist`. Throws `UntrustedDataError` when it is missing
 * or damaged, `DiskError` when the disk refuses.
 */
export function openDurableDatabase(path: string, mustExist: boolean): Database.Database {
  if (mustExist && !existsSync(path)) throw new UntrustedDataError(`${path} is missing`);
  let database: Database.Database | null = null;
  try {
    database = new Database(path);
    // One node, one file, one connection: spares the locks of each transaction, and keeps a
    // second process from opening the same log.
    database.pragma('locking_mode = EXCLUSIVE');
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = FULL');
    // A commit must not pay for the checkpoint of its predecessors: `LogStore` asks for it apart.
    database.pragma('wal_autocheckpoint = 0');
    database.pragma('busy_timeout = 2000');
    assertDurable(database);
    return database;
  } catch (error) {
    database?.close();
    throw toStorageError(error, path);
  }
}

/**
 * Makes the WAL `bytes` long, for as long as the file is open. A sync after writing into blocks
 * that a file has already is several times faster than one that has to make the file longer.
 * The pages that this takes in the main file are free again, and used up by what is written.
 */
export function preallocateWal(database: Database.Database, bytes: number): void {
  // A crash between the statements leaves the table behind; in one transaction SQLite would
  // see that nothing of it is kept, and write nothing.
  database.exec(`
    DROP TABLE IF EXISTS filler;
    CREATE TABLE filler (data BLOB);
    INSERT INTO filler VALUES (zeroblob(${bytes}));
    DROP TABLE filler;
  `);
  database.pragma('wal_checkpoint(PASSIVE)');
}
