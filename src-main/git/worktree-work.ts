/** What is done inside a lane's worktree: commit, merge into it, put it back. */
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { CommitId, LaneId } from '#shared/model/ids.ts';
import type { Conflict } from '#shared/model/merge.ts';
import { GitFailure } from '../ports/git.ts';
import { conflictHunksOf, hasConflictMarkers } from './conflict-hunks.ts';
import { isMissing } from './file-errors.ts';
import { gantryIdentity, type GitIdentity, identityEnvironment, laneIdentity } from './git-environment.ts';
import { type GitCall, GitLocked, type GitOutput } from './git-runner.ts';
import { laneBranchOf, parseLaneFolder } from './lane-names.ts';
import { conflictsMax } from './merge-tree.ts';
import { exists, readIfThere } from './operation-underway.ts';
import { type OwnWorktree, ownWorktree, type RepositoryContext, resolveCommit } from './repository-context.ts';
import { saveSnapshot } from './saved-work.ts';
import { takeSnapshot } from './worktree-snapshot.ts';

/** The paths that a merge of ours left with markers, each ended by NUL, so that markers are found even once they are committed. */
const conflictsFile = 'gantry-conflicts';
const markerBytesMax = 5 * 1_024 * 1_024;
const workTimeoutMs = 600_000;

export async function worktreeHead(context: RepositoryContext, worktree: string): Promise<CommitId> {
  const own = await ownWorktree(context, worktree);
  return headOf(context, own);
}

async function headOf(context: RepositoryContext, own: OwnWorktree): Promise<CommitId> {
  const head = await resolveCommit(context.git, own.path, 'HEAD');
  if (head === null) throw new GitFailure(`the worktree ${own.path} is on no commit`, null, '');
  return head;
}

/** Commits whatever is uncommitted as the lane, a merge under way too; answers the head either way. */
export async function commitAll(context: RepositoryContext, worktree: string, message: string): Promise<CommitId> {
  const own = await ownWorktree(context, worktree);
  const cwd = own.path;
  const added = await runAlone(context, own, {
    cwd,
    args: ['add', '--all', '--ignore-errors', '--', '.'],
    answers: [0, 1, 128],
  });
  if (added.exitCode !== 0)
    context.log.warn('not all files could be added', { worktree, stderr: added.stderr.slice(0, 1_000) });
  const hasStaged = await leaveOutNestedRepositories(context, own);
  if (!hasStaged && !(await exists(join(own.gitFolder, 'MERGE_HEAD')))) return headOf(context, own);
  await runAlone(context, own, {
    cwd,
    args: [
      'commit',
      '--quiet',
      '--no-verify',
      '--no-gpg-sign',
      '--cleanup=whitespace',
      '--allow-empty-message',
      '-F',
      '-',
    ],
    input: message.trim() === '' ? 'Work of the lane\n' : `${message}\n`,
    env: identityEnvironment(identityOf(own)),
  });
  return headOf(context, own);
}

/**
 * A repository that an agent cloned or made within its worktree would be committed as a bare
 * pointer that nobody else can follow. It stays in the files, out of the commit. Answers
 * whether anything else is staged.
 */
async function leaveOutNestedRepositories(context: RepositoryContext, own: OwnWorktree): Promise<boolean> {
  const cwd = own.path;
  const args = ['diff', '--cached', '--raw', '-z', '--no-renames', '--no-ext-diff'];
  const fields = (await context.git.run({ cwd, args })).stdout.split('\0').filter((field) => field !== '');
  const declared = ((await readIfThere(join(cwd, '.gitmodules'))) ?? '').split('\n').map((line) => line.trim());
  // Each change is two fields: what it is, and the path.
  const nested = fields.flatMap((field, index) => {
    const path = fields[index + 1];
    const isPointer = field.startsWith(':000000 160000 ') && path !== undefined;
    return isPointer && !declared.includes(`path = ${path}`) ? [path] : [];
  });
  if (nested.length === 0) return fields.length > 0;
  context.log.warn('repositories within a worktree are left out of its commit', { worktree: cwd, nested });
  const input = `${nested.join('\0')}\0`;
  await runAlone(context, own, { cwd, args: ['update-index', '--force-remove', '-z', '--stdin'], input });
  return fields.length > 2 * nested.length;
}

/**
 * Merges `commit` into the worktree, as a merge commit or a fast-forward. What git cannot decide
 * stays in the files between markers, with the merge under way. A merge that is under way
 * already (of an earlier, interrupted call) is answered as it stands.
 */
