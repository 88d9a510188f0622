/** Everything that an edge's processes know, read at one moment. */
import { assert } from '#shared/base/assert.ts';
import { ok } from '#shared/base/result.ts';
import type { EdgeServerFacts } from '../ports/edge.ts';
import type { EngineResult } from '../ports/engine.ts';
import { refuse } from './edge-refusal.ts';
import { parseHistograms } from './latency-histogram.ts';
import type { MasterCli } from './master-cli.ts';
import {
  parseInfo,
  parseServersState,
  parseStats,
  parseWorkers,
  type ServerStanding,
  type StatRow,
  type Workers,
} from './runtime-answers.ts';

/** What one worker counted. */
export interface WorkerReading {
  /** Of this process only; null of an old one, which is known by its number. */
  readonly pid: number;
  readonly rows: readonly StatRow[];
  /** By pool and server. */
  readonly latency: ReadonlyMap<string, EdgeServerFacts['latency']>;
}

export interface EdgeReading {
  readonly workers: Workers;
  /** The current worker's, of this process only. */
  readonly workerId: string;
  /** Of its configuration. */
  readonly description: string;
  readonly standings: readonly ServerStanding[];
  readonly current: WorkerReading;
  readonly old: readonly WorkerReading[];
}

/** Frontends and servers, of all proxies. */
const stats = 'show stat -1 5 -1';

/** Reads an edge. Two or three round trips of about a millisecond each. */
export async function observeEdge(cli: MasterCli): Promise<EngineResult<EdgeReading>> {
  const answered = await cli.ask(['show proc', '@1 show info', '@1 show servers state', `@1 ${stats}`]);
  if (!answered.ok) return answered;
  const [processes = '', infoText = '', serversText = '', statText = ''] = answered.value;
  const workers = parseWorkers(processes);
  const info = parseInfo(infoText);
  if (info === null || workers.current === null) {
    return refuse('refused', 'The edge has no running worker.', `${processes}\n${infoText}`);
  }
  const rows = parseStats(statText);
  const current = await readLatency(cli, '@1', workers.current, rows);
  if (!current.ok) return current;
  const old: WorkerReading[] = [];
  for (const pid of workers.old) {
    const text = await cli.ask([`@!${pid} ${stats}`]);
    if (!text.ok) return text;
    const reading = await readLatency(cli, `@!${pid}`, pid, parseStats(text.value[0] ?? ''));
    if (!reading.ok) return reading;
    old.push(reading.value);
  }
  return ok({
    workers,
    workerId: info.id,
    description: info.description,
    standings: parseServersState(serversText),
    current: current.value,
    old,
  });
}

async function readLatency(
  cli: MasterCli,
  prefix: string,
  pid: number,
  rows: readonly StatRow[],
): Promise<EngineResult<WorkerReading>> {
  const pools = [...new Set(rows.filter(isHttpServer).map((row) => row.get('pxname') ?? ''))];
  const latency = new Map<string, EdgeServerFacts['latency']>();
  if (pools.length > 0) {
    const tables = await cli.ask(pools.map((pool) => `${prefix} show table ${pool}`));
    if (!tables.ok) return tables;
    assert(tables.value.length === pools.length, 'each table is answered');
    pools.forEach((pool, index) => {
      for (const [server, counts] of parseHistograms(tables.value[index] ?? '')) {
        latency.set(`${pool}/${server}`, counts);
      }
    });
  }
  return ok({ pid, rows, latency });
}

/** Kinds of rows of `show stat`. */
export const rowType = { frontend: '0', server: '2' } as const;

function isHttpServer(row: StatRow): boolean {
  return row.get('type') === rowType.server && row.get('mode') === 'http';
}
