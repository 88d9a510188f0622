import { useRef } from 'react';
import type { TaskView } from '#shared/contract/views.ts';
import { Button } from '../../ui/button/Button.tsx';
import { Dialog } from '../../ui/overlay/Dialog.tsx';
import { closeOverlay } from './tasks-view-state.ts';
import { useTaskDeeds } from './use-task-deeds.ts';

/** Asks before a task is cancelled that a lane holds: the lane cannot be given back its place. */
export function CancelDialog({ task }: { task: TaskView }) {
  const keep = useRef<HTMLButtonElement>(null);
  const { cancelNow } = useTaskDeeds();
  const lane = task.laneNumber === null ? 'Its lane' : `Lane ${task.laneNumber}`;
  return (
    <Dialog
      open
      narrow
      onClose={closeOverlay}
      initialFocus={keep}
      title={`Cancel ${task.key}?`}
      description={`${lane} works on it and is stopped. Its work is saved as a ref, but does not go on by itself.`}
      footer={
        <>
          <Button ref={keep} size="large" onClick={closeOverlay}>
            Keep it
          </Button>
          <Button
            size="large"
            variant="confirm"
            onClick={() => {
              cancelNow(task);
              closeOverlay();
            }}
          >
            Cancel {task.key}
          </Button>
        </>
      }
    />
  );
}
