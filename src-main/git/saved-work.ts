/** Keeps work reachable under `refs/gantry/saved/<lane>/<n>` before anything could take it away. */
import type { CommitId, LaneId } from '#shared/model/ids.ts';
import { GitFailure } from '../ports/git.ts';
import { commitTree } from './commit-tree.ts';
import { isAncestor, type RepositoryContext } from './repository-context.ts';
import type { WorktreeSnapshot } from './worktree-snapshot.ts';

export interface SavedWork {
  readonly ref: string;
  readonly commit: CommitId;
}

const refAttemptsMax = 20;
const savedPrefix = 'refs/gantry/saved/';

/**
 * The snapshot as a commit: the head itself when nothing was changed since, else a commit on
 * top of it. A merge under way and staged content that differs from the files are further parents.
 */
export async function commitSnapshot(
  context: RepositoryContext,
  snapshot: WorktreeSnapshot,
  message: string,
  atMs: number,
): Promise<CommitId> {
  const { head, headTree, tree, mergeHead, stagedTree } = snapshot;
  if (tree === headTree && mergeHead === null && stagedTree === null) return head;
  const parents = [head, ...(mergeHead === null ? [] : [mergeHead])];
  if (stagedTree !== null)
    parents.push(await commitTree(context, stagedTree, [head], `${message} (what was staged)`, atMs));
  return commitTree(context, tree, parents, message, atMs);
}

/**
 * Saves a snapshot as the lane's next ref; null when all of it is in `unless` already. Saving
 * the same content again answers the ref that it has.
 */
export async function saveSnapshot(
  context: RepositoryContext,
  laneId: LaneId,
  snapshot: WorktreeSnapshot,
  why: string,
  unless: CommitId | null,
): Promise<SavedWork | null> {
  const { git, path: cwd } = context;
  const { head, tree, mergeHead, stagedTree } = snapshot;
  if (unless !== null && mergeHead === null && stagedTree === null) {
    const unlessTree = await git.text({ cwd, args: ['rev-parse', '--verify', `${unless}^{tree}`] });
    if (tree === unlessTree && (await isAncestor(git, cwd, head, unless))) return null;
  }
  const saved = await savedRefs(context, laneId);
  const last = saved.at(-1);
  if (last && last.tree === tree && stagedTree === null) {
    if (last.commit === head || (last.parents[0] === head && (last.parents[1] ?? null) === mergeHead)) {
      return { ref: last.ref, commit: last.commit };
    }
  }
  return addRef(
    context,
    laneId,
    await commitSnapshot(context, snapshot, `Saved work of ${laneId}: ${why}`, Date.now()),
  );
}

/** Keeps `commit` under the lane's next ref, or answers the last one when that keeps it already. */
export async function saveCommit(context: RepositoryContext, laneId: LaneId, commit: CommitId): Promise<SavedWork> {
  const last = (await savedRefs(context, laneId)).at(-1);
  if (last && (await isAncestor(context.git, context.path, commit, last.commit))) {
    return { ref: last.ref, commit: last.commit };
  }
  return addRef(context, laneId, commit);
}

/** Creates the first free ref; another process may take a number in between, so creation expects nothing there. */
async function addRef(context: RepositoryContext, laneId: LaneId, commit: CommitId): Promise<SavedWork> {
  const taken = (await savedRefs(context, laneId)).at(-1)?.number ?? 0;
  for (let number = taken + 1; number <= taken + refAttemptsMax; number += 1) {
    const ref = `${savedPrefix}${laneId}/${number}`;
    const args = ['update-ref', '-m', 'gantry: saved work', ref, commit, ''];
    if ((await context.git.run({ cwd: context.path, args, answers: [0, 128] })).exitCode === 0) return { ref, commit };
  }
  throw new GitFailure(`no ref could be made to save the work of ${laneId}`, 128, '');
}

/** The newest saved work of a lane; null when it has none. */
export async function newestSavedWork(context: RepositoryContext, laneId: LaneId): Promise<SavedWork | null> {
  const newest = (await savedRefs(context, laneId)).at(-1);
  return newest ? { ref: newest.ref, commit: newest.commit } : null;
}

/** The newest saved work of each lane that has any. */
export async function allSavedWork(context: RepositoryContext): Promise<Map<LaneId, SavedWork>> {
  const newest = new Map<LaneId, SavedWork>();
  for (const { ref, commit } of await savedRefs(context, null)) {
    const laneId = ref.slice(savedPrefix.length, ref.lastIndexOf('/')) as LaneId;
    newest.set(laneId, { ref, commit });
  }
  return newest;
}

interface SavedRef extends SavedWork {
  readonly number: number;
  readonly tree: string;
  readonly parents: readonly string[];
}

/** In the order in which each lane's were made; of all lanes for null. */
async function savedRefs(context: RepositoryContext, laneId: LaneId | null): Promise<SavedRef[]> {
  const format = '--format=%(refname) %(objectname) %(tree) %(parent)';
  const text = await context.git.text({
    cwd: context.path,
    args: ['for-each-ref', format, laneId === null ? savedPrefix : `${savedPrefix}${laneId}`],
  });
  return text
    .split('\n')
    .flatMap((line) => {
      const [ref, commit, tree, ...parents] = line.split(' ');
      const number = Number(ref?.slice(ref.lastIndexOf('/') + 1));
      return ref && commit && tree ? [{ ref, commit: commit as CommitId, tree, number, parents }] : [];
    })
    .sort((left, right) => left.number - right.number);
}
