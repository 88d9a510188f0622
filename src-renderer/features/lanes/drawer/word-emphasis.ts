/** A piece of a changed line; emphasised where it differs from its counterpart. */
export interface WordPiece {
  readonly text: string;
  readonly changed: boolean;
}

/** Longer lines are not compared word by word. */
const lineCharsMax = 1_000;

/**
 * What differs between an old and a new line, by whole words. Null for lines that have too
 * little in common for an emphasis to help.
 */
export function wordEmphasis(
  before: string,
  after: string,
): { readonly before: readonly WordPiece[]; readonly after: readonly WordPiece[] } | null {
  if (before.length > lineCharsMax || after.length > lineCharsMax || before === after) return null;
  const old = words(before);
  const now = words(after);
  const { keptOld, keptNow } = commonWords(old, now);
  const common = old
    .filter((_, at) => keptOld.has(at))
    .join('')
    .replace(/\s/g, '').length;
  if (common * 3 < Math.min(before.trim().length, after.trim().length)) return null;
  return { before: pieces(old, keptOld), after: pieces(now, keptNow) };
}

function words(line: string): readonly string[] {
  return line.match(/[\p{L}\p{N}_]+|\s+|[^\p{L}\p{N}_\s]/gu) ?? [];
}

/** The places of a longest common subsequence in both lines. */
function commonWords(old: readonly string[], now: readonly string[]): { keptOld: Set<number>; keptNow: Set<number> } {
  const width = now.length + 1;
  // lengths[i × width + j]: the longest common subsequence of old from i and now from j
  const lengths = new Uint16Array((old.length + 1) * width);
  for (let i = old.length - 1; i >= 0; i -= 1) {
    for (let j = now.length - 1; j >= 0; j -= 1) {
      const below = lengths[(i + 1) * width + j] ?? 0;
      const right = lengths[i * width + j + 1] ?? 0;
      lengths[i * width + j] = old[i] === now[j] ? (lengths[(i + 1) * width + j + 1] ?? 0) + 1 : Math.max(below, right);
    }
  }
  const keptOld = new Set<number>();
  const keptNow = new Set<number>();
  let i = 0;
  let j = 0;
  while (i < old.length && j < now.length) {
    if (old[i] === now[j]) {
      keptOld.add(i);
      keptNow.add(j);
      i += 1;
      j += 1;
    } else if ((lengths[(i + 1) * width + j] ?? 0) >= (lengths[i * width + j + 1] ?? 0)) i += 1;
    else j += 1;
  }
  return { keptOld, keptNow };
}

/** Joins words into pieces. White space counts as changed between two changed words only. */
function pieces(line: readonly string[], kept: ReadonlySet<number>): readonly WordPiece[] {
  const found: { text: string; changed: boolean }[] = [];
  line.forEach((text, at) => {
    const between = at > 0 && at < line.length - 1 && !kept.has(at - 1) && !kept.has(at + 1);
    const changed = text.trim() === '' ? between : !kept.has(at);
    const last = found.at(-1);
    if (last?.changed === changed) last.text += text;
    else found.push({ text, changed });
  });
  return found;
}
