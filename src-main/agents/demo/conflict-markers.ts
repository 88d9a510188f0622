/** Resolves what git could not decide by keeping both sides, ours first. Pure. */

const start = /^<{7}( |$)/;
const base = /^\|{7}( |$)/;
const middle = /^={7}$/;
const end = /^>{7}( |$)/;

/** Whether `text` has at least one whole conflict. */
export function hasConflictMarkers(text: string): boolean {
  return resolveKeepingBoth(text).resolved > 0;
}

/** The text without markers, and how many conflicts it had; an unfinished one stays as it is. */
export function resolveKeepingBoth(text: string): { text: string; resolved: number } {
  const lines = text.split('\n');
  const out: string[] = [];
  let resolved = 0;
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    const conflict = start.test(line) ? readConflict(lines, at) : null;
    if (conflict === null) {
      out.push(line);
      continue;
    }
    out.push(...conflict.kept);
    at = conflict.endAt;
    resolved += 1;
  }
  return { text: out.join('\n'), resolved };
}

function readConflict(lines: readonly string[], startAt: number): { kept: string[]; endAt: number } | null {
  const ours: string[] = [];
  const theirs: string[] = [];
  let side: 'ours' | 'base' | 'theirs' = 'ours';
  for (let at = startAt + 1; at < lines.length; at += 1) {
    const line = (lines[at] ?? '').replace(/\r$/, '');
    if (start.test(line)) return null;
    if (side === 'ours' && base.test(line)) side = 'base';
    else if (side !== 'theirs' && middle.test(line)) side = 'theirs';
    else if (side === 'theirs' && end.test(line)) {
      // What both sides say alike is said once.
      const added = theirs.join('\n') === ours.join('\n') ? [] : theirs;
      return { kept: [...ours, ...added], endAt: at };
    } else if (side === 'ours') ours.push(lines[at] ?? '');
    else if (side === 'theirs') theirs.push(lines[at] ?? '');
  }
  return null;
}
