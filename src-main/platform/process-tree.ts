/**
 * All processes that one run has started, however they tried to get away: children, members of
 * the groups and sessions that they opened, and whoever carries the run's mark in its
 * environment. What was seen once is remembered by pid and start time, so that a process whose
 * parent has died is still known, and one that merely inherited a dead one's pid is not.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Clock } from '../ports/clock.ts';
import { findByEnvironment, type ProcessRow, type ProcessTable, readProcessTable } from './process-table.ts';

/** How a tree is asked to end: each signal, and how long it gets before the next. */
export interface EndingManners {
  readonly steps: readonly { readonly signal: NodeJS.Signals; readonly graceMs: number }[];
}

/** Ask like a terminal, then like a shutdown, then not at all. */
export const politeEnding: EndingManners = {
  steps: [
    { signal: 'SIGINT', graceMs: 1_500 },
    { signal: 'SIGTERM', graceMs: 2_000 },
    { signal: 'SIGKILL', graceMs: 5_000 },
  ],
};

/** For what nobody talks to any more. */
export const promptEnding: EndingManners = {
  steps: [
    { signal: 'SIGTERM', graceMs: 1_000 },
    { signal: 'SIGKILL', graceMs: 5_000 },
  ],
};

const pollMs = 40;

export class ProcessTree {
  readonly #markName: string;
  readonly #markValue: string;
  /** Pid to identity of every member that was alive at the last look. */
  readonly #members = new Map<number, string>();
  /** Sessions and groups that members have opened; they outlive their leaders. */
  readonly #circles = new Set<number>();

  /** A tree whose processes carry `markName=markValue` in their environment. */
  constructor(markName: string, markValue: string) {
    this.#markName = markName;
    this.#markValue = markValue;
  }

  /** Pids of the members at the last look. */
  get pids(): readonly number[] {
    return [...this.#members.keys()];
  }

  /** Takes a process that was just started, and leads a session of its own, as the root. */
  addRoot(pid: number): void {
    this.#circles.add(pid);
  }

  /** Brings the members up to date from relations alone; answers their rows. */
  look(table: ProcessTable): ProcessRow[] {
    for (const [pid, identity] of this.#members) {
      if (table.get(pid)?.identity !== identity) this.#members.delete(pid);
    }
    const used = new Set<number>();
    for (const row of table.values()) {
      used.add(row.groupId);
      used.add(row.sessionId);
    }
    // The kernel does not give a pid away while a group or session of that number exists.
    for (const circle of this.#circles) if (!used.has(circle)) this.#circles.delete(circle);

    for (let grew = true; grew; ) {
      grew = false;
      for (const row of table.values()) {
        if (this.#members.has(row.pid) || row.pid === process.pid || row.pid === 1) continue;
        const related =
          this.#members.has(row.parentPid) || this.#circles.has(row.groupId) || this.#circles.has(row.sessionId);
        if (!related) continue;
        this.#add(row);
        grew = true;
      }
    }
    return this.#rows(table);
  }

  /** As `look`, and searches all environments too: finds those who left every relation behind. */
  async search(table?: ProcessTable): Promise<ProcessRow[]> {
    const current = table ?? (await readProcessTable());
    for (const pid of await findByEnvironment(current, this.#markName, this.#markValue)) {
      const row = current.get(pid);
      if (row && pid !== process.pid) this.#add(row);
    }
    return this.look(current);
  }

  /** Sends `signal` to every member that is there now. */
  async signal(signal: NodeJS.Signals): Promise<void> {
    for (const row of await this.search()) sendSignal(row.pid, signal);
  }

  /** Holds every member; looks again until none runs, since each may start others meanwhile. */
  async pause(): Promise<void> {
    for (let round = 0; round < 20; round += 1) {
      const running = (await this.search()).filter((row) => !row.stopped);
      if (running.length === 0) return;
      for (const row of running) sendSignal(row.pid, 'SIGSTOP');
    }
  }

  async resume(): Promise<void> {
    await this.signal('SIGCONT');
  }

  /**
   * Ends every member, with the whole tree read anew at each step. Answers how many are left,
   * which is 0 unless the kernel itself holds one.
   */
  async end(manners: EndingManners, clock: Clock): Promise<number> {
    if (process.platform === 'win32') return endOnWindows([...this.#circles]);
    for (const { signal, graceMs } of manners.steps) {
      const deadlineMs = clock.monotonicMs() + graceMs;
      let members = await this.search();
      let told = new Set<string>();
      while (members.length > 0) {
        for (const row of members) {
          const who = `${row.pid}/${row.identity}`;
          if (told.has(who) && signal !== 'SIGKILL') continue;
          told.add(who);
          sendSignal(row.pid, signal);
          // A held process acts on a signal only once it goes on.
          if (row.stopped && signal !== 'SIGKILL') sendSignal(row.pid, 'SIGCONT');
        }
        if (clock.monotonicMs() >= deadlineMs) break;
        await new Promise<void>((resolve) => clock.after(pollMs, resolve));
        members = this.look(await readProcessTable());
        if (members.length === 0) members = await this.search();
      }
      told = new Set();
      if (members.length === 0) return 0;
    }
    return (await this.search()).length;
  }

  #add(row: ProcessRow): void {
    this.#members.set(row.pid, row.identity);
    if (row.sessionId === row.pid) this.#circles.add(row.sessionId);
    if (row.groupId === row.pid) this.#circles.add(row.groupId);
  }

  #rows(table: ProcessTable): ProcessRow[] {
    const rows: ProcessRow[] = [];
    for (const pid of this.#members.keys()) {
      const row = table.get(pid);
      if (row) rows.push(row);
    }
    return rows;
  }
}

/** False when the process is gone already. */
export function sendSignal(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

async function endOnWindows(roots: readonly number[]): Promise<number> {
  const execute = promisify(execFile);
  let left = 0;
  for (const pid of roots) {
    try {
      await execute('taskkill', ['/pid', String(pid), '/T', '/F']);
    } catch (error) {
      // 128: there is no such process any more.
      if ((error as { code?: unknown }).code !== 128) left += 1;
    }
  }
  return left;
}
