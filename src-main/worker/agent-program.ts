/** Starts a program for an adapter: in the lane's worktree, leading a session of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { sendSignal } from '../platform/process-tree.ts';
import type { AgentProgram, ProgramCall, ProgramExit } from '../agents/adapter.ts';
import type { Clock } from '../ports/clock.ts';

export interface ProgramSurroundings {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly clock: Clock;
  onStarted(pid: number): void;
  /** Every byte of its error output, and of its standard output where that is prose. */
  onOutput(bytes: Uint8Array): void;
  /** A listener of the adapter threw: a mistake of ours, which must not cost the other runs their worker. */
  onAdapterError(error: unknown): void;
}

/** A longer line is cut: no protocol that we speak has any. */
const lineCharsMax = 4 * 1024 * 1024;

/** How long output may still come from children that hold the pipe of a program that has ended. */
const drainMs = 500;

/** Starts `call`; a program that cannot be started says so in `exited`. */
export function startAgentProgram(call: ProgramCall, surroundings: ProgramSurroundings): AgentProgram {
  const child = spawn(call.file, [...call.args], {
    cwd: surroundings.cwd,
    env: { ...surroundings.env, ...call.env },
    // A session of its own: the group can be signalled, and no terminal of ours reaches it.
    detached: process.platform !== 'win32',
    windowsHide: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  if (child.pid !== undefined) surroundings.onStarted(child.pid);

  const stdout = new LineReader(child.stdout, surroundings, call.stdoutIsProse);
  const stderr = new LineReader(child.stderr, surroundings, true);

  // A program may end, or close its input, before it has read everything: that is its right.
  child.stdin.on('error', () => child.stdin.destroy());
  if (call.stdin !== 'open') child.stdin.end(call.stdin);

  return {
    onLine(stream, listener) {
      (stream === 'stdout' ? stdout : stderr).listeners.push(listener);
    },
    write(text) {
      if (child.stdin.writable) child.stdin.write(text);
    },
    interrupt() {
      if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
      if (process.platform === 'win32') child.kill('SIGINT');
      else sendSignal(-child.pid, 'SIGINT');
    },
    exited: waitForExit(child, surroundings.clock).then((exit) => {
      stdout.finish();
      stderr.finish();
      return exit;
    }),
  };
}

function waitForExit(child: ChildProcess, clock: Clock): Promise<ProgramExit> {
  return new Promise((resolve) => {
    child.once('error', (error) => {
      if (child.pid === undefined) resolve({ code: null, signal: null, startError: error.message });
    });
    child.once('exit', (code, signal) => {
      const settle = (): void => {
        timer.dispose();
        child.stdout?.destroy();
        child.stderr?.destroy();
        resolve({ code, signal, startError: null });
      };
      const timer = clock.after(drainMs, settle);
      child.once('close', settle);
    });
  });
}

/** Splits a stream into lines and hands them to whoever listens by then. */
class LineReader {
  readonly listeners: ((line: string) => void)[] = [];
  readonly #decoder = new StringDecoder('utf8');
  readonly #surroundings: ProgramSurroundings;
  #partial = '';
  #finished = false;

  constructor(stream: Readable, surroundings: ProgramSurroundings, isProse: boolean) {
    this.#surroundings = surroundings;
    stream.on('data', (chunk: Buffer) => {
      if (this.#finished) return;
      if (isProse) surroundings.onOutput(chunk);
      this.#take(this.#decoder.write(chunk));
    });
  }

  /** Hands out the last line, which needs no newline. */
  finish(): void {
    this.#take(this.#decoder.end());
    if (this.#partial !== '') this.#hand(this.#partial);
    this.#partial = '';
    this.#finished = true;
  }

  #take(text: string): void {
    const lines = text.split('\n');
    if (this.#partial.length < lineCharsMax) this.#partial += lines[0] ?? '';
    for (const line of lines.slice(1)) {
      this.#hand(this.#partial);
      this.#partial = line;
    }
  }

  #hand(line: string): void {
    const whole = line.endsWith('\r') ? line.slice(0, -1) : line;
    for (const listener of this.listeners) {
      try {
        listener(whole);
      } catch (error) {
        this.#surroundings.onAdapterError(error);
      }
    }
  }
}
