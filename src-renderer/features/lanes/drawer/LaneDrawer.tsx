import { goTo } from '../../../app/location.ts';
import { useConnection } from '../../../client/use-stream.ts';
import { IconButton } from '../../../ui/button/IconButton.tsx';
import { classNames } from '../../../ui/class-names.ts';
import { setLaneView } from '../lane-view-state.ts';
import { useLane } from '../use-lanes.ts';
import { LaneBody } from './LaneBody.tsx';
import { LaneHead } from './LaneHead.tsx';
import './drawer.css';

/** One lane, docked at the right of the grid. */
export function LaneDrawer({ laneId }: { laneId: string }) {
  const lane = useLane(laneId);
  const isOld = useConnection().state !== 'live';
  if (lane === undefined) return null;
  return (
    <aside className={classNames('drawer', isOld && 'is-stale')} aria-label={`Lane ${lane.number}`}>
      <LaneBody
        key={lane.id}
        lane={lane}
        head={
          <LaneHead
            lane={lane}
            controls={
              <>
                <IconButton
                  icon="expand"
                  label="Open in full"
                  shortcut="enter"
                  onClick={() => goTo('lanes', lane.id)}
                />
                <IconButton
                  icon="x"
                  label="Close"
                  shortcut="escape"
                  onClick={() => setLaneView({ drawerOpen: false })}
                />
              </>
            }
          />
        }
      />
    </aside>
  );
}
