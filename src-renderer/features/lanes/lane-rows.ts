import { type LaneGroup, laneGroups } from './lane-group.ts';
import type { LaneOutline } from './lane-outline.ts';

/** A line of the grid: the head of a group, or a lane. */
export type LaneRow =
  | {
      readonly kind: 'group';
      readonly key: string;
      readonly group: LaneGroup;
      readonly count: number;
      readonly open: boolean;
    }
  | { readonly kind: 'lane'; readonly key: string; readonly laneId: string; readonly asks: boolean };

/** What the person asked to see. */
export interface LaneFilter {
  /** Empty for all. */
  readonly groups: ReadonlySet<LaneGroup>;
  readonly query: string;
}

/** Whether a lane passes the filter. All words of the query must occur. */
export function passes(outline: LaneOutline, filter: LaneFilter): boolean {
  if (filter.groups.size > 0 && !filter.groups.has(outline.group)) return false;
  return filter.query
    .toLowerCase()
    .split(/\s+/)
    .every((word) => outline.words.includes(word));
}

/** The lines of the grid. A group that is filtered for is always open. */
export function laneRows(
  outlines: readonly LaneOutline[],
  filter: LaneFilter,
  closed: ReadonlySet<LaneGroup>,
): readonly LaneRow[] {
  const byGroup = new Map<LaneGroup, LaneOutline[]>();
  for (const outline of outlines) {
    if (!passes(outline, filter)) continue;
    const members = byGroup.get(outline.group);
    if (members === undefined) byGroup.set(outline.group, [outline]);
    else members.push(outline);
  }
  const rows: LaneRow[] = [];
  for (const group of laneGroups) {
    const members = byGroup.get(group);
    if (members === undefined) continue;
    const open = !closed.has(group) || filter.groups.has(group) || filter.query !== '';
    rows.push({ kind: 'group', key: `group ${group}`, group, count: members.length, open });
    if (!open) continue;
    members.sort(isOver(group) ? newestEndFirst : oldestFirst);
    for (const { id, asks } of members) rows.push({ kind: 'lane', key: id, laneId: id, asks });
  }
  return rows;
}

function isOver(group: LaneGroup): boolean {
  return group === 'merged' || group === 'stopped';
}

function oldestFirst(a: LaneOutline, b: LaneOutline): number {
  return a.number - b.number;
}

function newestEndFirst(a: LaneOutline, b: LaneOutline): number {
  return (b.endedAtMs ?? 0) - (a.endedAtMs ?? 0) || b.number - a.number;
}

/**
 * The lines while pointer or focus is on them: what stood there stays in its place, what is
 * gone leaves, what is new joins at the end. Nothing moves under the hand. The head of a new
 * group takes the place of a head that goes when lanes under that one have come into the group;
 * else it joins only while it is folded: it stands for lanes that would be nowhere without it.
 */
export function heldRows(before: readonly LaneRow[], wanted: readonly LaneRow[]): readonly LaneRow[] {
  const heads = headsOf(wanted);
  const unplaced = new Map(wanted.map((row) => [row.key, row]));
  const known = new Set(before.map((row) => row.key));
  const kept = before.flatMap((row, at) => {
    const now = unplaced.get(row.key) ?? (row.kind === 'group' ? successor(before, at, heads, known) : undefined);
    if (now === undefined || !unplaced.delete(now.key)) return [];
    return [now];
  });
  return [...kept, ...[...unplaced.values()].filter((row) => row.kind === 'lane' || !row.open)];
}

/** The head under which each lane stands. */
function headsOf(rows: readonly LaneRow[]): ReadonlyMap<string, LaneRow> {
  const heads = new Map<string, LaneRow>();
  let head: LaneRow | undefined;
  for (const row of rows) {
    if (row.kind === 'group') head = row;
    else if (head !== undefined) heads.set(row.key, head);
  }
  return heads;
}

/** The new head for the lanes that stood under the head at `at`, which is gone. */
function successor(
  before: readonly LaneRow[],
  at: number,
  heads: ReadonlyMap<string, LaneRow>,
  known: ReadonlySet<string>,
): LaneRow | undefined {
  for (const row of before.slice(at + 1)) {
    if (row.kind === 'group') return undefined;
    const head = heads.get(row.key);
    if (head !== undefined && !known.has(head.key)) return head;
  }
  return undefined;
}
