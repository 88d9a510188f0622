/**
 * The one way to git, whose commands the git helper starts. Arguments are arrays and never pass
 * through a shell; each command has a time limit and a bound on its output; how many run at
 * once is bounded too. A lock file that another git holds is waited for.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { assert } from '#shared/base/assert.ts';
import { GantryError } from '#shared/contract/error.ts';
import { GitFailure } from '../ports/git.ts';
import type { GitHelper } from './git-helper/git-helper.ts';
import { Semaphore } from './semaphore.ts';

export interface GitCall {
  /** The folder to run in. It has to exist. */
  readonly cwd: string;
  readonly args: readonly string[];
  readonly input?: string;
  /** Added to the environment that all commands share. */
  readonly env?: Readonly<Record<string, string>>;
  /** Exit codes that are answers and not failures. Default: only 0. */
  readonly answers?: readonly number[];
  readonly timeoutMs?: number;
  readonly outputBytesMax?: number;
  /** Output past the bound is left off, and the command ended, instead of failing. */
  readonly mayCut?: boolean;
}

export interface GitOutput {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The output was longer than `outputBytesMax`; what is here is its beginning. */
  readonly cut: boolean;
}

export interface GitRunnerOptions {
  readonly helper: GitHelper;
  /** How long a lock file of another git is waited for. */
  readonly lockWaitMs: number;
}

const concurrentMax = 6;
const defaultTimeoutMs = 120_000;
const defaultOutputBytesMax = 64 * 1_024 * 1_024;
const firstLockPauseMs = 20;
const longestLockPauseMs = 500;
/** Stands for the exit code of a command that a signal ended. */
const killed = -1;

/** Thrown when a lock file stayed in the way for as long as it was waited for. */
export class GitLocked extends GitFailure {
  readonly lockFile: string;

  constructor(lockFile: string, waitedMs: number, stderr: string) {
    super(
      `Another git holds ${lockFile}, or one that was killed left it there. Gantry waited ${waitedMs} ms and changed nothing. When no git command runs in this repository, remove that file and try again.`,
      128,
      stderr,
    );
    this.lockFile = lockFile;
  }
}

/** git is not installed, or not on the path. */
export class GitMissing extends GitFailure {
  constructor(stderr: string) {
    super('The git program was not found.', null, stderr);
  }
}

export class GitRunner {
  readonly #helper: GitHelper;
  readonly #lockWaitMs: number;
  readonly #slots = new Semaphore(concurrentMax);

  constructor(options: GitRunnerOptions) {
    this.#helper = options.helper;
    this.#lockWaitMs = options.lockWaitMs;
  }

  /**
   * Runs one command. Throws a `GitFailure` when it ends with an exit code that is no answer,
   * takes too long or says too much, and a `GantryError` when the disk is full or read-only.
   */
  async run(call: GitCall): Promise<GitOutput> {
    let waitedMs = 0;
    let pauseMs = firstLockPauseMs;
    for (;;) {
      const output = await this.#slots.run(() => this.#once(call));
      const isAnswer = (call.answers ?? [0]).includes(output.exitCode);
      if (output.exitCode === 0 && isAnswer) return output;
      // Whatever a command may answer, a lock or a full disk is none of it.
      const refused = refusalOfDisk(output.stderr);
      if (refused !== null) throw refused;
      const lockFile = lockFileIn(output.stderr);
      if (lockFile === null && isAnswer) return output;
      if (lockFile === null) throw failureOf(call, output);
      if (waitedMs >= this.#lockWaitMs) throw new GitLocked(lockFile, waitedMs, output.stderr);
      await sleep(pauseMs);
      waitedMs += pauseMs;
      pauseMs = Math.min(longestLockPauseMs, pauseMs * 2);
    }
  }

  /** Runs one command and answers its output without the last line end. */
  async text(call: GitCall): Promise<string> {
    const { stdout } = await this.run(call);
    return stdout.endsWith('\n') ? stdout.slice(0, -1) : stdout;
  }

  async #once(call: GitCall): Promise<GitOutput> {
    const { cwd, args, input = null, env = {}, timeoutMs = defaultTimeoutMs } = call;
    assert(
      args.every((argument) => !argument.includes('\0')),
      'an argument of git holds no NUL',
    );
    const outputBytesMax = call.outputBytesMax ?? defaultOutputBytesMax;
    const { ending, stdout } = await this.#helper.run({ cwd, args, input, env, timeoutMs, outputBytesMax });
    switch (ending.kind) {
      case 'exited':
        return {
          exitCode: ending.exitCode ?? killed,
          stdout: stdout.toString(),
          stderr: ending.stderr,
          cut: false,
        };
      case 'cut':
        if (!call.mayCut) throw new GitFailure(`git ${args[0]} printed too much and was ended`, null, ending.stderr);
        // A command that was ended because its output is long enough has answered.
        return { exitCode: 0, stdout: stdout.toString(), stderr: ending.stderr, cut: true };
      case 'timed-out':
        throw new GitFailure(`git ${args[0]} took too long and was ended`, null, ending.stderr);
      case 'folder-gone':
        throw new GitFailure(`git cannot run in ${cwd}: the folder is gone`, null, '');
      case 'program-missing':
        throw new GitMissing(ending.stderr);
      case 'not-started':
        throw new GitFailure(`git ${args[0]} could not be started: ${ending.detail}`, null, '');
    }
  }
}

/** The file of another git's that is in the way: a lock, or the first file of a worktree that is being made, still empty. */
function lockFileIn(stderr: string): string | null {
  const found = /Unable to create '(.+\.lock)': File exists|failed to read (.+\/commondir): Success/.exec(stderr);
  return found?.[1] ?? found?.[2] ?? null;
}

function refusalOfDisk(stderr: string): GantryError | null {
  if (/No space left on device|Disk quota exceeded/.test(stderr)) {
    return new GantryError(
      'disk-full',
      'The disk is full, so git could not write. Nothing that was there before was lost. Free some space; Gantry goes on from where it was.',
      { retryable: true },
    );
  }
  if (/Read-only file system/.test(stderr)) {
    return new GantryError(
      'read-only-folder',
      `git could not write because the file system is read-only: ${firstLines(stderr)}. Nothing was changed. Make it writable and try again.`,
    );
  }
  return null;
}

function failureOf(call: GitCall, { stderr, exitCode }: GitOutput): GitFailure {
  return new GitFailure(`git ${call.args[0]} failed (exit code ${exitCode}): ${firstLines(stderr)}`, exitCode, stderr);
}

function firstLines(text: string): string {
  return text.trim().split('\n').slice(0, 5).join('; ').slice(0, 1_000);
}
