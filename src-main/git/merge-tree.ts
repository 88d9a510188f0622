/** Merges two commits without any worktree. */
import type { CommitId } from '#shared/model/ids.ts';
import type { Conflict } from '#shared/model/merge.ts';
import type { MergeTreeOutcome } from '../ports/git.ts';
import { conflictHunksOf } from './conflict-hunks.ts';
import type { GitRunner } from './git-runner.ts';

/** A report with more conflicts than anybody reads is cut here. */
export const conflictsMax = 100;
const blobBytesMax = 2 * 1_024 * 1_024;

/** What `git merge-tree --write-tree -z` printed for a merge that it could not finish. */
interface MergeTreeReport {
  readonly tree: string;
  readonly paths: readonly string[];
  readonly messages: readonly { readonly paths: readonly string[]; readonly kind: string; readonly text: string }[];
}

export async function mergeTree(
  git: GitRunner,
  cwd: string,
  ours: CommitId,
  theirs: CommitId,
): Promise<MergeTreeOutcome> {
  const args = ['merge-tree', '--write-tree', '-z', '--name-only', '--messages', ours, theirs];
  const { exitCode, stdout } = await git.run({ cwd, args, answers: [0, 1] });
  const report = parseMergeTree(stdout);
  if (exitCode === 0) return { kind: 'clean', tree: report.tree };
  const conflicts: Conflict[] = [];
  for (const path of report.paths.slice(0, conflictsMax)) {
    conflicts.push({ path, hunk: await describeConflict(git, cwd, report, path) });
  }
  return { kind: 'conflict', conflicts };
}

/** The hunks with both sides, or git's own words where there are none (a file deleted on one side, a binary one). */
async function describeConflict(git: GitRunner, cwd: string, report: MergeTreeReport, path: string): Promise<string> {
  const blob = await git.run({
    cwd,
    args: ['cat-file', 'blob', `${report.tree}:${path}`],
    answers: [0, 128],
    outputBytesMax: blobBytesMax,
    mayCut: true,
  });
  const hunks = blob.exitCode === 0 ? conflictHunksOf(blob.stdout, { ours: 'ours', theirs: 'theirs' }) : '';
  if (hunks !== '') return hunks;
  return report.messages
    .filter((message) => message.kind.startsWith('CONFLICT') && message.paths.includes(path))
    .map((message) => message.text.trim())
    .join('\n');
}

/**
 * See git-merge-tree(1), OUTPUT: the tree, the conflicted paths up to an empty one, then
 * messages of the form count, paths, kind, text. Everything ends with NUL.
 */
export function parseMergeTree(output: string): MergeTreeReport {
  const [tree = '', ...fields] = output.split('\0');
  const end = fields.indexOf('');
  const paths = [...new Set(end < 0 ? fields : fields.slice(0, end))];
  const rest = end < 0 ? [] : fields.slice(end + 1);
  const messages: { paths: string[]; kind: string; text: string }[] = [];
  for (let position = 0; position + 2 < rest.length; ) {
    const count = Number(rest[position]);
    const kindAt = position + 1 + count;
    messages.push({
      paths: rest.slice(position + 1, kindAt),
      kind: rest[kindAt] ?? '',
      text: rest[kindAt + 1] ?? '',
    });
    position = kindAt + 2;
  }
  return { tree: tree.trim(), paths, messages };
}
