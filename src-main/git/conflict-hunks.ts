/** Cuts the parts of a file out that a merge could not decide, with a little of what is around them. Pure. */

const contextLines = 3;
const hunkCharsMax = 8_000;

/** Whether a text still has a conflict that git wrote into it. */
export function hasConflictMarkers(text: string): boolean {
  return /^<{7} /m.test(text) && /^>{7} /m.test(text);
}

/**
 * The conflicts of a file, each with its line number, at most 8,000 characters; empty when it
 * has no markers. `labels` replace the names of commits that git wrote behind the markers.
 */
export function conflictHunksOf(text: string, labels: { ours: string; theirs: string } | null = null): string {
  const lines = text.split('\n');
  const hunks: string[] = [];
  let start: number | null = null;
  lines.forEach((line, index) => {
    if (line.startsWith('<<<<<<< ')) start = index;
    if (!line.startsWith('>>>>>>> ') || start === null) return;
    const from = Math.max(0, start - contextLines);
    const hunk = lines.slice(from, index + 1 + contextLines).map((each) => relabelled(each, labels));
    hunks.push(`@@ line ${start + 1} @@\n${hunk.join('\n')}`);
    start = null;
  });
  const all = hunks.join('\n');
  return all.length <= hunkCharsMax ? all : `${all.slice(0, hunkCharsMax)}\n… (cut)`;
}

function relabelled(line: string, labels: { ours: string; theirs: string } | null): string {
  if (labels === null) return line;
  if (line.startsWith('<<<<<<< ')) return `<<<<<<< ${labels.ours}`;
  if (line.startsWith('>>>>>>> ')) return `>>>>>>> ${labels.theirs}`;
  return line;
}
