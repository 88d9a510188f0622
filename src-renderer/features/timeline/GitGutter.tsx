import type { RowFate } from './CheckpointRow.tsx';
import { type GutterRow, gutterPaths, gutterWidth } from './git-gutter.ts';
import { dayHeight, entryHeight, type TimelineRow } from './timeline-rows.ts';

/** The graph beside the rows. Decorative: the rows say in words what it draws. */
export function GitGutter({
  rows,
  fates,
  complete,
}: {
  rows: readonly TimelineRow[];
  fates: ReadonlyMap<string, RowFate>;
  /** No older entry is left out. */
  complete: boolean;
}) {
  const heightPx = rows.reduce((sum, row) => sum + (row.kind === 'day' ? dayHeight : entryHeight), 0);
  const entries = rows.filter((row) => row.kind === 'entry');
  const graph = entries.map(
    ({ entry, middlePx }): GutterRow => ({
      middlePx,
      commit: entry.commit,
      baseCommit: entry.kind === 'merge' ? entry.baseCommit : null,
      gone: fates.get(entry.id) === 'gone',
    }),
  );
  const target = entries.findIndex(({ entry }) => fates.get(entry.id) === 'target');
  const bottomPx = complete ? (entries.at(-1)?.middlePx ?? 0) : heightPx;
  const paths = gutterPaths(graph, target === -1 ? null : target, bottomPx);
  return (
    <svg
      className="gutter"
      width={gutterWidth}
      height={heightPx}
      viewBox={`0 0 ${gutterWidth} ${heightPx}`}
      aria-hidden="true"
    >
      {paths.map(({ kind, gone, path }) => (
        <path key={path} d={path} className={`gutter__${kind}${gone ? ' gutter--gone' : ''}`} />
      ))}
    </svg>
  );
}
