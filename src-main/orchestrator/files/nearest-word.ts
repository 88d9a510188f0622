/** The known word that somebody who wrote `word` most likely meant; null when none is near. */
export function nearestWord(word: string, known: readonly string[]): string | null {
  const plain = normalised(word);
  let nearest: string | null = null;
  let distanceMin = Math.max(2, Math.floor(plain.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(plain, normalised(candidate));
    if (distance >= distanceMin) continue;
    distanceMin = distance;
    nearest = candidate;
  }
  return nearest;
}

/** `stop_grace`, `stop-grace` and `stopGrace` are the same word in different dress. */
function normalised(word: string): string {
  return word.toLowerCase().replace(/[_-]/g, '');
}

/** Levenshtein's: how many letters to add, drop or change. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let line = 1; line <= a.length; line += 1) {
    const next = [line];
    for (let column = 1; column <= b.length; column += 1) {
      const change = (row[column - 1] ?? 0) + (a[line - 1] === b[column - 1] ? 0 : 1);
      next.push(Math.min(change, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
