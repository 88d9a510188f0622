/**
 * What runs on this machine: one reading of the whole process table, cheap enough to be taken
 * every second (`/proc` on Linux, one `ps` elsewhere), and the search of all environments for
 * a mark that a program's descendants inherit.
 */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** One living process. */
export interface ProcessRow {
  readonly pid: number;
  readonly parentPid: number;
  readonly groupId: number;
  readonly sessionId: number;
  /** Tells two processes apart that had the same pid one after the other. Opaque. */
  readonly identity: string;
  /** True while held by SIGSTOP. */
  readonly stopped: boolean;
  /** CPU time used so far, all threads. */
  readonly cpuMs: number;
  /** Resident memory. */
  readonly memoryBytes: number;
}

/** All living processes by pid; the dead that nobody has waited for yet are left out. */
export type ProcessTable = ReadonlyMap<number, ProcessRow>;

/** Reads the process table. Empty on Windows, where trees are ended by `taskkill` instead. */
export async function readProcessTable(): Promise<ProcessTable> {
  if (process.platform === 'linux') return readProcFolder();
  if (process.platform === 'win32') return new Map();
  const { stdout } = await execute('ps', ['-A', '-o', 'pid=,ppid=,pgid=,stat=,rss=,time=,lstart='], {
    maxBuffer: 16 * 1024 * 1024,
    timeout: 5_000,
  });
  return parsePs(stdout);
}

/** Pids of those in `table` whose environment has `NAME=value` as one of its entries. */
export async function findByEnvironment(table: ProcessTable, name: string, value: string): Promise<number[]> {
  const entry = `${name}=${value}`;
  if (process.platform === 'linux') {
    return [...table.keys()].filter((pid) => readUnlessGone(`/proc/${pid}/environ`)?.split('\0').includes(entry));
  }
  if (process.platform === 'win32') return [];
  const { stdout } = await execute('ps', ['-A', '-E', '-ww', '-o', 'pid=,command='], {
    maxBuffer: 64 * 1024 * 1024,
    timeout: 5_000,
  });
  return stdout
    .split('\n')
    .filter((line) => ` ${line} `.includes(` ${entry} `))
    .map((line) => Number.parseInt(line, 10))
    .filter((pid) => table.has(pid));
}

function readProcFolder(): ProcessTable {
  const table = new Map<number, ProcessRow>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = readUnlessGone(`/proc/${name}/stat`);
    const row = stat === null ? null : parseStat(stat);
    if (row) table.set(row.pid, row);
  }
  return table;
}

/** A process may end between the listing and the reading, or belong to somebody else. */
function readUnlessGone(path: string): string | null {
  try {
    return readFileSync(path, 'latin1');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ESRCH' || code === 'EACCES' || code === 'EPERM') return null;
    throw error;
  }
}

/** The kernel counts CPU time in 1/100 s for user space on every architecture (USER_HZ). */
const clockTickMs = 10;
let pageBytes = 0;

/** Size of a memory page, from the auxiliary vector that the kernel gave this process (AT_PAGESZ = 6). */
function memoryPageBytes(): number {
  if (pageBytes > 0) return pageBytes;
  const vector = readFileSync('/proc/self/auxv');
  for (let at = 0; at + 16 <= vector.length; at += 16) {
    if (vector.readBigUInt64LE(at) === 6n) pageBytes = Number(vector.readBigUInt64LE(at + 8));
  }
  if (pageBytes === 0) pageBytes = 4_096;
  return pageBytes;
}

/** See proc_pid_stat(5). The name in parentheses may itself hold spaces and parentheses. */
export function parseStat(stat: string): ProcessRow | null {
  const nameEnd = stat.lastIndexOf(')');
  const pid = Number.parseInt(stat, 10);
  const fields = stat.slice(nameEnd + 2).split(' ');
  const state = fields[0];
  const field = (index: number): number => Number(fields[index] ?? 0);
  if (nameEnd < 0 || !Number.isInteger(pid) || state === 'Z' || state === 'X') return null;
  return {
    pid,
    parentPid: field(1),
    groupId: field(2),
    sessionId: field(3),
    identity: fields[19] ?? '',
    stopped: state === 'T',
    cpuMs: (field(11) + field(12)) * clockTickMs,
    memoryBytes: field(21) * memoryPageBytes(),
  };
}

/** Rows of `ps -o pid=,ppid=,pgid=,stat=,rss=,time=,lstart=`. */
export function parsePs(text: string): ProcessTable {
  const table = new Map<number, ProcessRow>();
  for (const line of text.split('\n')) {
    const match = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(\d+)\s+(\S+)\s+(.+?)\s*$/.exec(line);
    if (!match) continue;
    const [, pid, parentPid, groupId, state = '', kibibytes, time = '', startedAt = ''] = match;
    if (state.startsWith('Z')) continue;
    table.set(Number(pid), {
      pid: Number(pid),
      parentPid: Number(parentPid),
      groupId: Number(groupId),
      // Not told by every ps; a session's leader also leads a group of the same number.
      sessionId: Number(groupId),
      identity: startedAt,
      stopped: state.startsWith('T'),
      cpuMs: cpuTimeMs(time),
      memoryBytes: Number(kibibytes) * 1_024,
    });
  }
  return table;
}

/** `[[dd-]hh:]mm:ss[.cc]` in milliseconds. */
function cpuTimeMs(time: string): number {
  const [days, clock] = time.includes('-') ? (time.split('-') as [string, string]) : ['0', time];
  const seconds = clock.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
  return Math.round((Number(days) * 86_400 + seconds) * 1_000);
}
