import Database from 'better-sqlite3';

/**
 * Takes the worker's lock: an exclusive transaction on an empty database, which the operating
 * system releases when the process dies, however it dies. Null when another worker holds it.
 */
export function takeLock(path: string): { release(): void } | null {
  const database = new Database(path, { timeout: 0 });
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if ((error as { code?: unknown }).code === 'SQLITE_BUSY') return null;
    throw error;
  }
  return { release: () => database.close() };
}
