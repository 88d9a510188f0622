/** Makes commits without any index or checkout. */
import type { CommitId } from '#shared/model/ids.ts';
import { gantryIdentity, type GitIdentity, identityEnvironment } from './git-environment.ts';
import type { RepositoryContext } from './repository-context.ts';

/** A commit by Gantry, on behalf of `author` where there is one. The same arguments give the same commit. */
export async function commitTree(
  context: RepositoryContext,
  tree: string,
  parents: readonly CommitId[],
  message: string,
  atMs: number,
  author: GitIdentity = gantryIdentity,
): Promise<CommitId> {
  const date = `@${Math.floor(atMs / 1_000)} +0000`;
  const args = ['commit-tree', tree, ...parents.flatMap((parent) => ['-p', parent]), '-F', '-'];
  return (await context.git.text({
    cwd: context.path,
    args,
    input: message.endsWith('\n') ? message : `${message}\n`,
    env: { ...identityEnvironment(author, gantryIdentity), GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date },
  })) as CommitId;
}
