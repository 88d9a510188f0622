import type { LaneView } from '#shared/contract/views.ts';
import { type LaneGroup, laneGroup } from './lane-group.ts';

/** As much of a lane as its place in the grid depends on. */
export interface LaneOutline {
  readonly id: string;
  readonly number: number;
  readonly group: LaneGroup;
  readonly asks: boolean;
  readonly endedAtMs: number | null;
  /** Lower-case words that the text filter looks at. */
  readonly words: string;
}

/** Lanes with their outlines, lane by lane in the same order. */
export interface OutlinedLanes {
  readonly lanes: readonly LaneView[];
  readonly outlines: readonly LaneOutline[];
}

/** No lanes. */
export const noLanes: OutlinedLanes = { lanes: [], outlines: [] };

/**
 * The outlines of all lanes; those of before are answered again while nothing in them differs.
 * Of hundreds of lanes only those that are not the same objects as before are looked at.
 */
export function outlineLanes(lanes: readonly LaneView[], before: OutlinedLanes): readonly LaneOutline[] {
  let same = lanes.length === before.lanes.length;
  const outlines = lanes.map((lane, at) => {
    const old = before.outlines[at];
    const outline = old !== undefined && lane === before.lanes[at] ? old : outlineOf(lane, old);
    if (outline !== old) same = false;
    return outline;
  });
  return same ? before.outlines : outlines;
}

function outlineOf(lane: LaneView, old: LaneOutline | undefined): LaneOutline {
  const group = laneGroup(lane.status);
  const asks = lane.ask !== null;
  const words =
    `${lane.number} ${lane.title} ${lane.agentName} ${lane.taskKey ?? ''} ${lane.workspace?.branch ?? ''}`.toLowerCase();
  const isSame =
    old !== undefined &&
    old.id === lane.id &&
    old.group === group &&
    old.asks === asks &&
    old.endedAtMs === lane.endedAtMs &&
    old.words === words;
  return isSame ? old : { id: lane.id, number: lane.number, group, asks, endedAtMs: lane.endedAtMs, words };
}

/** How many lanes stand in each group. */
export type GroupCounts = Readonly<Record<LaneGroup, number>>;

/** Counts lanes by group. */
export function countGroups(outlines: readonly LaneOutline[]): GroupCounts {
  const counts: Record<LaneGroup, number> = {
    waiting: 0,
    failed: 0,
    stale: 0,
    running: 0,
    ready: 0,
    paused: 0,
    queued: 0,
    merged: 0,
    stopped: 0,
  };
  for (const outline of outlines) counts[outline.group] += 1;
  return counts;
}
