/** Runs one git command through simple-git: the one place where git is started. */
import { existsSync } from 'node:fs';
import { simpleGit } from 'simple-git';
import { overriddenConfig } from '../git-environment.ts';
import type { GitEnding, GitRequest } from './protocol.ts';

/** How Node reports a program that it could not start (-ENOENT). */
const spawnFailed = -2;

/** What became of a command, and the beginning of what it printed: at most `outputBytesMax`. */
export interface CommandResult {
  readonly ending: GitEnding;
  readonly stdout: Buffer;
}

/** Never throws: whatever goes wrong is an ending. `env` is the whole environment of the command. */
export async function runCommand(
  request: GitRequest,
  input: string,
  env: Readonly<Record<string, string>>,
): Promise<CommandResult> {
  const { cwd, args, hasInput, timeoutMs, outputBytesMax } = request;
  const tooLong = AbortSignal.timeout(timeoutMs);
  const tooMuch = new AbortController();
  let exitCode: number | null = null;
  let stdout = Buffer.alloc(0);
  let stderr = '';
  if (!existsSync(cwd)) return { ending: { kind: 'folder-gone' }, stdout };
  try {
    const git = simpleGit({
      baseDir: cwd,
      config: [...overriddenConfig],
      allowEnvironment: Object.keys(env).filter((name) => name.startsWith('GIT_')),
      // Both switch the person's programs off: see `overriddenConfig`.
      unsafe: { allowUnsafeHooksPath: true, allowUnsafeFsMonitor: true },
      // Only the end of its output is the end of a command; what it wrote last would be lost otherwise.
      completion: { onClose: true, onExit: false },
      abort: AbortSignal.any([tooLong, tooMuch.signal]),
      ...(hasInput ? { input: () => input } : {}),
      // The exit code is judged by who asked, not by whether something was said on standard error.
      errors(_error, result) {
        exitCode = result.exitCode;
        stdout = Buffer.concat(result.stdOut);
        stderr = Buffer.concat(result.stdErr).toString();
        return undefined;
      },
    });
    git.env(env);
    git.outputHandler((_command, output) => {
      let bytes = 0;
      output.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > outputBytesMax) tooMuch.abort();
      });
      // simple-git waits 50 ms for output that may yet come after a command that printed
      // nothing. Nothing comes after the end: an empty chunk says so.
      output.once('end', () => output.emit('data', Buffer.alloc(0)));
    });
    await git.raw([...args]);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return { ending: { kind: 'not-started', detail }, stdout };
  }
  return { ending: endingOf(), stdout: stdout.subarray(0, outputBytesMax) };

  function endingOf(): GitEnding {
    if (tooLong.aborted) return { kind: 'timed-out', stderr };
    if (tooMuch.signal.aborted) return { kind: 'cut', stderr };
    if (exitCode === spawnFailed && stderr.includes('ENOENT')) {
      // A folder that goes between the look at it and the start is reported the same way.
      return existsSync(cwd) ? { kind: 'program-missing', stderr } : { kind: 'folder-gone' };
    }
    return { kind: 'exited', exitCode, stderr };
  }
}
