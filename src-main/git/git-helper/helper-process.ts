/** One running git helper, as the app sees it. */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { GitFailure } from '../../ports/git.ts';
import { FrameReader, writeFrame } from './frames.ts';
import type { GitEnding, GitRequest, GitResult } from './protocol.ts';

export interface HelperProgram {
  /** `main.ts` beside this file, or its bundle. */
  readonly program: string;
  /** The Node that runs it. */
  readonly nodeProgram: string;
  /** The environment of every command. */
  readonly env: Readonly<Record<string, string>>;
}

/** One command, as it is asked for. */
export type Command = Omit<GitRequest, 'id' | 'hasInput'> & { readonly input: string | null };

/** What became of it. */
export interface CommandAnswer {
  readonly ending: GitEnding;
  readonly stdout: Buffer;
}

/** Thrown when the helper went away under a command: it may have done its work or not. */
export class GitInterrupted extends GitFailure {
  constructor(command: string, why: string) {
    super(
      `git ${command} was cut short: the process that runs git for Gantry ${why}. It may have finished or not; nothing else was changed. Try again: Gantry looks at what is there, with a new process.`,
      null,
      '',
    );
  }
}

interface Pending {
  readonly command: string;
  readonly resolve: (answer: CommandAnswer) => void;
  readonly reject: (error: GitInterrupted) => void;
  readonly overdue: NodeJS.Timeout;
}

/** It only passes text on: without this its garbage would grow to tens of megabytes before it is collected. */
const smallHeap = ['--max-semi-space-size=1'];
/** What a helper that is not stuck needs, beyond a command's own limit, to end it and to say so. */
const overdueMs = 10_000;
const lastWordsMax = 2_000;

/**
 * Started by its making, in a session of its own so that a Ctrl-C in the terminal reaches
 * neither it nor the commands. Keeps this program running only while a command is under way.
 */
export class HelperProcess {
  /** Resolves once the process is gone. */
  readonly ended: Promise<void>;
  readonly #child: ChildProcess;
  readonly #pending = new Map<number, Pending>();
  #lastId = 0;
  #hasEnded = false;
  #lastWords = '';

  constructor({ program, nodeProgram, env }: HelperProgram) {
    const child = spawn(nodeProgram, [...smallHeap, program], {
      env,
      detached: true,
      windowsHide: true,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#child = child;
    const reader = new FrameReader<GitResult>((result, body) => this.#settle(result, body));
    child.stdout?.on('data', (chunk: Buffer) => reader.push(chunk));
    child.stderr?.on('data', (chunk: Buffer) => {
      this.#lastWords = (this.#lastWords + chunk.toString()).slice(-lastWordsMax);
    });
    // What is written to a process that is gone fails here; its end is announced below.
    child.stdin?.on('error', () => undefined);
    this.ended = new Promise((resolve) => {
      const end = (why: string): void => {
        this.#onEnd(why);
        resolve();
      };
      child.on('error', (error) => end(`could not be started (${error.message})`));
      child.once('close', (code, signal) => end(`ended (${signal ?? `exit code ${code}`})`));
    });
    this.#hold(false);
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Has one command run. Rejects with `GitInterrupted` when the process ends meanwhile. */
  ask({ input, ...command }: Command): Promise<CommandAnswer> {
    this.#lastId += 1;
    const request: GitRequest = { ...command, id: this.#lastId, hasInput: input !== null };
    return new Promise((resolve, reject) => {
      // Whatever keeps a helper from answering, a command ends: the next one gets a new helper.
      const overdue = setTimeout(() => this.#child.kill('SIGKILL'), command.timeoutMs + overdueMs);
      overdue.unref();
      this.#pending.set(request.id, { command: command.args[0] ?? '', resolve, reject, overdue });
      this.#hold(true);
      if (this.#child.stdin) writeFrame(this.#child.stdin, request, input === null ? null : Buffer.from(input));
    });
  }

  /** Asks no more of it: it ends once the commands that run have, which this waits for, but no longer than `waitMs`. */
  async finish(waitMs: number): Promise<void> {
    this.#child.stdin?.end();
    this.#hold(true);
    const isOver = new AbortController();
    const patience = sleep(waitMs, undefined, { signal: isOver.signal });
    await Promise.race([this.ended, patience]);
    isOver.abort();
    this.#hold(false);
  }

  #settle({ id, ending }: GitResult, stdout: Buffer): void {
    this.#take(id)?.resolve({ ending, stdout });
  }

  #take(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    clearTimeout(pending?.overdue);
    this.#pending.delete(id);
    if (this.#pending.size === 0) this.#hold(false);
    return pending;
  }

  #onEnd(how: string): void {
    this.#hasEnded = true;
    const words = this.#lastWords.trim();
    const why = words === '' ? how : `${how}, saying: ${words}`;
    for (const [id, { command }] of this.#pending) this.#take(id)?.reject(new GitInterrupted(command, why));
  }

  /** Whether the process keeps this one from ending. */
  #hold(isHeld: boolean): void {
    const { stdin, stdout, stderr } = this.#child;
    // Typed as plain streams; pipes to a process are sockets.
    for (const handle of [this.#child, stdin, stdout, stderr] as (ChildProcess | Socket | null)[]) {
      if (isHeld) handle?.ref();
      else handle?.unref();
    }
  }
}
