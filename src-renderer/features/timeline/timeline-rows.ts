import type { TimelineEntry } from './timeline-entry.ts';

/** The height of a row and of a day's heading, in px; `timeline.css` draws them so. */
export const entryHeight = 48;
export const dayHeight = 29;

/** A day's heading, or an entry with its place. `middlePx` is where the graph meets it. */
export type TimelineRow =
  | { readonly kind: 'day'; readonly key: string; readonly title: string }
  | { readonly kind: 'entry'; readonly key: string; readonly entry: TimelineEntry; readonly middlePx: number };

/** The entries under the days on which they happened; `dayTitle` names the day of a time. */
export function timelineRows(entries: readonly TimelineEntry[], dayTitle: (atMs: number) => string): TimelineRow[] {
  const rows: TimelineRow[] = [];
  let day = '';
  let topPx = 0;
  for (const entry of entries) {
    const title = dayTitle(entry.atMs);
    if (title !== day) {
      rows.push({ kind: 'day', key: `day ${title}`, title });
      topPx += dayHeight;
      day = title;
    }
    rows.push({ kind: 'entry', key: entry.id, entry, middlePx: topPx + entryHeight / 2 });
    topPx += entryHeight;
  }
  return rows;
}
