/** How a node's disk can fail it, told apart by what the node must do. */
import Database from 'better-sqlite3';

/**
 * What the node wrote cannot be trusted, or is gone. The node neither votes nor serves until it
 * is rebuilt from the others: going on could take back a promise it made.
 */
export class UntrustedDataError extends Error {
  override readonly name = 'UntrustedDataError';
}

/** Why a disk refused. */
export type DiskFault = 'disk-full' | 'read-only' | 'input-output';

/**
 * The disk refused a write or a sync. Whether it happened is unknown, and a retry can falsely
 * succeed because the kernel may have marked the pages clean: the node stops and starts afresh.
 */
export class DiskError extends Error {
  override readonly name = 'DiskError';
  readonly fault: DiskFault;

  constructor(fault: DiskFault, message: string, cause: unknown) {
    super(message, { cause });
    this.fault = fault;
  }
}

function codeOf(error: unknown): string {
  if (error instanceof Database.SqliteError) return error.code;
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return '';
}

/**
 * Names what happened to `file`: an `UntrustedDataError` or a `DiskError` where SQLite or the
 * system says so, else the error itself, which then is a mistake of this program.
 */
export function toStorageError(error: unknown, file: string): Error {
  if (error instanceof UntrustedDataError || error instanceof DiskError) return error;
  const code = codeOf(error);
  const detail = error instanceof Error ? error.message : String(error);
  if (/^SQLITE_(CORRUPT|NOTADB|FORMAT)/.test(code)) {
    return new UntrustedDataError(`${file} is damaged: ${detail}`, { cause: error });
  }
  if (code === 'SQLITE_FULL' || code === 'ENOSPC' || code === 'EDQUOT') {
    return new DiskError('disk-full', `no space left to write ${file}`, error);
  }
  if (code.startsWith('SQLITE_READONLY') || code === 'EROFS' || code === 'EACCES' || code === 'EPERM') {
    return new DiskError('read-only', `${file} cannot be written: ${detail}`, error);
  }
  if (/^SQLITE_(IOERR|CANTOPEN)/.test(code) || code === 'EIO') {
    return new DiskError('input-output', `the disk failed on ${file}: ${detail}`, error);
  }
  return error instanceof Error ? error : new Error(detail);
}
