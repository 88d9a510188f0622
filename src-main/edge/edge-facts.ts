/** A reading of an edge in the words of the port. Pure. */
import type { EdgeFacts, EdgeServerFacts } from '../ports/edge.ts';
import type { Counted, ServerCounters } from './edge-counters.ts';
import { type EdgeReading, rowType } from './observe-edge.ts';
import { countOf, type ServerStanding, type StatRow } from './runtime-answers.ts';

type Place = Pick<EdgeFacts, 'name' | 'containerId' | 'ports' | 'atMs'> & {
  /** How often the servers of a pool are checked; null where that is not known. */
  readonly checkIntervalMs: (pool: string) => number | null;
};

const noCounters: ServerCounters = {
  requests: 0,
  errors5xx: 0,
  failed: 0,
  retried: 0,
  receivedBytes: 0,
  sentBytes: 0,
  latency: [],
};

/** The facts; servers on their way out are left out. */
export function factsOf({ checkIntervalMs, ...place }: Place, reading: EdgeReading, counted: Counted): EdgeFacts {
  const rows = new Map(reading.current.rows.map((row) => [pathOf(row), row]));
  const pools = new Map(reading.current.rows.map((row) => [row.get('pxname') ?? '', row.get('mode')]));
  return {
    ...place,
    servers: reading.standings
      .filter(({ isInMaintenance }) => !isInMaintenance)
      .flatMap((standing) => {
        const path = `${standing.pool}/${standing.server}`;
        const row = rows.get(path);
        // Added between the two questions: with the next reading.
        if (row === undefined) return [];
        const counters = counted.servers.get(path) ?? noCounters;
        const latency = pools.get(standing.pool) === 'http' ? counters.latency : [];
        const check = checkOf(standing, row, checkIntervalMs(standing.pool));
        return [
          { ...serverFacts(standing, row, counters), check, active: activeOn(path, row, pools, reading.old), latency },
        ];
      }),
    requests: counted.front.requests,
    connections: counted.front.connections,
  };
}

function serverFacts(
  standing: ServerStanding,
  row: StatRow,
  { requests, errors5xx, failed, retried, receivedBytes, sentBytes }: ServerCounters,
): Omit<EdgeServerFacts, 'active' | 'check' | 'latency'> {
  const meanOf = (column: string): number | null => (countOf(row, 'stot') === 0 ? null : countOf(row, column));
  return {
    pool: standing.pool,
    server: standing.server,
    address: standing.address,
    state: standing.isDraining ? 'drain' : standing.isUp ? 'ready' : 'down',
    weight: standing.weight,
    requests,
    errors5xx,
    failed,
    retried,
    receivedBytes,
    sentBytes,
    responseMs: meanOf('rtime'),
    totalMs: meanOf('ttime'),
  };
}

function checkOf({ isUp }: ServerStanding, row: StatRow, intervalMs: number | null): EdgeServerFacts['check'] {
  // A star says that the next check is under way.
  const status = (row.get('check_status') ?? '').replace(/^\* /, '');
  // A server begins as down, so that one that is up has been checked, if by the process before a reload.
  const hasResult = isUp || (status !== '' && status !== 'INI');
  const duration = row.get('check_duration') ?? '';
  return {
    passes: isUp,
    hasResult,
    detail: detailOf(status, row),
    durationMs: duration === '' ? null : Number(duration),
    passesInARow: isUp ? passesInARow(row, intervalMs) : 0,
  };
}

/**
 * HAProxy does not count passes beyond those that it needs; it tells since when the server is as it
 * is, in seconds, and whether the last checks failed.
 */
function passesInARow(row: StatRow, intervalMs: number | null): number {
  const fullHealth = countOf(row, 'check_rise') + countOf(row, 'check_fall') - 1;
  if (countOf(row, 'check_health') < fullHealth) return 0;
  return 1 + (intervalMs === null ? 0 : Math.floor((countOf(row, 'lastchg') * 1_000) / intervalMs));
}

/** What the codes of checks mean, for those that a person has to act on. */
const meanings: Readonly<Record<string, string>> = {
  INI: 'not checked yet',
  SOCKERR: 'the edge could not open a connection',
  L4TOUT: 'no connection within the time',
  L4CON: 'nothing listens there, or the replica is not reachable',
  L7TOUT: 'connected, but no answer within the time',
  L7RSP: 'the answer is no HTTP',
  L7STS: 'the answer has a status that is not 200–399',
};

function detailOf(status: string, row: StatRow): string {
  if (row.get('status') === 'MAINT (resolution)')
    return 'its name is not known on the network: its container does not run';
  const code = row.get('check_code') ?? '';
  const said = row.get('last_chk') ?? '';
  const generic = row.get('check_desc') ?? '';
  return [
    code === '' || code === '0' ? status : `${status} ${code}`,
    meanings[status] ?? null,
    said === '' || said === generic ? null : said,
  ]
    .filter((part) => part !== null && part !== '')
    .join(': ');
}

/**
 * Requests under way with a server, in all processes. One from before a reload may still be sent a
 * request by each connection that it has, to whichever server it thinks ready.
 */
function activeOn(
  path: string,
  row: StatRow,
  pools: ReadonlyMap<string, unknown>,
  oldWorkers: EdgeReading['old'],
): number {
  let active = countOf(row, 'scur');
  for (const { rows } of oldWorkers) {
    for (const before of rows) {
      // What it does for a pool that is gone counts for those that it is in now.
      const isSame =
        pathOf(before) === path ||
        (before.get('svname') === row.get('svname') && !pools.has(before.get('pxname') ?? ''));
      if (before.get('type') !== rowType.server || !isSame) continue;
      active += countOf(before, 'scur');
      const takesNew = /^(UP|no check)/.test(before.get('status') ?? '');
      if (takesNew) active += idleConnections(rows);
    }
  }
  return active;
}

function idleConnections(rows: readonly StatRow[]): number {
  let idle = 0;
  for (const row of rows) {
    const isFrontend = row.get('type') === rowType.frontend && row.get('mode') === 'http';
    idle += isFrontend ? countOf(row, 'scur') : 0;
    idle -= row.get('type') === rowType.server && row.get('mode') === 'http' ? countOf(row, 'scur') : 0;
  }
  return Math.max(0, idle);
}

function pathOf(row: StatRow): string {
  return `${row.get('pxname')}/${row.get('svname')}`;
}
