/**
 * The file that tells a starting balancer in which state its servers begin. Without it each server
 * would begin as up and take traffic before its first check.
 */
import type { EdgePool, EdgeServer, EdgeSpec } from '../ports/edge.ts';
import { isChecked } from './server-check.ts';

/** Columns of version 1 of the format (management guide of HAProxy, `show servers state`). */
const columns =
  'be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight' +
  ' srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state' +
  ' bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord srv_use_ssl srv_check_port srv_check_addr' +
  ' srv_agent_addr srv_agent_port';

const state = { down: 0, up: 2 } as const;
const drain = 0x08;
/** None, or one that is enabled and configured. */
const checkState = { none: 0, enabled: 6 } as const;
const checkStatus = { none: 1, passed: 15 } as const;
const checkResult = { none: 0, passed: 3 } as const;

/**
 * What a reload begins with. `isUp` says which servers are known to work: those whose checks pass,
 * under the address that they have.
 */
export function runningServerState(spec: EdgeSpec, isUp: (pool: EdgePool, server: EdgeServer) => boolean): string {
  return render(spec, (pool, server) => ({ isUp: isUp(pool, server), address: server.address, hostName: '-' }));
}

/**
 * What a restart begins with: no server that is checked is known to work, and those that have a name
 * have no address, since theirs may be another's by then.
 */
export function keptServerState(spec: EdgeSpec): string {
  return render(spec, (pool, server) => {
    const { address, hostName } = server;
    // Nothing would ever find out that one without a check works.
    const isUp = !isChecked(server, pool);
    return hostName === undefined ? { isUp, address, hostName: '-' } : { isUp, address: '-', hostName };
  });
}

function render(
  spec: EdgeSpec,
  knownOf: (pool: EdgePool, server: EdgeServer) => { isUp: boolean; address: string; hostName: string },
): string {
  const rows = spec.pools.flatMap((pool, poolIndex) =>
    pool.servers.map((server, serverIndex) => {
      const { isUp, address, hostName } = knownOf(pool, server);
      return [
        poolIndex + 1,
        pool.name,
        serverIndex + 1,
        server.name,
        address,
        isUp ? state.up : state.down,
        server.state === 'drain' ? drain : 0,
        server.weight,
        server.weight,
        0,
        isUp ? checkStatus.passed : checkStatus.none,
        isUp ? checkResult.passed : checkResult.none,
        isUp ? pool.check.failuresMax : 0,
        isChecked(server, pool) ? checkState.enabled : checkState.none,
        ...[0, 0, 0, hostName, server.port, '-', 0, 0, '-', '-', 0],
      ].join(' ');
    }),
  );
  return ['1', `# ${columns}`, ...rows, ''].join('\n');
}
