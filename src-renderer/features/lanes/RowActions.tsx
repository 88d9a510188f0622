import { memo } from 'react';
import type { LaneView } from '#shared/contract/views.ts';
import { sameData } from '../../client/same-data.ts';
import { IconButton } from '../../ui/button/IconButton.tsx';
import { Menu, type MenuEntry } from '../../ui/overlay/Menu.tsx';
import { messageLane, useHandOverEntries, useLaneActions } from './lane-actions.ts';

interface RowActionsProps {
  readonly lane: LaneView;
  readonly tabStop: boolean;
}

/** What takes the place of the sparkline under the pointer. Drawn again only when there is something else to do. */
export const RowActions = memo(function RowActions({ lane, tabStop }: RowActionsProps) {
  const { pause, resume } = useLaneActions();
  const tabIndex = tabStop ? 0 : -1;
  return (
    <span className="lane__actions">
      {lane.can.message && (
        <IconButton
          icon="message"
          label="Message"
          shortcut="m"
          tabIndex={tabIndex}
          onClick={() => messageLane(lane.id)}
        />
      )}
      {lane.can.pause && (
        <IconButton icon="pause" label="Pause" shortcut="p" tabIndex={tabIndex} onClick={() => pause(lane.id)} />
      )}
      {lane.can.resume && (
        <IconButton icon="play" label="Resume" shortcut="p" tabIndex={tabIndex} onClick={() => resume(lane.id)} />
      )}
      <LaneMenu lane={lane} tabIndex={tabIndex} />
    </span>
  );
}, sameDeeds);

function sameDeeds(a: RowActionsProps, b: RowActionsProps): boolean {
  return (
    a.tabStop === b.tabStop &&
    a.lane.id === b.lane.id &&
    a.lane.agent === b.lane.agent &&
    sameData(a.lane.can, b.lane.can)
  );
}

/** Everything else that can be done with a lane. */
export function LaneMenu({
  lane,
  tabIndex = 0,
  boxed = false,
}: {
  lane: LaneView;
  tabIndex?: 0 | -1;
  /** With a border, beside other buttons that have one. */
  boxed?: boolean;
}) {
  const { interrupt, retry, merge, stop } = useLaneActions();
  const handOver = useHandOverEntries();
  const entries: MenuEntry[] = [];
  const add = (can: boolean, entry: MenuEntry): void => void (can && entries.push(entry));
  add(lane.can.merge, { kind: 'item', id: 'merge', label: 'Merge', icon: 'merge', run: () => merge(lane.id) });
  add(lane.can.retry, { kind: 'item', id: 'retry', label: 'Retry', icon: 'retry', run: () => retry(lane.id) });
  add(lane.can.interrupt, {
    kind: 'item',
    id: 'interrupt',
    label: 'Interrupt',
    icon: 'interrupt',
    run: () => interrupt(lane.id),
  });
  if (lane.can.handOver) entries.push(...handOver(lane));
  if (lane.can.stop) {
    if (entries.length > 0) entries.push({ kind: 'separator', id: 'rule' });
    entries.push({
      kind: 'item',
      id: 'stop',
      label: 'Stop lane',
      icon: 'stop',
      shortcut: 'shift+x',
      danger: true,
      run: () => void stop(lane.id, lane.number),
    });
  }
  if (entries.length === 0) return null;
  return (
    <Menu
      align="end"
      entries={entries}
      trigger={
        <IconButton
          icon="more"
          label={boxed ? 'More' : 'Stop, retry, hand over…'}
          variant={boxed ? 'default' : 'quiet'}
          tabIndex={tabIndex}
        />
      }
    />
  );
}
