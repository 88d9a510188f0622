/** A row as the graph sees it; rows stand newest first. */
export interface GutterRow {
  readonly middlePx: number;
  /** The commit of the target after it. */
  readonly commit: string | null;
  /** Where the merged lane's branch began; null for all but merges. */
  readonly baseCommit: string | null;
  /** Taken back by the plan that is open. */
  readonly gone: boolean;
}

/** One stroke of the graph. */
export interface GutterPath {
  readonly kind: 'main' | 'lane';
  readonly gone: boolean;
  readonly path: string;
}

const mainX = 14;
const laneXs = [30, 44] as const;
/** The width that the strokes need. */
export const gutterWidth = 56;

interface Span {
  readonly from: number;
  readonly to: number;
  readonly open: boolean;
  readonly gone: boolean;
}

/**
 * The target's line with the lanes that were merged into it: each leaves the line where it
 * began and comes back where it was merged. Short ones stand inside; those for which there is
 * no room are left out. What began below the last row runs on to `bottomPx`.
 */
export function gutterPaths(rows: readonly GutterRow[], targetIndex: number | null, bottomPx: number): GutterPath[] {
  const first = rows[0];
  if (first === undefined) return [];
  const target = targetIndex === null ? undefined : rows[targetIndex];
  const turnPx = target?.middlePx ?? first.middlePx;
  const paths: GutterPath[] = [{ kind: 'main', gone: false, path: `M${mainX} ${turnPx}V${bottomPx}` }];
  if (turnPx > first.middlePx) paths.push({ kind: 'main', gone: true, path: `M${mainX} ${first.middlePx}V${turnPx}` });

  const taken: { readonly x: number; readonly from: number; readonly to: number }[] = [];
  for (const { from, to, open, gone } of laneSpans(rows)) {
    const x = laneXs.find((each) => !taken.some((other) => other.x === each && from < other.to && to > other.from));
    const fromPx = rows[from]?.middlePx;
    const toPx = open ? bottomPx + 30 : rows[to]?.middlePx;
    if (x === undefined || fromPx === undefined || toPx === undefined) continue;
    taken.push({ x, from, to });
    paths.push({ kind: 'lane', gone, path: lanePath(fromPx, toPx, x) });
  }
  return paths;
}

/** The shortest first, so that they stand next to the line. */
function laneSpans(rows: readonly GutterRow[]): Span[] {
  const byCommit = new Map(rows.flatMap((row, at) => (row.commit === null ? [] : [[row.commit, at] as const])));
  return rows
    .flatMap((row, from): Span[] => {
      if (row.baseCommit === null) return [];
      const to = byCommit.get(row.baseCommit);
      if (to !== undefined && to <= from) return [];
      return [{ from, to: to ?? rows.length, open: to === undefined, gone: row.gone }];
    })
    .sort((a, b) => a.to - a.from - (b.to - b.from) || a.from - b.from);
}

function lanePath(top: number, bottom: number, x: number): string {
  return (
    `M${mainX} ${top}C${mainX + 2} ${top + 16} ${x} ${top + 6} ${x} ${top + 24}` +
    `V${bottom - 24}C${x} ${bottom - 6} ${mainX + 2} ${bottom - 16} ${mainX} ${bottom}`
  );
}
