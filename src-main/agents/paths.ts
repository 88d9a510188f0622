import { isAbsolute, relative } from 'node:path';

/** A path that an agent told, as seen from its worktree; one outside stays absolute. */
export function worktreePath(path: string, cwd: string): string {
  if (!isAbsolute(path)) return path;
  const inside = relative(cwd, path);
  return inside === '' || inside.startsWith('..') || isAbsolute(inside) ? path : inside.replaceAll('\\', '/');
}
