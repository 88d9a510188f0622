/** Detached worktrees in which gates run, kept for the next gate so that a large repository is checked out once. */
import { mkdir, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { CommitId } from '#shared/model/ids.ts';
import { exists } from './operation-underway.ts';
import { findOwnWorktree, type RepositoryContext } from './repository-context.ts';
import { listWorktrees } from './worktree-list.ts';

const lockReason = 'gantry gates';
const checkoutTimeoutMs = 600_000;

/**
 * The pool of one repository. A slot that is handed out holds exactly the commit's files:
 * neither tracked nor ignored leftovers of the gate before, whose build products could hide a
 * failure. Slots of an earlier run of the app are used again.
 */
export class GateCheckouts {
  readonly #context: RepositoryContext;
  readonly #inUse = new Set<string>();

  constructor(context: RepositoryContext) {
    this.#context = context;
  }

  async take(commit: CommitId): Promise<{ path: string } & AsyncDisposable> {
    let number = 1;
    while (this.#inUse.has(this.#slot(number))) number += 1;
    const path = this.#slot(number);
    this.#inUse.add(path);
    try {
      if (!(await this.#refresh(path, commit))) await this.#make(path, commit);
    } catch (error) {
      this.#inUse.delete(path);
      throw error;
    }
    return {
      path,
      [Symbol.asyncDispose]: () => {
        this.#inUse.delete(path);
        return Promise.resolve();
      },
    };
  }

  #slot(number: number): string {
    return join(this.#context.folders.gates, `slot-${number}`);
  }

  /** Puts a slot that is there to `commit`; false when it has to be made anew. */
  async #refresh(path: string, commit: CommitId): Promise<boolean> {
    const { git } = this.#context;
    const own = await findOwnWorktree(this.#context, path);
    if (own === null) return false;
    // Nobody but gates works here, one at a time: a lock is what a killed one left.
    await rm(join(own.gitFolder, 'index.lock'), { force: true });
    const args = ['checkout', '--quiet', '--force', '--detach', commit, '--'];
    const answers = [0, 1, 128];
    const cleaned = {
      cwd: path,
      args: ['clean', '-d', '-x', '--force', '--force', '--quiet'],
      answers,
      timeoutMs: checkoutTimeoutMs,
    };
    if ((await git.run(cleaned)).exitCode !== 0) return false;
    if ((await git.run({ cwd: path, args, answers, timeoutMs: checkoutTimeoutMs })).exitCode !== 0) return false;
    // Once more: the other commit may ignore or track other files.
    return (await git.run(cleaned)).exitCode === 0;
  }

  async #make(path: string, commit: CommitId): Promise<void> {
    const { git, path: cwd, folders } = this.#context;
    if (await exists(path)) {
      const gone = join(folders.trash, `${basename(path)}-${Date.now().toString(36)}`);
      await rename(path, gone);
      await rm(gone, { recursive: true, force: true, maxRetries: 3 });
    }
    if ((await listWorktrees(git, cwd)).some((worktree) => worktree.path === path)) {
      await git.run({ cwd, args: ['worktree', 'remove', '--force', '--force', '--', path] });
    }
    await mkdir(folders.gates, { recursive: true });
    const lock = ['--lock', '--reason', lockReason];
    await git.run({
      cwd,
      args: ['worktree', 'add', '--quiet', '--detach', ...lock, '--', path, commit],
      timeoutMs: checkoutTimeoutMs,
    });
  }
}
