/** Finds out whether Gantry can work on a repository, and says in whole sentences why not. */
import { access, constants, readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fail, ok, type Result } from '#shared/base/result.ts';
import { type ErrorCode, GantryError } from '#shared/contract/error.ts';
import type { BranchName } from '#shared/model/ids.ts';
import { isForbidden, isMissing } from './file-errors.ts';
import type { GitRunner } from './git-runner.ts';
import { branchUnderway } from './operation-underway.ts';
import { isInside, listWorktrees } from './worktree-list.ts';

/** A repository that can be worked on. */
export interface RepositoryFacts {
  /** Top of the main worktree; of the linked one that was opened where the main one is bare. */
  readonly path: string;
  /** The `.git` folder that all worktrees share, resolved. */
  readonly commonFolder: string;
  /** What lanes merge into unless the person says otherwise. */
  readonly currentBranch: BranchName;
  /** Things that work, but perhaps not as the person expects. */
  readonly notices: readonly string[];
}

/** Inspects `path`, which may be any folder within a repository. `ownFolders` are where Gantry makes its worktrees. */
export async function inspectRepository(
  git: GitRunner,
  path: string,
  ownFolders: readonly string[],
): Promise<Result<RepositoryFacts, GantryError>> {
  try {
    return ok(await inspect(git, path, ownFolders));
  } catch (error) {
    if (error instanceof GantryError) return fail(error);
    throw error;
  }
}

async function inspect(git: GitRunner, asked: string, ownFolders: readonly string[]): Promise<RepositoryFacts> {
  const cwd = await folderOrRefusal(asked);
  const { isBare, commonFolder, gitFolder, top } = await locate(git, cwd);
  if (top === null) {
    throw isBare
      ? refusal(
          'bare-repository',
          cwd,
          'is a bare repository: it has no working files for agents to start from',
          'Clone it (git clone) and open the clone',
        )
      : refusal(
          'not-a-repository',
          cwd,
          'lies inside the .git folder of a repository',
          'Open the folder of the project itself',
        );
  }
  if (ownFolders.some((folder) => isInside(top, folder))) {
    const main = (await listWorktrees(git, top))[0]?.path ?? '';
    throw refusal(
      'not-a-repository',
      top,
      'is a worktree that Gantry made for its own use',
      `Open the repository itself: ${main}`,
    );
  }
  if ((await git.text({ cwd: top, args: ['rev-parse', '--is-shallow-repository'] })) === 'true') {
    throw refusal(
      'shallow-repository',
      top,
      'is a shallow clone: the history that merging needs is not there',
      'Fetch the rest with "git fetch --unshallow" and open it again',
    );
  }
  await refuseWhatCannotBeWritten(commonFolder);
  const worktrees = await listWorktrees(git, top);
  const main = worktrees[0];
  const isLinked = gitFolder !== commonFolder;
  const path = isLinked && main && !main.isBare && !main.isMissing ? await resolvedOr(main.path, top) : top;
  const currentBranch = await chooseBranch(git, top, gitFolder);
  await refuseBranchInTheWay(git, top);
  const notices: string[] = [];
  if (path !== top) notices.push(`${top} is a linked worktree; its repository ${path} was opened.`);
  else if (top !== cwd) notices.push(`${cwd} lies inside a repository; its top folder ${top} was opened.`);
  if (await hasSubmodules(git, top)) {
    notices.push(
      'This repository has submodules. Lanes start with empty submodule folders; an agent or a gate that needs them runs "git submodule update --init".',
    );
  }
  return { path, commonFolder, currentBranch, notices };
}

async function folderOrRefusal(path: string): Promise<string> {
  try {
    const resolved = await realpath(path);
    if (!(await stat(resolved)).isDirectory())
      throw refusal('not-a-folder', path, 'is a file', 'Choose the folder of a repository');
    await access(resolved, constants.R_OK | constants.X_OK);
    return resolved;
  } catch (error) {
    if (isMissing(error)) throw refusal('not-a-folder', path, 'does not exist', 'Check the path');
    if (isForbidden(error))
      throw refusal(
        'not-a-folder',
        path,
        'may not be read by you',
        'Give yourself permission, or choose another folder',
      );
    throw error;
  }
}

/** Where the repository around `cwd` is. `top` is null in a bare repository and inside `.git`. */
async function locate(
  git: GitRunner,
  cwd: string,
): Promise<{ isBare: boolean; commonFolder: string; gitFolder: string; top: string | null }> {
  const answers = [0, 128];
  const first = await git.run({ cwd, args: ['rev-parse', '--is-bare-repository', '--is-inside-work-tree'], answers });
  if (first.exitCode !== 0) throw await explainNoRepository(cwd, first.stderr);
  const [isBare, isInsideWorktree] = first.stdout.trim().split('\n');
  // One path a call: a path may hold line ends.
  const absolute = async (name: string): Promise<string> =>
    realpath(await git.text({ cwd, args: ['rev-parse', '--path-format=absolute', name] }));
  const [commonFolder, gitFolder] = [await absolute('--git-common-dir'), await absolute('--git-dir')];
  const top = isInsideWorktree === 'true' ? await absolute('--show-toplevel') : null;
  return { isBare: isBare === 'true', commonFolder, gitFolder, top };
}

