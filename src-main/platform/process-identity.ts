/** Tells a process from a later one that got the same number. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** What the operating system knows of a process right now. */
export type ProcessState =
  | { readonly kind: 'gone' }
  /** `identity` differs for each process that ever had this pid, over reboots too; null where the system does not tell. */
  | { readonly kind: 'running'; readonly identity: string | null };

/** Looks a process up. A zombie counts as gone: it holds nothing any more. */
export function lookUpProcess(pid: number): ProcessState {
  if (!isSignalable(pid)) return { kind: 'gone' };
  if (process.platform === 'linux') return lookUpInProc(pid);
  if (process.platform === 'darwin') return lookUpWithPs(pid);
  return { kind: 'running', identity: null };
}

function isSignalable(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it runs as somebody else.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function lookUpInProc(pid: number): ProcessState {
  const stat = readIfThere(`/proc/${pid}/stat`);
  if (stat === null) return { kind: 'running', identity: null };
  // The second field is the command in brackets and may hold anything: count from the last bracket.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, startTicks] = [fields[0], fields[19]];
  if (state === 'Z' || state === 'X') return { kind: 'gone' };
  const boot = readIfThere('/proc/sys/kernel/random/boot_id')?.trim();
  return { kind: 'running', identity: boot && startTicks ? `${boot}:${startTicks}` : null };
}

function lookUpWithPs(pid: number): ProcessState {
  try {
    const started = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8', timeout: 5_000 });
    return { kind: 'running', identity: started.trim() || null };
  } catch (error) {
    // `ps` that cannot answer says nothing about the process: the signal reached it.
    if (error instanceof Error) return { kind: 'running', identity: null };
    throw error;
  }
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error) return null;
    throw error;
  }
}
