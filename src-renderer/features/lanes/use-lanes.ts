import { useCallback, useMemo, useRef, useSyncExternalStore } from 'react';
import type { LaneView } from '#shared/contract/views.ts';
import { useProjectId } from '../../app/current-project.ts';
import type { LiveMap } from '../../client/live-map.ts';
import { useStream, useStreamValue } from '../../client/use-stream.ts';
import { type LaneOutline, outlineLanes } from './lane-outline.ts';

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
  const last = useRef<{ list: readonly LaneView[]; outlines: readonly LaneOutline[] }>({ list: [], outlines: [] });
  const read = useCallback(() => {
    const list = lanes.list();
    if (last.current.list !== list) last.current = { list, outlines: outlineLanes(list, last.current.outlines) };
    return last.current.outlines;
  }, [lanes]);
  return useSyncExternalStore(lanes.onAny, read);
}

/** The most events in one bar of any lane, so that all sparklines share one scale. Grows in steps. */
export function useActivityTop(lanes: LiveMap<LaneView>): number {
  return useSyncExternalStore(lanes.onAny, () => {
    let most = 0;
    for (const lane of lanes.list()) for (const events of lane.activity) if (events > most) most = events;
    return Math.max(6, Math.ceil(most / 6) * 6);
  });
}
