import { useCallback, useMemo, useRef, useSyncExternalStore } from 'react';
import type { LaneView } from '#shared/contract/views.ts';
import type { Checkpoint, Rollback } from '#shared/model/checkpoint.ts';
import type { LaneId } from '#shared/model/ids.ts';
import { useProjectId } from '../../app/current-project.ts';
import type { LiveMap, StreamState } from '../../client/live-map.ts';
import { useStream, useStreamList, useStreamState } from '../../client/use-stream.ts';
import { type MergedLane, type TimelineEntry, timelineEntries } from './timeline-entry.ts';

/** The timeline of the project that is shown. */
export interface Timeline {
  readonly state: StreamState;
  readonly checkpoints: readonly Checkpoint[];
  readonly rollbacks: readonly Rollback[];
  /** Newest first. */
  readonly entries: readonly TimelineEntry[];
}

/** Follows the timeline of the project that is shown. */
export function useTimeline(): Timeline {
  const projectId = useProjectId();
  const input = useMemo(() => (projectId === null ? null : { projectId }), [projectId]);
  const checkpointMap = useStream('timeline.watch', input);
  const rollbackMap = useStream('timeline.watchRollbacks', input);
  const checkpoints = useStreamList(checkpointMap);
  const rollbacks = useStreamList(rollbackMap);
  const lanes = useMergedLanes(useStream('lane.watch', input));
  const state = useStreamState(checkpointMap);
  const entries = useMemo(() => timelineEntries(checkpoints, rollbacks, lanes), [checkpoints, rollbacks, lanes]);
  return useMemo(() => ({ state, checkpoints, rollbacks, entries }), [state, checkpoints, rollbacks, entries]);
}

/** What the timeline shows of lanes. It changes with their number, not with every word that one says. */
function useMergedLanes(lanes: LiveMap<LaneView>): ReadonlyMap<LaneId, MergedLane> {
  const last = useRef<{ ids: string; merged: ReadonlyMap<LaneId, MergedLane> }>({ ids: '', merged: new Map() });
  const read = useCallback(() => {
    const list = lanes.list();
    const ids = list.map((lane) => `${lane.id} ${lane.workspace?.baseCommit ?? ''}`).join();
    if (last.current.ids !== ids) {
      last.current = {
        ids,
        merged: new Map(
          list.map((lane) => [lane.id, { agentName: lane.agentName, baseCommit: lane.workspace?.baseCommit ?? null }]),
        ),
      };
    }
    return last.current.merged;
  }, [lanes]);
  return useSyncExternalStore(lanes.onAny, read);
}
