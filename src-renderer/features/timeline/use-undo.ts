import { useCallback } from 'react';
import type { Rollback } from '#shared/model/checkpoint.ts';
import type { RollbackId } from '#shared/model/ids.ts';
import { seconds } from '../../app/text.ts';
import { useCall } from '../../app/use-call.ts';
import { showToast } from '../../ui/overlay/toast-queue.ts';
import { rollbackName } from './timeline-entry.ts';

/** Takes a rollback back with one click, and says so. */
export function useUndo(): (rollbackId: RollbackId) => void {
  const call = useCall();
  return useCallback(
    (rollbackId) => {
      const undo = async (): Promise<void> => {
        const undone = await call('timeline.undo', { rollbackId });
        if (undone !== null) showToast({ shape: 'done', text: undoneText(undone) });
      };
      void undo();
    },
    [call],
  );
}

function undoneText(rollback: Rollback): string {
  return `${rollbackName(rollback)} is undone. Its work is back on ${rollback.branch}.`;
}

/** "Rolled back 3 merges in 0.9 s." */
export function rolledBackText(rollback: Rollback, what: string): string {
  const took = rollback.endedAtMs === null ? '' : ` in ${seconds(rollback.endedAtMs - rollback.startedAtMs)}`;
  return `Rolled back ${what}${took}.`;
}
