import { plainText } from '../../../ui/log/ansi.ts';
import { type WordPiece, wordEmphasis } from './word-emphasis.ts';

/** A line of a shown patch. */
export type PatchLine =
  | { readonly kind: 'hunk'; readonly text: string }
  | {
      readonly kind: 'same' | 'add' | 'del';
      /** Line numbers in the old and the new file, from 1. */
      readonly oldNumber: number | null;
      readonly newNumber: number | null;
      readonly pieces: readonly WordPiece[];
    };

type ChangedLine = { readonly kind: 'add' | 'del'; readonly number: number; readonly text: string };

/** Reads unified diff text without a file head. Lines that are none of it are left out. */
export function parsePatch(patch: string): readonly PatchLine[] {
  const lines: PatchLine[] = [];
  let changed: ChangedLine[] = [];
  let oldNumber = 0;
  let newNumber = 0;
  const settle = (): void => {
    lines.push(...emphasised(changed));
    changed = [];
  };
  for (const line of patch.split('\n')) {
    const hunk = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@(.*)$/.exec(line);
    if (hunk !== null) {
      settle();
      oldNumber = Number(hunk[1]);
      newNumber = Number(hunk[2]);
      lines.push({ kind: 'hunk', text: plainText(line) });
      continue;
    }
    const text = plainText(line.slice(1));
    if (line.startsWith('-')) changed.push({ kind: 'del', number: oldNumber++, text });
    else if (line.startsWith('+')) changed.push({ kind: 'add', number: newNumber++, text });
    else if (line.startsWith(' ')) {
      settle();
      lines.push({ kind: 'same', oldNumber: oldNumber++, newNumber: newNumber++, pieces: [{ text, changed: false }] });
    }
  }
  settle();
  return lines;
}

/** Sets each line of a changed block beside its counterpart: the n-th new one beside the n-th old one, or the last. */
function emphasised(block: readonly ChangedLine[]): readonly PatchLine[] {
  const old = block.filter((line) => line.kind === 'del');
  const now = block.filter((line) => line.kind === 'add');
  const partner = (line: ChangedLine): ChangedLine | undefined => {
    const others = line.kind === 'del' ? now : old;
    const at = (line.kind === 'del' ? old : now).indexOf(line);
    return others[Math.min(at, others.length - 1)];
  };
  return block.map((line) => {
    const other = partner(line);
    const found =
      other === undefined
        ? null
        : line.kind === 'del'
          ? wordEmphasis(line.text, other.text)
          : wordEmphasis(other.text, line.text);
    const pieces =
      found === null ? [{ text: line.text, changed: false }] : line.kind === 'del' ? found.before : found.after;
    return {
      kind: line.kind,
      oldNumber: line.kind === 'del' ? line.number : null,
      newNumber: line.kind === 'add' ? line.number : null,
      pieces,
    };
  });
}
