import { useMemo } from 'react';
import type { LaneView } from '#shared/contract/views.ts';
import type { LaneId } from '#shared/model/ids.ts';
import { type Action, useActions } from '../../app/action-registry.ts';
import { setUi } from '../../app/ui-state.ts';
import type { LiveMap } from '../../client/live-map.ts';
import type { LaneOutline } from './lane-outline.ts';
import { setLaneView } from './lane-view-state.ts';

/** Lets the palette find lanes by number, title, task and agent. */
export function useFindableLanes(lanes: LiveMap<LaneView>, outlines: readonly LaneOutline[]): void {
  const actions = useMemo(
    (): readonly Action[] =>
      outlines.flatMap(({ id }) => {
        const lane = lanes.get(id);
        return lane === undefined ? [] : [openLane(lane.id, `${lane.number} ${lane.title}, ${lane.agentName}`)];
      }),
    [lanes, outlines],
  );
  useActions(actions);
}

function openLane(laneId: LaneId, title: string): Action {
  return {
    id: `lane.open.${laneId}`,
    title,
    group: 'Lanes',
    icon: 'lanes',
    found: true,
    run: () => {
      setUi({ laneId });
      setLaneView({ drawerOpen: true });
    },
  };
}
