import { useMemo } from 'react';
import type { LaneView } from '#shared/contract/views.ts';
import type { LaneId } from '#shared/model/ids.ts';
import { type Action, useActions } from '../../app/action-registry.ts';
import { goTo } from '../../app/location.ts';
import { setUi, useUiState } from '../../app/ui-state.ts';
import { useCall } from '../../app/use-call.ts';
import type { LiveMap } from '../../client/live-map.ts';
import { useStreamValue } from '../../client/use-stream.ts';
import { askChoices } from './ask-options.ts';
import { messageLane, useLaneActions } from './lane-actions.ts';
import { laneRows } from './lane-rows.ts';
import { noLanes, outlineLanes } from './lane-outline.ts';
import { setLaneView, useLaneViewState } from './lane-view-state.ts';

const nothing: LaneView['can'] = {
  pause: false,
  resume: false,
  interrupt: false,
  stop: false,
  message: false,
  retry: false,
  handOver: false,
  merge: false,
};

/** Offers what the keyboard can do with lanes; what concerns one lane concerns the selected one. */
export function useLaneShortcuts(lanes: LiveMap<LaneView>): void {
  const call = useCall();
  const laneActions = useLaneActions();
  const selectedId = useUiState((state) => state.laneId);
  const drawerOpen = useLaneViewState((state) => state.drawerOpen);
  const filtered = useLaneViewState((state) => state.groups.size > 0 || state.query !== '');
  const lane = useStreamValue(lanes, selectedId);
  const { id, number } = lane ?? {};
  // By value, so that actions change with what can be done and not with every word that the lane says.
  const { message, pause, resume, interrupt, retry, merge, stop } = lane?.can ?? nothing;
  const asks = lane?.ask?.requestId;

  const actions = useMemo((): readonly Action[] => {
    const group = id === undefined ? 'Lanes' : `Lane ${number}`;
    const one = (action: Omit<Action, 'group'>): Action => ({
      ...action,
      group,
      when: id !== undefined && action.when !== false,
    });
    const answer = (shortcut: 'y' | 'n'): void => {
      const now = id === undefined ? undefined : lanes.get(id);
      const choice = now?.ask ? askChoices(now.ask).find((each) => each.shortcut === shortcut) : undefined;
      if (now?.ask && choice) {
        const { optionId, forLane } = choice;
        void call('lane.answer', { laneId: now.id, requestId: now.ask.requestId, optionId, forLane });
      }
    };
    return [
      { id: 'lanes.next', title: 'Next lane', group: 'Lanes', shortcut: 'j', run: () => step(lanes, 1) },
      { id: 'lanes.previous', title: 'Previous lane', group: 'Lanes', shortcut: 'k', run: () => step(lanes, -1) },
      {
        id: 'lanes.filter',
        title: 'Filter lanes by text',
        group: 'Lanes',
        icon: 'search',
        shortcut: '/',
        run: () => setLaneView({ searching: true }),
      },
      {
        id: 'lanes.clear',
        title: 'Clear the filter',
        group: 'Lanes',
        shortcut: 'escape',
        when: filtered && !drawerOpen,
        run: () => setLaneView({ groups: new Set(), query: '' }),
      },
      one({
        id: 'lane.open',
        title: drawerOpen ? 'Open the lane in full' : 'Open the lane',
        icon: 'expand',
        shortcut: 'enter',
        run: () => (drawerOpen && id !== undefined ? goTo('lanes', id) : setLaneView({ drawerOpen: true })),
      }),
      one({
        id: 'lane.close',
        title: 'Close the lane',
        icon: 'x',
        shortcut: 'escape',
        when: drawerOpen,
        run: () => setLaneView({ drawerOpen: false }),
      }),
      one({
        id: 'lane.allow',
        title: 'Allow what it asks',
        icon: 'check',
        shortcut: 'y',
        when: asks !== undefined,
        run: () => answer('y'),
      }),
      one({
        id: 'lane.deny',
        title: 'Deny what it asks',
        icon: 'x',
        shortcut: 'n',
        when: asks !== undefined,
        run: () => answer('n'),
      }),
      one({
        id: 'lane.message',
        title: 'Message the lane',
        icon: 'message',
        shortcut: 'm',
        when: message,
        run: () => id !== undefined && messageLane(id),
      }),
      one({
        id: 'lane.pause',
        title: 'Pause the lane',
        icon: 'pause',
        shortcut: 'p',
        when: pause,
        run: () => id !== undefined && laneActions.pause(id),
      }),
      one({
        id: 'lane.resume',
        title: 'Resume the lane',
        icon: 'play',
        shortcut: 'p',
        when: resume,
        run: () => id !== undefined && laneActions.resume(id),
      }),
      one({
        id: 'lane.interrupt',
        title: 'Interrupt the lane',
        icon: 'interrupt',
        when: interrupt,
        run: () => id !== undefined && laneActions.interrupt(id),
      }),
      one({
        id: 'lane.retry',
        title: 'Retry the task',
        icon: 'retry',
        when: retry,
        run: () => id !== undefined && laneActions.retry(id),
      }),
      one({
        id: 'lane.merge',
        title: 'Merge the lane',
        icon: 'merge',
        when: merge,
        run: () => id !== undefined && laneActions.merge(id),
      }),
      one({
        id: 'lane.stop',
        title: 'Stop the lane',
        icon: 'stop',
        shortcut: 'shift+x',
        danger: true,
        when: stop,
        run: () => id !== undefined && number !== undefined && void laneActions.stop(id, number),
      }),
    ];
  }, [
    lanes,
    call,
    laneActions,
    id,
    number,
    asks,
    drawerOpen,
    filtered,
    message,
    pause,
    resume,
    interrupt,
    retry,
    merge,
    stop,
  ]);
  useActions(actions);
}

/** Selects the lane after or before the selected one, as they stand in the grid. */
function step(lanes: LiveMap<LaneView>, by: 1 | -1): void {
  const { groups, query, closed } = useLaneViewState.getState();
  const rows = laneRows(outlineLanes(lanes.list(), noLanes), { groups, query }, closed);
  const ids = rows.flatMap((row) => (row.kind === 'lane' ? [row.laneId] : []));
  const at = ids.indexOf(useUiState.getState().laneId ?? '');
  const next = at === -1 ? ids[0] : ids[Math.min(ids.length - 1, Math.max(0, at + by))];
  if (next !== undefined) setUi({ laneId: next as LaneId });
}
