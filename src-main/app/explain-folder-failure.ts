import { GantryError } from '#shared/contract/error.ts';

/** Says in words what kept the data folder from being used; anything else is passed on. */
export function explainFolderFailure(folder: string, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  switch (code) {
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
    case 'SQLITE_READONLY':
    case 'SQLITE_CANTOPEN':
      return new GantryError(
        'read-only-folder',
        `Gantry cannot write to its data folder ${folder} (${code}). Nothing was changed. Make it writable, or choose another one with GANTRY_HOME.`,
        { cause: error },
      );
    case 'ENOSPC':
    case 'EDQUOT':
    case 'SQLITE_FULL':
      return new GantryError(
        'disk-full',
        `There is no space left for Gantry's data in ${folder}. What was stored is kept. Free some space and start again.`,
        { cause: error },
      );
    case 'ENOTDIR':
    case 'EEXIST':
      return new GantryError('not-a-folder', `${folder} is not a folder. Choose another one with GANTRY_HOME.`, {
        cause: error,
      });
    default:
      return error;
  }
}
