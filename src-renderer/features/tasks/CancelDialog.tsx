import type { TaskView } from '#shared/contract/views.ts';
import { ConfirmDialog } from '../../ui/overlay/ConfirmDialog.tsx';
import { closeOverlay } from './tasks-view-state.ts';
import { useTaskDeeds } from './use-task-deeds.ts';

/** Asks before a task is cancelled that a lane holds: the lane cannot be given back its place. */
export function CancelDialog({ task }: { task: TaskView }) {
  const { cancelNow } = useTaskDeeds();
  const lane = task.laneNumber === null ? 'Its lane' : `Lane ${task.laneNumber}`;
  return (
    <ConfirmDialog
      title={`Cancel ${task.key}?`}
      description={`${lane} works on it and is stopped. Its work is saved as a ref, but does not go on by itself.`}
      keepLabel="Keep it"
      confirmLabel={`Cancel ${task.key}`}
      onClose={closeOverlay}
      onConfirm={() => {
        cancelNow(task);
        closeOverlay();
      }}
    />
  );
}
