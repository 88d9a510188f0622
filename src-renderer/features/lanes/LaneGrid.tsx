import { useMemo, useState } from 'react';
import type { LaneView } from '#shared/contract/views.ts';
import type { LaneId } from '#shared/model/ids.ts';
import { setUi, useUiState } from '../../app/ui-state.ts';
import type { LiveMap } from '../../client/live-map.ts';
import { Button } from '../../ui/button/Button.tsx';
import { VirtualGrid } from '../../ui/data/VirtualGrid.tsx';
import { Blank } from '../../ui/state/Blank.tsx';
import { GroupRow } from './GroupRow.tsx';
import { groupWord } from './lane-group.ts';
import type { LaneOutline } from './lane-outline.ts';
import { LaneRow } from './LaneRow.tsx';
import { heldRows, type LaneRow as Row, laneRows, passes } from './lane-rows.ts';
import { setLaneView, useLaneViewState } from './lane-view-state.ts';
import { useActivityTop } from './use-lanes.ts';

const groupHeight = 25;
const laneHeight = 47;
const compactHeight = 33;
const askHeight = 82;

/** The rows of all lanes, grouped by what they ask of the person. */
export function LaneGrid({ lanes, outlines }: { lanes: LiveMap<LaneView>; outlines: readonly LaneOutline[] }) {
  const groups = useLaneViewState((state) => state.groups);
  const query = useLaneViewState((state) => state.query);
  const closed = useLaneViewState((state) => state.closed);
  const density = useUiState((state) => state.density);
  const selected = useUiState((state) => state.laneId);
  const activityTop = useActivityTop(lanes);
  const [held, setHeld] = useState(false);
  const [groupStop, setGroupStop] = useState<string | null>(null);

  const rows = useRows(outlines, groups, query, closed, held);
  const filtered = groups.size > 0 || query !== '';
  if (rows.length === 0 && filtered) {
    const hidden = outlines.filter((outline) => !passes(outline, { groups, query })).length;
    const kinds = [...groups].map((group) => groupWord[group].toLowerCase()).join(' or ');
    return (
      <Blank
        roomy
        title={`No ${kinds === '' ? '' : `${kinds} `}lane${query === '' ? '' : ` matches “${query}”`}.`}
        actions={
          <Button size="small" shortcut="escape" onClick={() => setLaneView({ groups: new Set(), query: '' })}>
            Clear filter
          </Button>
        }
      >
        <p>{hidden === 1 ? '1 lane is hidden by the filter.' : `${hidden} lanes are hidden by the filter.`}</p>
      </Blank>
    );
  }

  const stopKey = groupStop ?? selected;
  return (
    <VirtualGrid
      label="Lanes"
      head={<GridHead />}
      rows={rows}
      keyOf={(row) => row.key}
      heightOf={(row) =>
        row.kind === 'group' ? groupHeight : row.asks ? askHeight : density === 'compact' ? compactHeight : laneHeight
      }
      stopKey={stopKey !== null && rows.some((row) => row.key === stopKey) ? stopKey : null}
      onMove={(key) => {
        const row = rows.find((each) => each.key === key);
        if (row?.kind === 'group') setGroupStop(key);
        else if (row !== undefined) {
          setGroupStop(null);
          setUi({ laneId: row.laneId as LaneId });
        }
      }}
      onOpen={(key) => {
        const row = rows.find((each) => each.key === key);
        if (row?.kind === 'lane') setLaneView({ drawerOpen: true });
        else if (row?.kind === 'group') toggleGroup(row.group);
      }}
      onHold={setHeld}
      renderRow={(row, gridRow) =>
        row.kind === 'group' ? (
          <GroupRow key={row.key} row={row} gridRow={gridRow} onToggle={toggleGroup} />
        ) : (
          <LaneRow
            key={row.key}
            lanes={lanes}
            laneId={row.laneId}
            gridRow={gridRow}
            selected={row.laneId === selected}
            activityTop={activityTop}
            compact={density === 'compact'}
          />
        )
      }
    />
  );
}

function toggleGroup(group: Extract<Row, { kind: 'group' }>['group']): void {
  const { closed } = useLaneViewState.getState();
  const next = new Set(closed);
  if (!next.delete(group)) next.add(group);
  setLaneView({ closed: next });
}

/** The rows to show. While pointer or focus is on them they keep their places; a new filter moves them all the same. */
function useRows(
  outlines: readonly LaneOutline[],
  groups: LaneFilterGroups,
  query: string,
  closed: LaneFilterGroups,
  held: boolean,
): readonly Row[] {
  const wanted = useMemo(() => laneRows(outlines, { groups, query }, closed), [outlines, groups, query, closed]);
  const [shown, setShown] = useState({ rows: wanted, wanted, held, groups, query, closed });
  if (shown.wanted === wanted && shown.held === held) return shown.rows;
  const sameQuestion = shown.groups === groups && shown.query === query && shown.closed === closed;
  const rows = held && sameQuestion ? heldRows(shown.rows, wanted) : wanted;
  setShown({ rows, wanted, held, groups, query, closed });
  return rows;
}

type LaneFilterGroups = ReturnType<typeof useLaneViewState.getState>['groups'];

function GridHead() {
  return (
    <div className="grid__head" role="row" aria-rowindex={1}>
      <span role="columnheader">
        <span className="sr">State</span>
      </span>
      <span role="columnheader">
        <span className="sr">Number</span>
      </span>
      <span role="columnheader">Task and current step</span>
      <span role="columnheader" className="lane__agent">
        Agent
      </span>
      <span role="columnheader" className="lane__spark">
        Last 5 min
      </span>
      <span role="columnheader" className="lane__diff">
        Changes
      </span>
      <span role="columnheader" className="lane__time">
        Elapsed
      </span>
    </div>
  );
}
