/** Which git there is, and whether it can do what Gantry needs. */
import { fail, ok, type Result } from '#shared/base/result.ts';
import { GantryError } from '#shared/contract/error.ts';
import { GitMissing, type GitRunner } from './git-runner.ts';

/** `merge-tree --write-tree`, with which merges are tried without touching any checkout, is this old. */
const oldest = { major: 2, minor: 38 };

/** The installed version, such as `2.39.5`; `git-missing` or `git-too-old` (with the version as data) otherwise. */
export async function checkGitVersion(git: GitRunner, cwd: string): Promise<Result<string, GantryError>> {
  let said: string;
  try {
    said = await git.text({ cwd, args: ['version'] });
  } catch (error) {
    if (!(error instanceof GitMissing)) throw error;
    return fail(
      new GantryError(
        'git-missing',
        `Gantry needs git ${oldest.major}.${oldest.minor} or newer, and no git program was found. Nothing was changed. Install git (https://git-scm.com/downloads), make sure it is on the PATH, and try again.`,
        { cause: error },
      ),
    );
  }
  const match = /(\d+)\.(\d+)(?:\.\d+)*/.exec(said);
  if (!match) {
    return fail(
      new GantryError(
        'git-failed',
        `The git program answered "${said.slice(0, 100)}" when asked for its version. Install git anew.`,
      ),
    );
  }
  const [version, major, minor] = [match[0], Number(match[1]), Number(match[2])];
  if (major > oldest.major || (major === oldest.major && minor >= oldest.minor)) return ok(version);
  return fail(
    new GantryError(
      'git-too-old',
      `git ${version} is installed, and Gantry needs ${oldest.major}.${oldest.minor} or newer to try merges without touching your files. Nothing was changed. Update git and try again.`,
      { data: version },
    ),
  );
}
