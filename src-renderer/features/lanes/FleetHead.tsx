import { useEffect, useRef } from 'react';
import { runAction } from '../../app/action-registry.ts';
import { useProject } from '../../app/current-project.ts';
import { compactCount, money } from '../../app/text.ts';
import { useUiState, setUi } from '../../app/ui-state.ts';
import { hostNowMs } from '../../client/host-clock.ts';
import { useHost } from '../../client/host-streams.ts';
import { IconButton } from '../../ui/button/IconButton.tsx';
import { Figure } from '../../ui/data/Figure.tsx';
import { Icon } from '../../ui/icon/Icon.tsx';
import { Mark } from '../../ui/icon/Mark.tsx';
import { Chip } from '../../ui/label/Chip.tsx';
import { Kbd } from '../../ui/label/Kbd.tsx';
import { FleetStrip } from './FleetStrip.tsx';
import { groupShape, groupWord, type LaneGroup, laneGroups } from './lane-group.ts';
import { laneHeadline } from './lane-headline.ts';
import { countGroups, type LaneOutline } from './lane-outline.ts';
import { setLaneView, toggled, useLaneViewState } from './lane-view-state.ts';

/** The head of the lanes view: the sentence, the totals, the whole fleet, and the filter. */
export function FleetHead({ outlines }: { outlines: readonly LaneOutline[] }) {
  const counts = countGroups(outlines);
  const groups = useLaneViewState((state) => state.groups);
  const density = useUiState((state) => state.density);
  const mergedWord = mergedToday(outlines) ? 'today' : null;
  const toggle = (group: LaneGroup): void => setLaneView({ groups: toggled(groups, group) });
  return (
    <div className="fleet">
      <div className="fleet__head">
        <h1>{laneHeadline(counts)}</h1>
        <Totals />
      </div>
      <FleetStrip outlines={outlines} counts={counts} onToggle={toggle} />
      <div className="fleet__chips" role="toolbar" aria-label="Filter by state">
        {laneGroups
          .filter((group) => counts[group] > 0 || groups.has(group))
          .map((group) => (
            <Chip key={group} pressed={groups.has(group)} onToggle={() => toggle(group)}>
              <Mark shape={groupShape[group]} small />
              <span>
                {group === 'stale' ? (
                  <>
                    <span className="roomy">No fresh data</span>
                    <span className="tight">Stale</span>
                  </>
                ) : (
                  groupWord[group]
                )}
                {group === 'merged' && mergedWord && <span className="roomy"> {mergedWord}</span>}{' '}
                <b>{counts[group]}</b>
              </span>
            </Chip>
          ))}
        <span className="grow" />
        <TextFilter />
        <IconButton
          icon="rows"
          label={density === 'default' ? 'Rows: two lines' : 'Rows: one line'}
          onClick={() => setUi({ density: density === 'default' ? 'compact' : 'default' })}
        />
      </div>
    </div>
  );
}

function Totals() {
  const totals = useProject((project) => project?.totals);
  const cpuPercent = useHost((host) => host?.cpuPercent);
  return (
    <dl className="fleet__totals">
      {totals && (
        <>
          <Figure name="Merged today">{totals.mergedToday}</Figure>
          <Figure name="Tokens">{compactCount(totals.tokens)}</Figure>
          {totals.costUsd !== null && <Figure name="Cost">{money(totals.costUsd)}</Figure>}
        </>
      )}
      {cpuPercent !== undefined && <Figure name="CPU">{Math.round(cpuPercent)} %</Figure>}
    </dl>
  );
}

/** The field of the text filter; a button until it is asked for. */
function TextFilter() {
  const query = useLaneViewState((state) => state.query);
  const searching = useLaneViewState((state) => state.searching);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (searching) field.current?.focus();
  }, [searching]);
  if (!searching && query === '') {
    return <IconButton icon="search" label="Filter by text" shortcut="/" onClick={() => runAction('lanes.filter')} />;
  }
  return (
    <label className="searchbox fleet__search">
      <Icon name="search" small />
      <input
        ref={field}
        value={query}
        aria-label="Filter lanes by text"
        placeholder="Filter"
        onChange={(event) => setLaneView({ query: event.target.value })}
        onBlur={() => setLaneView({ searching: false })}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return;
          event.stopPropagation();
          setLaneView({ query: '', searching: false });
        }}
      />
      <Kbd shortcut="escape" />
    </label>
  );
}

/** Whether all merged lanes ended on this day, so that the chip may say so. */
function mergedToday(outlines: readonly LaneOutline[]): boolean {
  const startOfDay = new Date(hostNowMs()).setHours(0, 0, 0, 0);
  return outlines.every((outline) => outline.group !== 'merged' || (outline.endedAtMs ?? 0) >= startOfDay);
}
