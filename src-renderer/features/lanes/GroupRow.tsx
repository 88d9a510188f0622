import type { GridRowProps } from '../../ui/data/VirtualGrid.tsx';
import { Icon } from '../../ui/icon/Icon.tsx';
import { groupWord, type LaneGroup } from './lane-group.ts';
import type { LaneRow } from './lane-rows.ts';

/** The head of a group; opens and closes it. */
export function GroupRow({
  row,
  gridRow,
  onToggle,
}: {
  row: Extract<LaneRow, { kind: 'group' }>;
  gridRow: GridRowProps;
  onToggle: (group: LaneGroup) => void;
}) {
  return (
    <div className="group" {...gridRow}>
      <span role="gridcell">
        <button
          type="button"
          className="group__toggle"
          tabIndex={-1}
          onClick={() => onToggle(row.group)}
          aria-expanded={row.open}
          aria-label={`${groupWord[row.group]}, ${row.count}`}
        >
          <Icon name={row.open ? 'down' : 'right'} small />
          <b>{groupWord[row.group]}</b> <span className="tertiary">{row.count}</span>
        </button>
      </span>
      {row.group === 'waiting' && row.open && (
        <span role="gridcell" className="group__hint">
          Y allows, N denies the selected request
        </span>
      )}
    </div>
  );
}
