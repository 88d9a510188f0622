import { useUiState } from '../../app/ui-state.ts';
import { classNames } from '../../ui/class-names.ts';
import { groupWord, type LaneGroup, laneGroups } from './lane-group.ts';
import type { GroupCounts, LaneOutline } from './lane-outline.ts';

/** Above this many lanes a state is one segment instead of one cell a lane. */
const cellsMax = 120;

/** In the strip shape is height and pattern: groups that look alike in it share one. */
const look: Record<LaneGroup, string> = {
  waiting: 'waiting',
  failed: 'failed',
  stale: 'stale',
  running: 'running',
  ready: 'running',
  paused: 'queued',
  queued: 'queued',
  merged: 'done',
  stopped: 'queued',
};

/** The whole fleet in one line. A press on a state filters by it, as its chip does. */
export function FleetStrip({
  outlines,
  counts,
  onToggle,
}: {
  outlines: readonly LaneOutline[];
  counts: GroupCounts;
  onToggle: (group: LaneGroup) => void;
}) {
  const selected = useUiState((state) => state.laneId);
  const inCells = outlines.length <= cellsMax;
  const present = laneGroups.filter((group) => counts[group] > 0);
  const words = present.map((group) => `${counts[group]} ${groupWord[group].toLowerCase()}`).join(', ');
  return (
    <div className="fleet__strip" role="group" aria-label={`${outlines.length} lanes: ${words}`}>
      {present.map((group) => (
        <button
          type="button"
          tabIndex={-1}
          aria-label={`Filter by ${groupWord[group].toLowerCase()}: ${counts[group]}`}
          key={group}
          className={classNames('fleet__group', `fleet__group--${look[group]}`, !inCells && 'fleet__group--whole')}
          style={{ flexGrow: counts[group] }}
          title={`${groupWord[group]}: ${counts[group]}`}
          onClick={() => onToggle(group)}
        >
          {inCells ? (
            outlines
              .filter((outline) => outline.group === group)
              .map((outline) => <i key={outline.id} className={outline.id === selected ? 'is-selected' : undefined} />)
          ) : (
            <i />
          )}
        </button>
      ))}
    </div>
  );
}
