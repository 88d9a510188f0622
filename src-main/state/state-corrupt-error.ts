/**
 * Thrown when `state.db` cannot be trusted: damaged, not a database, or written by a newer
 * Gantry. The node that meets it is fenced and rebuilt from the others; nothing is repaired in place.
 */
export class StateCorruptError extends Error {
  override readonly name = 'StateCorruptError';
  /** The file that is damaged. */
  readonly path: string;

  constructor(path: string, detail: string, options: { cause?: unknown } = {}) {
    super(
      `The state in ${path} cannot be trusted: ${detail}. It was left as it is; rebuild this node from the others.`,
      options,
    );
    this.path = path;
  }
}

/** Whether SQLite itself says that a file is damaged (https://sqlite.org/rescode.html). */
export function saysCorrupt(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return false;
  return error.code.startsWith('SQLITE_CORRUPT') || error.code === 'SQLITE_NOTADB';
}

/** Runs `work` on the database at `path` and gives what SQLite says of damage its own type. */
export function guardCorruption<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (saysCorrupt(error)) throw new StateCorruptError(path, (error as Error).message, { cause: error });
    throw error;
  }
}
