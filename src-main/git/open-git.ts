/** Git on this machine. */
import { mkdir, realpath, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fail, ok, type Result } from '#shared/base/result.ts';
import { GantryError } from '#shared/contract/error.ts';
import type { ProjectId } from '#shared/model/ids.ts';
import { type Git, GitFailure } from '../ports/git.ts';
import type { Log } from '../ports/log.ts';
import { scrubEnvironment } from './git-environment.ts';
import { GitHelper } from './git-helper/git-helper.ts';
import { GitRunner } from './git-runner.ts';
import { checkGitVersion } from './git-version.ts';
import { inspectRepository, type RepositoryFacts } from './inspect-repository.ts';
import { LocalRepository, type SharedRepository, shareRepository } from './local-repository.ts';
import { projectIdOf } from './project-id.ts';
import type { RepositoryContext } from './repository-context.ts';

export interface OpenGitOptions {
  /** Where worktrees, gate checkouts and what is kept of removed ones go. */
  readonly dataFolder: string;
  readonly log: Log;
  /** The program that starts git: `git-helper/main.ts`, or its bundle. */
  readonly helperProgram: string;
  /** The Node that runs it; default: the one that runs this. */
  readonly nodeProgram?: string;
  /** The host's environment, from which git gets its PATH and HOME. */
  readonly env?: NodeJS.ProcessEnv;
  /** How long a lock file of another git is waited for. */
  readonly lockWaitMs?: number;
}

const defaultLockWaitMs = 8_000;

/** Git, until it is closed. */
export interface OpenGit extends Git {
  /** Waits a few seconds for commands that run, and ends the helper. Nothing more is accepted. */
  close(): Promise<void>;
}

/**
 * The `Git` port on the installed git, run by a helper process. A repository that is opened
 * twice, by whichever of its folders, has one queue for its writes. Nobody has to close it for
 * this program to end.
 */
export function openGit(options: OpenGitOptions): OpenGit {
  const { dataFolder, log, env = process.env, lockWaitMs = defaultLockWaitMs } = options;
  const { helperProgram: program, nodeProgram = process.execPath } = options;
  const helper = new GitHelper({ program, nodeProgram, env: scrubEnvironment(env) });
  const git = new GitRunner({ helper, lockWaitMs });
  const opened = new Map<ProjectId, Promise<SharedRepository>>();

  const version = async (): Promise<Result<string, GantryError>> => {
    await mkdir(dataFolder, { recursive: true });
    return checkGitVersion(git, dataFolder);
  };

  const sharedOf = (facts: RepositoryFacts): Promise<SharedRepository> => {
    const projectId = projectIdOf(facts.path);
    const known = opened.get(projectId);
    if (known) return known;
    const made = makeContext({ git, dataFolder, projectId, facts, log }).then(shareRepository);
    opened.set(projectId, made);
    made.catch(() => opened.delete(projectId));
    return made;
  };

  return {
    version,
    close: () => helper.close(),
    async open(path) {
      const usable = await version();
      if (!usable.ok) return usable;
      try {
        const root = await realpath(dataFolder);
        const facts = await inspectRepository(git, path, [join(root, 'worktrees'), join(root, 'gates')]);
        if (!facts.ok) return facts;
        const { path: top, currentBranch, notices } = facts.value;
        return ok(new LocalRepository(await sharedOf(facts.value), { name: basename(top), currentBranch, notices }));
      } catch (error) {
        if (error instanceof GantryError) return fail(error);
        if (!(error instanceof GitFailure)) throw error;
        log.warn('a repository could not be opened', { path, error });
        return fail(
          new GantryError(
            'git-failed',
            `${path} could not be opened: ${error.message}. Nothing was changed. Run "git status" there to see what git says.`,
            {
              cause: error,
            },
          ),
        );
      }
    },
  };
}

async function makeContext(parts: {
  git: GitRunner;
  dataFolder: string;
  projectId: ProjectId;
  facts: RepositoryFacts;
  log: Log;
}): Promise<RepositoryContext> {
  const { git, dataFolder, projectId, facts, log } = parts;
  const root = await realpath(dataFolder);
  const folderOf = async (kind: string): Promise<string> => {
    const folder = join(root, kind, projectId);
    await mkdir(folder, { recursive: true });
    return folder;
  };
  // Left by a process that was killed; this one has the data folder to itself.
  await rm(join(root, 'temporary', projectId), { recursive: true, force: true });
  return {
    git,
    projectId,
    path: facts.path,
    commonFolder: facts.commonFolder,
    folders: {
      worktrees: await folderOf('worktrees'),
      gates: await folderOf('gates'),
      kept: await folderOf('kept'),
      trash: await folderOf('trash'),
      temporary: await folderOf('temporary'),
    },
    log: log.child({ component: 'git', project: projectId }),
  };
}
