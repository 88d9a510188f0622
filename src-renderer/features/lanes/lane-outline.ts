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

/** The outlines of all lanes; the result of before is answered again while nothing in it differs. */
export function outlineLanes(lanes: readonly LaneView[], before: readonly LaneOutline[]): readonly LaneOutline[] {
  let same = lanes.length === before.length;
  const outlines = lanes.map((lane, at) => {
    const old = before[at];
    const outline = outlineOf(lane, old);
    if (outline !== old) same = false;
    return outline;
  });
  return same ? before : outlines;
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
