/** Specs of edges for tests that need no engine. */
import type { EdgeListener, EdgePool, EdgeServer, EdgeSpec } from '../ports/edge.ts';

/** A server that takes traffic. */
export function serverSpec(name: string, changes: Partial<EdgeServer> = {}): EdgeServer {
  const check = { kind: 'http', path: '/health', port: 8_000 } as const;
  return { name, address: '10.0.0.2', port: 8_000, check, revision: 1, state: 'ready', weight: 100, ...changes };
}

/** A pool of http servers. */
export function poolSpec(name: string, servers: readonly EdgeServer[], changes: Partial<EdgePool> = {}): EdgePool {
  const check = { kind: 'http', intervalMs: 2_000, timeoutMs: 1_000, failuresMax: 3 } as const;
  return { name, protocol: 'http', check, servers, ...changes };
}

/** An edge with one listener a pool, from port 80 on. */
export function edgeSpec(pools: readonly EdgePool[], changes: Partial<EdgeSpec> = {}): EdgeSpec {
  const listeners = pools.map(({ name }, index): EdgeListener => ({ kind: 'pool', port: 80 + index, pool: name }));
  const base = { name: 'edge', network: 'net', aliases: ['web'], publish: [], labels: {}, drainMs: 30_000 };
  return { ...base, listeners, pools, ...changes };
}

/** A listener with routes and no certificates. */
export function routesListener(
  routes: Extract<EdgeListener, { kind: 'routes' }>['routes'],
  changes: Partial<Extract<EdgeListener, { kind: 'routes' }>> = {},
): EdgeListener {
  return { kind: 'routes', port: 8_080, routes, certificates: [], redirectToTls: [], ...changes };
}
