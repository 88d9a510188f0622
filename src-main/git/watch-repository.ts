/** Notices that branches moved or that a person worked in the main checkout. */
import { type FSWatcher, watch } from 'node:fs';
import { join } from 'node:path';
import { type Disposable, toDisposable } from '#shared/base/disposable.ts';
import { isForbidden, isMissing } from './file-errors.ts';
import type { RepositoryContext } from './repository-context.ts';

/** Long enough for the many writes of one git command to count as one. */
const quietMs = 150;
/** Editing a file changes nothing within `.git`, and some file systems announce nothing. */
const pollMs = 15_000;

/**
 * Calls back once things are quiet for 150 ms after a change of HEAD, index or a branch of the
 * person's (lanes commit to `gantry/…` all the time, which is known without watching), and
 * when a look every 15 seconds finds the checkout's status or the branches changed.
 */
export function watchRepository(context: RepositoryContext, listener: () => void, everyMs = pollMs): Disposable {
  const watchers: FSWatcher[] = [];
  let quiet: NodeJS.Timeout | null = null;
  let isDisposed = false;
  const announce = (): void => {
    if (isDisposed) return;
    if (quiet !== null) clearTimeout(quiet);
    quiet = setTimeout(() => {
      quiet = null;
      listener();
    }, quietMs);
  };
  const relevant = /^(HEAD|index|packed-refs|ORIG_HEAD|MERGE_HEAD|rebase-merge|rebase-apply)$/;
  const watchFolder = (folder: string, recursive: boolean, isRelevant: (name: string) => boolean): void => {
    try {
      const watcher = watch(folder, { recursive, persistent: false }, (_event, name) => {
        if (name === null || isRelevant(name)) announce();
      });
      // The look every few seconds goes on without it.
      watcher.on('error', (error) => context.log.info('watching a repository ended', { folder, error }));
      watchers.push(watcher);
    } catch (error) {
      if (!isMissing(error) && !isForbidden(error) && !isExhausted(error)) throw error;
      context.log.info('a repository cannot be watched; it is looked at every few seconds', { folder, error });
    }
  };
  watchFolder(context.commonFolder, false, (name) => relevant.test(name));
  watchFolder(join(context.commonFolder, 'refs', 'heads'), true, (name) => {
    return !name.endsWith('.lock') && !/^gantry(?:[/\\]|$)/.test(name);
  });

  let known: string | null = null;
  let isLooking = false;
  const look = async (): Promise<void> => {
    if (isLooking || isDisposed) return;
    isLooking = true;
    try {
      const now = await fingerprint(context);
      if (known !== null && known !== now) announce();
      known = now;
    } catch (error) {
      context.log.info('a repository could not be looked at', { path: context.path, error });
    } finally {
      isLooking = false;
    }
  };
  void look();
  const poll = setInterval(() => void look(), everyMs);
  poll.unref();
  return toDisposable(() => {
    isDisposed = true;
    clearInterval(poll);
    if (quiet !== null) clearTimeout(quiet);
    for (const watcher of watchers) watcher.close();
  });
}

/** The branches and what a person changed in the checkout. */
async function fingerprint({ git, path: cwd }: RepositoryContext): Promise<string> {
  const refs = await git.run({ cwd, args: ['for-each-ref', '--format=%(objectname) %(refname)', 'refs/heads'] });
  const args = ['status', '--porcelain=v1', '-z', '--branch', '--untracked-files=no', '--ignore-submodules=untracked'];
  const status = await git.run({ cwd, args, answers: [0, 128] });
  return `${refs.stdout}\0${status.stdout}`;
}

/** The system has no watches or files left for us. */
function isExhausted(error: unknown): boolean {
  return error instanceof Error && 'code' in error && ['ENOSPC', 'EMFILE', 'ENFILE'].includes(String(error.code));
}
