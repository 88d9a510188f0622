/** Reads what `git diff-tree` prints. Pure. */
import type { DiffFile } from '#shared/contract/views.ts';
import type { ChangeCount } from '../ports/git.ts';

/** One changed file, without its patch. */
export type ChangedFile = Pick<DiffFile, 'path' | 'oldPath' | 'kind' | 'binary' | 'added' | 'removed'> & {
  /** A file that became a link or the like is printed as two patches. */
  readonly patches: 1 | 2;
};

/**
 * `--raw --numstat -z`: first `:modes objects STATUS\0path\0` for each file (a rename has two
 * paths), then `added\tremoved\tpath\0` in the same order (a rename has `\0old\0new\0` there).
 */
export function parseChangedFiles(output: string): ChangedFile[] {
  const fields = output.split('\0');
  const files: ChangedFile[] = [];
  let position = 0;
  for (; fields[position]?.startsWith(':'); ) {
    const [oldMode = '', newMode = '', , , status = ''] = (fields[position] ?? '').slice(1).split(' ');
    const isRename = status.startsWith('R') || status.startsWith('C');
    const first = fields[position + 1] ?? '';
    files.push({
      path: isRename ? (fields[position + 2] ?? '') : first,
      oldPath: isRename ? first : null,
      kind: isRename ? 'rename' : status === 'A' ? 'add' : status === 'D' ? 'delete' : 'update',
      binary: false,
      added: 0,
      removed: 0,
      patches: status === 'T' && oldMode !== newMode ? 2 : 1,
    });
    position += isRename ? 3 : 2;
  }
  return files.map((file) => {
    const [added = '', removed = ''] = (fields[position] ?? '').split('\t');
    position += file.oldPath === null ? 1 : 3;
    // git writes a dash for what is no text.
    return { ...file, binary: added === '-', added: Number(added) || 0, removed: Number(removed) || 0 };
  });
}

/** The patches of a unified diff in order, each without the lines before its first hunk; empty where there is none. */
export function splitPatches(output: string): string[] {
  // Every line of a patch begins with a space, a sign, a backslash or @@: this can only be a head.
  return output
    .split(/^diff --git .*\n?/m)
    .slice(1)
    .map((patch) => {
      const start = patch.search(/^@@ /m);
      return start < 0 ? '' : patch.slice(start);
    });
}

/** ` 3 files changed, 10 insertions(+), 2 deletions(-)`; an empty line when nothing changed. */
export function parseShortStat(text: string): ChangeCount {
  const numberBefore = (words: RegExp): number => Number(words.exec(text)?.[1] ?? 0);
  return {
    files: numberBefore(/(\d+) files? changed/),
    added: numberBefore(/(\d+) insertions?\(\+\)/),
    removed: numberBefore(/(\d+) deletions?\(-\)/),
  };
}