export async function mergeIntoWorktree(
  context: RepositoryContext,
  worktree: string,
  commit: CommitId,
): Promise<{ conflicts: readonly Conflict[] }> {
  const own = await ownWorktree(context, worktree);
  const cwd = own.path;
  const mergeHead = (await readIfThere(join(own.gitFolder, 'MERGE_HEAD')))?.trim() ?? null;
  if (mergeHead !== null && mergeHead !== commit) {
    throw new GitFailure(`the worktree ${worktree} is in the middle of merging ${mergeHead}`, null, '');
  }
  if (mergeHead === null) {
    const args = [
      'merge',
      '--ff',
      '--no-edit',
      '--no-gpg-sign',
      '--no-verify',
      '--no-verify-signatures',
      '--no-autostash',
    ];
    const merged = await runAlone(context, own, {
      cwd,
      args: [...args, '-m', 'Merge the target into the lane', commit],
      env: identityEnvironment(identityOf(own)),
      answers: [0, 1],
    });
    if (merged.exitCode === 0) return { conflicts: [] };
    if (!(await exists(join(own.gitFolder, 'MERGE_HEAD')))) {
      throw new GitFailure(`git merge was refused: ${merged.stderr.trim().slice(0, 500)}`, 1, merged.stderr);
    }
  }
  const paths = await indexConflicts(context, own);
  await writeFile(join(own.gitFolder, conflictsFile), paths.join('\0'));
  const conflicts: Conflict[] = [];
  for (const path of paths.slice(0, conflictsMax)) {
    const text = await readText(join(cwd, path));
    const hunk = text === null ? '' : conflictHunksOf(text);
    conflicts.push({
      path,
      hunk: hunk === '' ? 'Only one side changed this file while the other deleted it, or it is not text.' : hunk,
    });
  }
  return { conflicts };
}

/**
 * Paths that nobody decided: those with markers in them (also when they were added or
 * committed so), and those without text that git still lists as unmerged.
 */
export async function unmergedPaths(context: RepositoryContext, worktree: string): Promise<string[]> {
  const own = await ownWorktree(context, worktree);
  const inIndex = new Set(await indexConflicts(context, own));
  const undecided: string[] = [];
  for (const path of new Set([...inIndex, ...(await rememberedConflicts(own))])) {
    const text = await readText(join(own.path, path));
    const isText = text !== null && !text.includes('\0');
    if (isText && hasConflictMarkers(text)) undecided.push(path);
    // A text that both sides have is decided once its markers are gone, added or not.
    else if (inIndex.has(path) && !(isText && (await bothSidesHave(context, own, path)))) undecided.push(path);
  }
  return undecided.sort();
}

async function bothSidesHave(context: RepositoryContext, own: OwnWorktree, path: string): Promise<boolean> {
  const args = ['--literal-pathspecs', 'ls-files', '--unmerged', '-z', '--', path];
  const { stdout } = await context.git.run({ cwd: own.path, args });
  const stages = stdout.split('\0').flatMap((entry) => /^\d+ [0-9a-f]+ (\d)\t/.exec(entry)?.[1] ?? []);
  return stages.includes('2') && stages.includes('3');
}

/** Saves the work, then puts branch, index and files back to exactly `commit`; ignored files stay. */
export async function resetWorktree(
  context: RepositoryContext,
  worktree: string,
  laneId: LaneId,
  commit: CommitId,
): Promise<void> {
  const own = await ownWorktree(context, worktree);
  const name = parseLaneFolder(basename(own.path))?.name;
  if (name === undefined) throw new GitFailure(`${worktree} is not the worktree of a lane`, null, '');
  await saveSnapshot(
    context,
    laneId,
    await takeSnapshot(context, own, { staged: true }),
    'its worktree is put back',
    commit,
  );
  const cwd = own.path;
  for (const folder of ['rebase-merge', 'rebase-apply']) {
    if (await exists(join(own.gitFolder, folder))) await runAlone(context, own, { cwd, args: ['rebase', '--quit'] });
  }
  await runAlone(context, own, {
    cwd,
    args: ['checkout', '--quiet', '--force', '--no-track', '-B', laneBranchOf(name), commit, '--'],
    timeoutMs: workTimeoutMs,
  });
  await runAlone(context, own, { cwd, args: ['clean', '-d', '--force', '--quiet'], timeoutMs: workTimeoutMs });
  await rm(join(own.gitFolder, conflictsFile), { force: true });
}

/**
 * Runs a command that needs the index of a lane whose agent has ended. A lock file that is
 * still there after the wait was left by a git that was killed with its agent: it is removed.
 */
async function runAlone(context: RepositoryContext, own: OwnWorktree, call: GitCall): Promise<GitOutput> {
  try {
    return await context.git.run(call);
  } catch (error) {
    const lockFile = join(own.gitFolder, 'index.lock');
    if (!(error instanceof GitLocked) || error.lockFile !== lockFile) throw error;
    context.log.warn('removing a lock file that a killed git left in a worktree of a lane', { lockFile });
    await rm(lockFile, { force: true });
    return context.git.run(call);
  }
}

async function indexConflicts(context: RepositoryContext, own: OwnWorktree): Promise<string[]> {
  const { stdout } = await context.git.run({ cwd: own.path, args: ['ls-files', '--unmerged', '-z'] });
  const paths = stdout.split('\0').flatMap((entry) => (entry === '' ? [] : [entry.slice(entry.indexOf('\t') + 1)]));
  return [...new Set(paths)];
}

async function rememberedConflicts(own: OwnWorktree): Promise<string[]> {
  const text = await readIfThere(join(own.gitFolder, conflictsFile));
  return (text ?? '').split('\0').filter((path) => path !== '');
}

/** A file's text; null when it is gone, no file, or too long to be read for markers. */
async function readText(path: string): Promise<string | null> {
  try {
    const found = await stat(path);
    if (!found.isFile() || found.size > markerBytesMax) return null;
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

function identityOf(own: OwnWorktree): GitIdentity {
  const number = parseLaneFolder(basename(own.path))?.number;
  return number === undefined ? gantryIdentity : laneIdentity(number);
}
