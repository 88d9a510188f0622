/** What a commit holds, read without any checkout. */
import type { CommitId } from '#shared/model/ids.ts';
import { GitFailure } from '../ports/git.ts';
import type { GitRunner } from './git-runner.ts';

const fileBytesMax = 1_048_576;
const archiveTimeoutMs = 300_000;
/** git's exit code for an object that is not there. */
const noSuchObject = 128;

/** A text file of a commit; null when the commit has none of that name. What is longer than 1 MB is cut. */
export async function readCommittedFile(
  git: GitRunner,
  cwd: string,
  commit: CommitId,
  path: string,
): Promise<string | null> {
  const { exitCode, stdout } = await git.run({
    cwd,
    args: ['cat-file', 'blob', `${commit}:${insideOf(path)}`],
    answers: [0, noSuchObject],
    outputBytesMax: fileBytesMax,
    mayCut: true,
  });
  return exitCode === 0 ? stdout : null;
}

/** Writes a folder of a commit as a tar archive. Throws a `GitFailure` when the commit has no such folder. */
export async function archiveFolder(
  git: GitRunner,
  cwd: string,
  commit: CommitId,
  folder: string,
  file: string,
): Promise<void> {
  const inside = insideOf(folder);
  await git.run({
    cwd,
    args: ['archive', '--format=tar', `--output=${file}`, inside === '' ? commit : `${commit}:${inside}`],
    timeoutMs: archiveTimeoutMs,
  });
}

/** The path as git names it within a commit. One that leads out of it is refused. */
function insideOf(path: string): string {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..') || path.startsWith('/')) {
    throw new GitFailure(`${path} leads out of the repository`, null, '');
  }
  return parts.join('/');
}
