import { useCallback, useMemo, useRef, useSyncExternalStore } from 'react';
import type { LaneView } from '#shared/contract/views.ts';
import { useProjectId } from '../../app/current-project.ts';
import type { LiveMap } from '../../client/live-map.ts';
import { useStream, useStreamValue } from '../../client/use-stream.ts';
import { activityTop } from './activity-top.ts';
import { type LaneOutline, noLanes, type OutlinedLanes, outlineLanes } from './lane-outline.ts';

/** The lanes of the project that is shown. */
export function useLanes(): LiveMap<LaneView> {
  const projectId = useProjectId();
  const input = useMemo(() => (projectId === null ? null : { projectId }), [projectId]);
  return useStream('lane.watch', input);
}

/** One lane; the component is drawn again only when that lane changes. */
export function useLane(id: string | null): LaneView | undefined {
  return useStreamValue(useLanes(), id);
}

/** The outlines of all lanes: drawn again only when the place of some lane changes. */
export function useLaneOutlines(lanes: LiveMap<LaneView>): readonly LaneOutline[] {
  const last = useRef<OutlinedLanes>(noLanes);
  const read = useCallback(() => {
    const list = lanes.list();
    if (last.current.lanes !== list) last.current = { lanes: list, outlines: outlineLanes(list, last.current) };
    return last.current.outlines;
  }, [lanes]);
  return useSyncExternalStore(lanes.onAny, read);
}

/** The value of a full bar in the sparklines of all lanes. */
export function useActivityTop(lanes: LiveMap<LaneView>): number {
  return useSyncExternalStore(lanes.onAny, () => activityTop(lanes.list()));
}
