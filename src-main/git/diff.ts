/** What changed between two commits or trees, bounded for showing. */
import type { DiffFile } from '#shared/contract/views.ts';
import type { CommitId } from '#shared/model/ids.ts';
import type { ChangeCount } from '../ports/git.ts';
import type { GitRunner } from './git-runner.ts';
import { parseChangedFiles, parseShortStat, splitPatches } from './parse-diff.ts';

export const diffFilesMax = 2_000;
export const patchCharsMax = 128 * 1_024;
/** All patches of one diff together: well below what one message of the contract may carry. */
export const patchesCharsMax = 4 * 1_024 * 1_024;
const patchOutputBytesMax = 16 * 1_024 * 1_024;
const listOutputBytesMax = 32 * 1_024 * 1_024;
const historyMax = 1_000;

/** A file larger than this is shown as binary: comparing it line by line would take minutes. */
const settings = ['-c', 'core.bigFileThreshold=8m'];
/** Independent of the person's settings for diffs. */
const plainDiff = [
  '--no-color',
  '--no-ext-diff',
  '--no-textconv',
  '--src-prefix=a/',
  '--dst-prefix=b/',
  '-M',
  '-l1000',
];

/** Files and lines between two commits or trees. */
export async function countChanges(git: GitRunner, cwd: string, from: string, to: string): Promise<ChangeCount> {
  const args = [...settings, 'diff-tree', '-r', ...plainDiff, '--shortstat', from, to];
  return parseShortStat(await git.text({ cwd, args }));
}

/** The changed files with their patches. `cut` when files or patches were left off; see `DiffFile.cut` for which. */
export async function readDiff(
  git: GitRunner,
  cwd: string,
  from: string,
  to: string,
): Promise<{ files: DiffFile[]; cut: boolean }> {
  const diff = [...settings, 'diff-tree', '-r', ...plainDiff];
  const bounded = { cwd, mayCut: true };
  const [list, patches] = await Promise.all([
    git.run({ ...bounded, args: [...diff, '--raw', '--numstat', '-z', from, to], outputBytesMax: listOutputBytesMax }),
    git.run({ ...bounded, args: [...diff, '--patch', '--unified=3', from, to], outputBytesMax: patchOutputBytesMax }),
  ]);
  const changed = parseChangedFiles(list.stdout);
  const texts = splitPatches(patches.stdout);
  const files: DiffFile[] = [];
  let position = 0;
  let budget = patchesCharsMax;
  for (const { patches: count, ...file } of changed.slice(0, diffFilesMax)) {
    const text = texts.slice(position, position + count).join('');
    // Where the output was ended, the last patch is a part and the rest is missing.
    const isPart = patches.cut && position + count >= texts.length;
    position += count;
    const room = Math.min(patchCharsMax, budget);
    const patch = file.binary ? '' : wholeLines(text, room);
    budget -= patch.length;
    files.push({ ...file, patch, cut: !file.binary && (isPart || patch.length < text.length), collides: false });
  }
  return { files, cut: list.cut || changed.length > files.length || files.some((file) => file.cut) };
}

/** As many whole lines from the start as fit. */
function wholeLines(text: string, charsMax: number): string {
  if (text.length <= charsMax) return text;
  return text.slice(0, text.lastIndexOf('\n', charsMax - 1) + 1);
}

/** Paths that differ; a rename counts as both. */
export async function changedPaths(git: GitRunner, cwd: string, from: string, to: string): Promise<string[]> {
  const { stdout } = await git.run({ cwd, args: ['diff-tree', '-r', '--no-renames', '--name-only', '-z', from, to] });
  return stdout.split('\0').filter((path) => path !== '');
}

/** Commits in `to` that are not in `from`, along first parents, newest first, at most 1,000. */
export async function readHistory(
  git: GitRunner,
  cwd: string,
  from: CommitId,
  to: CommitId,
): Promise<{ commit: CommitId; subject: string; parents: CommitId[]; files: number }[]> {
  const range = ['--first-parent', '--diff-merges=first-parent', `--max-count=${historyMax}`, `${from}..${to}`];
  // A message holds no NUL, so fields are told apart for certain.
  const args = [
    'log',
    '--no-show-signature',
    '--no-color',
    '--no-ext-diff',
    '--shortstat',
    '--format=%x00%H%x00%P%x00%s%x00',
    ...range,
  ];
  const fields = (await git.text({ cwd, args })).split('\0').slice(1);
  const history: { commit: CommitId; subject: string; parents: CommitId[]; files: number }[] = [];
  for (let position = 0; position + 3 < fields.length; position += 4) {
    const [commit = '', parents = '', subject = '', stat = ''] = fields.slice(position, position + 4);
    history.push({
      commit: commit as CommitId,
      subject,
      parents: parents.split(' ').filter((parent) => parent !== '') as CommitId[],
      files: parseShortStat(stat).files,
    });
  }
  return history;
}
