/** A whole state as one file, and back. */
import { closeSync, copyFileSync, fsyncSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import SqliteDatabase, { type Database } from 'better-sqlite3';
import { migrate, schemaVersion, schemaVersionOf, tableShapes } from './schema.ts';
import { guardCorruption, StateCorruptError } from './state-corrupt-error.ts';
import { quickCheck } from './state-database.ts';

/**
 * Writes the committed state to `path` and returns its size in bytes. The file appears under
 * its name only when it is complete and synced.
 */
export function writeSnapshotFile(database: Database, path: string): number {
  const partialPath = `${path}.partial`;
  rmSync(partialPath, { force: true });
  database.prepare('VACUUM INTO ?').run(partialPath);
  syncPath(partialPath);
  renameSync(partialPath, path);
  syncPath(dirname(path));
  return statSync(path).size;
}

/**
 * Replaces every row by the snapshot's in one transaction: a reader on another connection sees
 * the old state or the new one, and its prepared statements stay valid. A snapshot of an older
 * version is brought up to date in a copy. Throws `StateCorruptError`, naming the snapshot, with
 * the old state kept.
 */
export function restoreSnapshotFile(database: Database, path: string): void {
  statSync(path); // ATTACH would make an empty database of a missing file.
  const version = attached(database, path, () => {
    quickCheck(database, 'snapshot', path);
    if (!isState(database)) throw new StateCorruptError(path, 'it is not a snapshot of a state');
    return schemaVersionOf(database, 'snapshot');
  });
  if (version > schemaVersion) {
    throw new StateCorruptError(
      path,
      `its tables are of version ${version}, this Gantry knows version ${schemaVersion} and older`,
    );
  }
  if (version === schemaVersion) {
    attached(database, path, () => replaceRows(database));
    return;
  }
  // Named as what a crash leaves half-written is, so that it is cleared away as such.
  const migratedPath = `${path}.part`;
  try {
    copyFileSync(path, migratedPath);
    guardCorruption(path, () => migrateFile(migratedPath));
    attached(database, migratedPath, () => replaceRows(database));
  } finally {
    rmSync(migratedPath, { force: true });
  }
}

/** Does `work` while the file is attached as `snapshot`. */
function attached<T>(database: Database, path: string, work: () => T): T {
  guardCorruption(path, () => database.prepare('ATTACH ? AS snapshot').run(path));
  try {
    return guardCorruption(path, work);
  } finally {
    database.exec('DETACH snapshot');
  }
}

function replaceRows(database: Database): void {
  database
    .transaction(() => {
      for (const table of tableShapes(database)) {
        const columns = table.columns.map((name) => `"${name}"`).join(', ');
        database.exec(`DELETE FROM main."${table.name}"`);
        database.exec(`INSERT INTO main."${table.name}" (${columns}) SELECT ${columns} FROM snapshot."${table.name}"`);
      }
    })
    .immediate();
}

function migrateFile(path: string): void {
  const database = new SqliteDatabase(path);
  try {
    migrate(database);
  } finally {
    database.close();
  }
}

function isState(database: Database): boolean {
  const found = database
    .prepare(
      "SELECT count(*) FROM snapshot.sqlite_schema WHERE type = 'table' AND name IN ('applied', 'schemaMigration')",
    )
    .pluck()
    .get();
  return found === 2;
}

/** Syncs a file, or a folder's list of names. Windows cannot sync folders and does not need to. */
function syncPath(path: string): void {
  const isFolder = statSync(path).isDirectory();
  if (isFolder && process.platform === 'win32') return;
  const descriptor = openSync(path, isFolder ? 'r' : 'r+');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
