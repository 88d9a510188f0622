import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { makeWorkerFolder, workerFolder } from '../platform/worker-folder.ts';

export interface LaunchOptions {
  readonly home: string;
  /** The worker program: TypeScript beside the sources, JavaScript beside the bundle. */
  readonly entry: string;
  /** The Node that runs it. */
  readonly nodePath: string;
  /** Passed on to the worker; its own default where absent. */
  readonly idleExitMs?: number | undefined;
}

/** A worker that was started; whether it serves is found out by connecting. */
export interface LaunchedWorker {
  readonly pid: number | null;
  /** Why it ended before it served, null while it runs. */
  failure(): string | null;
}

/** Starts a worker that outlives this process: a session of its own, no pipe to us. */
export function launchWorker(options: LaunchOptions): LaunchedWorker {
  const folder = workerFolder(options.home);
  makeWorkerFolder(folder);
  const idle = options.idleExitMs === undefined ? [] : ['--idle-exit-ms', String(options.idleExitMs)];
  const stderr = openSync(folder.stderr, 'w', 0o600);
  let end: string | null = null;
  try {
    const child = spawn(options.nodePath, [options.entry, '--home', options.home, ...idle], {
      cwd: options.home,
      detached: true,
      windowsHide: true,
      stdio: ['ignore', 'ignore', stderr],
    });
    child.once('error', (error) => {
      end = `The worker could not be started: ${error.message}`;
    });
    child.once('exit', (code, signal) => {
      end = `The worker ended (${signal ?? `exit code ${code}`}).`;
    });
    child.unref();
    return {
      pid: child.pid ?? null,
      failure: () => (end === null ? null : [end, lastWords(folder.stderr)].filter(Boolean).join(' ')),
    };
  } finally {
    closeSync(stderr);
  }
}

/** The end of what a worker printed: nothing, unless it broke. */
export function lastWords(stderrPath: string): string {
  try {
    return readFileSync(stderrPath, 'utf8').trim().slice(-2_000);
  } catch (error) {
    // It is shown beside another failure, which it must not hide.
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? '' : `(${String(error)})`;
  }
}
