/** Where the worker keeps what is its own, and how it is reached: `<data folder>/worker`. */
import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

export interface WorkerFolder {
  readonly path: string;
  /** Unix socket, or named pipe on Windows. */
  readonly socket: string;
  /** Who serves it: pid, start, secret (0600). */
  readonly identity: string;
  /** What the program printed by itself: only read when it could not start. */
  readonly stderr: string;
  readonly runs: string;
}

/** Unix sockets have addresses of at most 104 (macOS) or 108 bytes (Linux), with the final zero. */
const socketPathBytesMax = 100;

/** The paths of the worker of one data folder. */
export function workerFolder(home: string): WorkerFolder {
  const path = join(home, 'worker');
  return {
    path,
    socket: socketPath(path),
    identity: join(path, 'worker.json'),
    stderr: join(path, 'worker.err'),
    runs: join(path, 'runs'),
  };
}

/** Makes the folder, for this user only. */
export function makeWorkerFolder(folder: WorkerFolder): void {
  mkdirSync(folder.runs, { recursive: true, mode: 0o700 });
}

function socketPath(path: string): string {
  const digest = createHash('sha256').update(path).digest('hex').slice(0, 16);
  if (process.platform === 'win32') return `\\\\.\\pipe\\gantry-${digest}`;
  const beside = join(path, 'worker.sock');
  if (Buffer.byteLength(beside) <= socketPathBytesMax) return beside;
  return join(tmpdir(), `gantry-${userInfo().uid}-${digest}.sock`);
}
