import type { LaneView } from '#shared/contract/views.ts';
import { usePanelLocation } from '../../app/location.ts';
import { useUiState } from '../../app/ui-state.ts';
import type { LiveMap } from '../../client/live-map.ts';
import { useConnection, useStreamState } from '../../client/use-stream.ts';
import { classNames } from '../../ui/class-names.ts';
import { Bones } from '../../ui/state/Bones.tsx';
import { Blank } from '../../ui/state/Blank.tsx';
import { LaneDrawer } from './drawer/LaneDrawer.tsx';
import { LanePage } from './drawer/LanePage.tsx';
import { FleetHead } from './FleetHead.tsx';
import { LaneGrid } from './LaneGrid.tsx';
import { LaneNotices } from './LaneNotices.tsx';
import { useLaneViewState } from './lane-view-state.ts';
import { NoLanes } from './NoLanes.tsx';
import { useFindableLanes } from './use-findable-lanes.ts';
import { useLaneShortcuts } from './use-lane-shortcuts.ts';
import { useLaneOutlines, useLanes } from './use-lanes.ts';
import './lanes.css';

/** All lanes of the project, one of them in the drawer; or one lane in full. */
export default function LanesView() {
  const { detail } = usePanelLocation();
  return detail === null ? <LaneList /> : <LanePage laneId={detail} />;
}

function LaneList() {
  const lanes = useLanes();
  const known = useStreamState(lanes);
  const outlines = useLaneOutlines(lanes);
  const selected = useUiState((state) => state.laneId);
  const drawerOpen = useLaneViewState((state) => state.drawerOpen);
  const isOld = useConnection().state !== 'live';
  useFindableLanes(lanes, outlines);

  const drawerLaneId = drawerOpen && selected !== null && lanes.get(selected) !== undefined ? selected : null;
  return (
    <div className="lanes">
      <LaneShortcuts lanes={lanes} />
      <section className={classNames('lanes__main', isOld && 'lanes__main--old')} aria-label="Lanes">
        <LaneNotices />
        {known.state === 'loading' && <Bones rows={9} label="Loading lanes" />}
        {known.state === 'failed' && (
          <Blank roomy heading="h1" shape="failed" title="Lanes cannot be shown.">
            <p>{known.error.message}</p>
          </Blank>
        )}
        {known.state === 'ready' && outlines.length === 0 && <NoLanes />}
        {known.state === 'ready' && outlines.length > 0 && (
          <>
            <FleetHead outlines={outlines} />
            <LaneGrid lanes={lanes} outlines={outlines} />
          </>
        )}
      </section>
      {drawerLaneId !== null && <LaneDrawer laneId={drawerLaneId} />}
    </div>
  );
}

/** Apart from the view, which need not be drawn again with every word of the selected lane. */
function LaneShortcuts({ lanes }: { lanes: LiveMap<LaneView> }) {
  useLaneShortcuts(lanes);
  return null;
}