async function explainNoRepository(cwd: string, stderr: string): Promise<GantryError> {
  if (/dubious ownership/.test(stderr)) {
    return refusal(
      'git-failed',
      cwd,
      'belongs to another user, so git refuses to work in it',
      `If you trust it, run: git config --global --add safe.directory ${cwd}`,
    );
  }
  try {
    await readdir(join(cwd, '.git'));
  } catch (error) {
    if (isForbidden(error)) {
      return refusal(
        'read-only-folder',
        join(cwd, '.git'),
        'may not be read by you',
        'Give yourself permission to read and write it',
      );
    }
    if (!isMissing(error)) throw error;
    return refusal(
      'not-a-repository',
      cwd,
      'is not a git repository',
      'Choose another folder, or make it one with "git init" and a first commit',
    );
  }
  return refusal(
    'not-a-repository',
    cwd,
    `has a .git folder that git cannot read (${stderr.trim().split('\n')[0] ?? ''})`,
    'Repair it, or clone the repository anew',
  );
}

/** Gantry writes objects and refs, and nothing else, into the repository. */
async function refuseWhatCannotBeWritten(commonFolder: string): Promise<void> {
  for (const folder of [commonFolder, join(commonFolder, 'objects'), join(commonFolder, 'refs')]) {
    try {
      await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    } catch (error) {
      if (isForbidden(error)) {
        throw refusal(
          'read-only-folder',
          folder,
          'cannot be written, and lanes need branches and commits of their own',
          'Make it writable, or open a clone of it',
        );
      }
      if (!isMissing(error)) throw error;
    }
  }
}

/** The branch that is checked out or being rebased; for a detached head the repository's obvious one. */
async function chooseBranch(git: GitRunner, cwd: string, gitFolder: string): Promise<BranchName> {
  const heads = (await git.text({ cwd, args: ['for-each-ref', '--format=%(refname:lstrip=2)', 'refs/heads'] }))
    .split('\n')
    .filter((name) => name !== '');
  const head = await git.run({ cwd, args: ['symbolic-ref', '--quiet', 'HEAD'], answers: [0, 1] });
  const checkedOut =
    head.exitCode === 0 ? head.stdout.trim().replace(/^refs\/heads\//, '') : await branchUnderway(gitFolder);
  if (checkedOut !== null && heads.includes(checkedOut)) return checkedOut as BranchName;
  const hasCommits =
    (await git.run({ cwd, args: ['rev-parse', '--quiet', '--verify', 'HEAD'], answers: [0, 1] })).exitCode === 0;
  if (!hasCommits) {
    const others =
      heads.length > 0 ? ` It has other branches: switch to one of them with "git switch ${heads[0]}".` : '';
    throw new GantryError(
      'no-commits',
      `${cwd} has no commit yet${checkedOut === null ? '' : ` on its branch ${checkedOut}`}, so there is nothing for agents to start from. Nothing was changed.${others} Make a first commit and open it again.`,
      { data: cwd },
    );
  }
  const obvious =
    ['main', 'master', 'trunk', 'develop'].find((name) => heads.includes(name)) ??
    (heads.length === 1 ? heads[0] : undefined);
  if (obvious !== undefined) return obvious as BranchName;
  throw refusal(
    'unknown-branch',
    cwd,
    'is on no branch (its head is detached), and Gantry cannot tell which branch work is to land on',
    'Switch to that branch with "git switch BRANCH" and open it again',
  );
}

/** git keeps branches as paths: a branch called `gantry` leaves no room for `gantry/…`. */
async function refuseBranchInTheWay(git: GitRunner, cwd: string): Promise<void> {
  const found = await git.run({ cwd, args: ['show-ref', '--verify', '--quiet', 'refs/heads/gantry'], answers: [0, 1] });
  if (found.exitCode !== 0) return;
  throw refusal(
    'wrong-state',
    cwd,
    'has a branch called "gantry", which leaves git no room for the branches gantry/… of the lanes',
    'Rename it, for example with "git branch -m gantry gantry-work", and open it again',
  );
}

async function hasSubmodules(git: GitRunner, cwd: string): Promise<boolean> {
  const found = await git.run({
    cwd,
    args: ['ls-tree', '--name-only', 'HEAD', '--', '.gitmodules'],
    answers: [0, 128],
  });
  return found.stdout.trim() !== '';
}

async function resolvedOr(path: string, otherwise: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (isMissing(error) || isForbidden(error)) return otherwise;
    throw error;
  }
}

function refusal(code: ErrorCode, path: string, because: string, advice: string): GantryError {
  return new GantryError(code, `${path} ${because}. Nothing was changed. ${advice}.`, { data: path });
}
