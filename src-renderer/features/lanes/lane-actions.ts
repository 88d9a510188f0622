import { useCallback, useMemo } from 'react';
import { flushSync } from 'react-dom';
import type { LaneView } from '#shared/contract/views.ts';
import type { AgentRef } from '#shared/model/agent.ts';
import type { LaneId } from '#shared/model/ids.ts';
import { spawnableAgents, useMachine } from '../../app/machine.ts';
import { setUi } from '../../app/ui-state.ts';
import { useCall } from '../../app/use-call.ts';
import type { MenuEntry } from '../../ui/overlay/Menu.tsx';
import { showToast } from '../../ui/overlay/toast-queue.ts';
import { setLaneView } from './lane-view-state.ts';

/** The name under which the composer of the drawer can be found. */
export const composerId = 'lane-composer';

/** Opens a lane in the drawer and puts the cursor into its composer. */
export function messageLane(laneId: LaneId): void {
  // At once: what is typed next is for the lane, and must not be taken for shortcuts.
  flushSync(() => {
    setUi({ laneId });
    setLaneView({ drawerOpen: true });
  });
  document.querySelector<HTMLElement>(`#${composerId}`)?.focus();
}

/** What can be done with a lane. Each asks the host; what came of it arrives with the lane. */
export function useLaneActions() {
  const call = useCall();
  return useMemo(
    () => ({
      pause: (laneId: LaneId) => void call('lane.pause', { laneId }),
      resume: (laneId: LaneId) => void call('lane.resume', { laneId }),
      interrupt: (laneId: LaneId) => void call('lane.interrupt', { laneId }),
      retry: (laneId: LaneId) => void call('lane.retry', { laneId }),
      merge: (laneId: LaneId) => void call('lane.merge', { laneId }),
      handOver: (laneId: LaneId, agent: AgentRef) => void call('lane.handOver', { laneId, agent }),
      stop: async (laneId: LaneId, number: number): Promise<void> => {
        const stopped = await call('lane.stop', { laneId });
        if (stopped === null) return;
        showToast({ shape: 'blocked', text: `Lane ${number} is stopped. Its work is saved, its task is open again.` });
      },
    }),
    [call],
  );
}

/** The kinds of agent that a lane's task can be handed to, as lines of a menu. */
export function useHandOverEntries(): (lane: LaneView) => readonly MenuEntry[] {
  const { machine } = useMachine();
  const { handOver } = useLaneActions();
  return useCallback(
    (lane) => [
      { kind: 'heading', id: 'hand-over', label: 'Hand the task over to' },
      ...spawnableAgents(machine).map(
        (agent): MenuEntry => ({
          kind: 'item',
          id: agent.ref,
          label: agent.name,
          icon: 'handover',
          disabledReason: agent.ref === lane.agent ? 'has it now' : null,
          run: () => handOver(lane.id, agent.ref),
        }),
      ),
    ],
    [machine, handOver],
  );
}
