import { useEffect, useMemo } from 'react';
import { type Action, useActions } from '../../../app/action-registry.ts';
import { goTo } from '../../../app/location.ts';
import { setUi } from '../../../app/ui-state.ts';
import { useStreamState } from '../../../client/use-stream.ts';
import { Button } from '../../../ui/button/Button.tsx';
import { IconButton } from '../../../ui/button/IconButton.tsx';
import { Blank } from '../../../ui/state/Blank.tsx';
import { Bones } from '../../../ui/state/Bones.tsx';
import { setLaneView } from '../lane-view-state.ts';
import { useLane, useLanes } from '../use-lanes.ts';
import { LaneBody } from './LaneBody.tsx';
import { LaneHead } from './LaneHead.tsx';
import './drawer.css';

/** One lane in the whole view. */
export function LanePage({ laneId }: { laneId: string }) {
  const lane = useLane(laneId);
  const known = useStreamState(useLanes());
  const knownId = lane?.id;
  useEffect(() => {
    if (knownId === undefined) return;
    setUi({ laneId: knownId });
    setLaneView({ drawerOpen: true });
  }, [knownId]);
  const actions = useMemo(
    (): readonly Action[] => [
      {
        id: 'lane.back',
        title: 'Back to all lanes',
        group: 'Lanes',
        icon: 'lanes',
        shortcut: 'escape',
        run: () => goTo('lanes'),
      },
    ],
    [],
  );
  useActions(actions);

  if (lane === undefined) {
    if (known.state === 'loading') return <Bones rows={5} label="Loading the lane" />;
    return (
      <Blank
        roomy
        heading="h1"
        title="This lane is not here."
        actions={<Button onClick={() => goTo('lanes')}>Show all lanes</Button>}
      >
        <p>It may belong to another repository, or have been cleared away.</p>
      </Blank>
    );
  }
  return (
    <section className="drawer drawer--page" aria-label={`Lane ${lane.number}`}>
      <LaneBody
        key={lane.id}
        lane={lane}
        head={
          <LaneHead
            lane={lane}
            heading="h1"
            controls={<IconButton icon="x" label="Back to all lanes" shortcut="escape" onClick={() => goTo('lanes')} />}
          />
        }
      />
    </section>
  );
}
