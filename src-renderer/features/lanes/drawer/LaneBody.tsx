import type { ReactNode } from 'react';
import type { LaneView } from '#shared/contract/views.ts';
import { type LaneTab, setUi, useUiState } from '../../../app/ui-state.ts';
import { Tabs } from '../../../ui/field/Tabs.tsx';
import { Badge } from '../../../ui/label/Badge.tsx';
import { Composer } from './Composer.tsx';
import { DiffPanel } from './DiffPanel.tsx';
import { EventsPanel } from './EventsPanel.tsx';
import { GatesPanel } from './GatesPanel.tsx';
import { LogPanel } from './LogPanel.tsx';

/** The tabs of a lane under its head, and the line to talk to it. */
export function LaneBody({ lane, head }: { lane: LaneView; head: ReactNode }) {
  const tab = useUiState((state) => state.laneTab);
  const files = lane.changes?.files ?? 0;
  return (
    <>
      <header className="drawer__head">{head}</header>
      <Tabs<LaneTab>
        label={`Lane ${lane.number}`}
        chosen={tab}
        onChoose={(laneTab) => setUi({ laneTab })}
        panelClassName="drawer__panel"
        items={[
          { id: 'events', label: 'Events' },
          { id: 'log', label: 'Log' },
          { id: 'diff', label: <>Diff {files > 0 && <Badge>{files}</Badge>}</> },
          {
            id: 'gates',
            label: (
              <>
                Gates{' '}
                {lane.gatesTotal !== null && lane.gatesTotal > 0 && (
                  <Badge>{`${lane.gatesPassed ?? 0} of ${lane.gatesTotal}`}</Badge>
                )}
              </>
            ),
          },
        ]}
      >
        {tab === 'events' && <EventsPanel lane={lane} />}
        {tab === 'log' && <LogPanel lane={lane} />}
        {tab === 'diff' && <DiffPanel lane={lane} />}
        {tab === 'gates' && <GatesPanel lane={lane} />}
      </Tabs>
      <Composer lane={lane} />
    </>
  );
}
