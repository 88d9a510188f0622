/** What HAProxy's command line answers, as values. Formats as of 2.6; columns are found by name. */
import { assertDefined } from '#shared/base/assert.ts';

/** A row of `show stat`, by column; undefined where this HAProxy has no such column. */
export interface StatRow {
  get(column: string): string | undefined;
}

/** The answer to `show stat`: comma-separated, with quotes where a text has a comma. */
export function parseStats(answer: string): StatRow[] {
  const [head, ...rows] = answer.split('\n').filter((line) => line !== '');
  if (head === undefined || !head.startsWith('# ')) return [];
  // Rows have some ninety columns, of which a few are read, of many servers many times a second.
  const places = new Map(
    head
      .slice(2)
      .split(',')
      .map((column, index) => [column, index]),
  );
  return rows.map((row) => {
    const values = splitRow(row);
    return {
      get: (column) => {
        const place = places.get(column);
        return place === undefined ? undefined : (values[place] ?? '');
      },
    };
  });
}

function splitRow(row: string): string[] {
  if (!row.includes('"')) return row.split(',');
  return [...row.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, inQuotes, plain]) =>
    inQuotes === undefined ? (plain ?? '') : inQuotes.replaceAll('""', '"'),
  );
}

/** A number of a row; 0 where the column is empty, as it is for what does not apply. */
export function countOf(row: StatRow, column: string): number {
  return Number(row.get(column) ?? 0);
}

/** How a server stands, of `show servers state`. */
export interface ServerStanding {
  readonly pool: string;
  readonly server: string;
  /** Empty while its name is not known on the network. */
  readonly address: string;
  readonly port: number;
  readonly weight: number;
  readonly isUp: boolean;
  /** Takes nothing new, by order. */
  readonly isDraining: boolean;
  /** Not checked and out of use: on its way out. */
  readonly isInMaintenance: boolean;
}

const runningState = 2;
const stoppingState = 3;
/** By order or configuration; not for a name that is not found (0x20), which comes and goes by itself. */
const maintenanceBits = 0x01 | 0x02 | 0x04 | 0x40;
const drainBits = 0x08 | 0x10;

/** The answer to `show servers state`. */
export function parseServersState(answer: string): ServerStanding[] {
  const lines = answer.split('\n');
  const head = lines.find((line) => line.startsWith('# '));
  if (head === undefined) return [];
  const columns = head.slice(2).trim().split(' ');
  const column = (values: readonly string[], name: string): string =>
    assertDefined(values[columns.indexOf(name)], `servers have a ${name}`);
  return lines
    .slice(lines.indexOf(head) + 1)
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const values = line.trim().split(' ');
      const administrative = Number(column(values, 'srv_admin_state'));
      const operational = Number(column(values, 'srv_op_state'));
      return {
        pool: column(values, 'be_name'),
        server: column(values, 'srv_name'),
        address: column(values, 'srv_addr').replace(/^-$/, ''),
        port: Number(column(values, 'srv_port')),
        weight: Number(column(values, 'srv_uweight')),
        isUp: operational === runningState || operational === stoppingState,
        isDraining: (administrative & drainBits) !== 0,
        isInMaintenance: (administrative & maintenanceBits) !== 0,
      };
    });
}

/** The processes of a balancer: one that accepts, and those from before reloads that finish what they have. */
export interface Workers {
  readonly current: number | null;
  readonly old: readonly number[];
}

/** The answer of the master to `show proc`. */
export function parseWorkers(answer: string): Workers {
  const processes: Record<string, number[]> = {};
  let heading = '';
  for (const line of answer.split('\n')) {
    if (line.startsWith('# ')) heading = line.slice(2).trim();
    const [, pid, kind] = /^(\d+)\s+(\w+)/.exec(line) ?? [];
    if (kind === 'worker') (processes[heading] ??= []).push(Number(pid));
  }
  return {
    current: processes['workers']?.[0] ?? null,
    old: processes['old workers'] ?? [],
  };
}

/** What a worker says of itself. */
export interface WorkerInfo {
  /** Of this process only: another one with the same number began at another time. */
  readonly id: string;
  /** Of its configuration. */
  readonly description: string;
}

/** The answer to `show info`; null if it is none. */
export function parseInfo(answer: string): WorkerInfo | null {
  const fields = new Map(
    answer.split('\n').map((line) => {
      const colon = line.indexOf(': ');
      return colon < 0 ? ([line, ''] as const) : ([line.slice(0, colon), line.slice(colon + 2).trim()] as const);
    }),
  );
  const pid = fields.get('Pid');
  if (pid === undefined) return null;
  return { id: `${pid}@${fields.get('Start_time_sec') ?? ''}`, description: fields.get('description') ?? '' };
}
