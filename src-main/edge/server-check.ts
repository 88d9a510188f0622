/** How the servers of a pool are checked. Pure. */
import type { EdgePool, EdgeServer, EdgeSpec } from '../ports/edge.ts';

/** Whether it is checked: a backend of HAProxy has checks of one kind. */
export function isChecked({ check }: EdgeServer, pool: EdgePool): boolean {
  return check.kind === pool.check.kind;
}

/** The path that it is asked for; null for one that is not asked over HTTP. */
export function checkPathOf(server: EdgeServer, pool: EdgePool): string | null {
  return server.check.kind === 'http' && isChecked(server, pool) ? server.check.path : null;
}

/** The paths of all servers, as a map of HAProxy: `<pool>/<server> <path>`, a line each. */
export function checkPathsText({ pools }: EdgeSpec): string {
  const lines = pools.flatMap((pool) =>
    pool.servers.flatMap((server) => {
      const path = checkPathOf(server, pool);
      return path === null ? [] : [`${pool.name}/${server.name} ${path}\n`];
    }),
  );
  return lines.join('');
}
