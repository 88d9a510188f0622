import { useMemo } from 'react';
import type { TaskView } from '#shared/contract/views.ts';
import { useCall } from '../../app/use-call.ts';
import { showToast } from '../../ui/overlay/toast-queue.ts';
import { setTasksView } from './tasks-view-state.ts';

/** What can be done with a task that exists. Each asks the host; what came of it arrives with the task. */
export interface TaskDeeds {
  retry(task: TaskView): void;
  /** Cancels at once what can be opened again as it was; asks first where a lane would lose its place. */
  cancel(task: TaskView): void;
  /** Cancels without asking. */
  cancelNow(task: TaskView): void;
}

/** See `TaskDeeds`. */
export function useTaskDeeds(): TaskDeeds {
  const call = useCall();
  return useMemo(() => {
    const retry = (task: TaskView): void => void call('task.retry', { taskId: task.id });
    const cancelNow = (task: TaskView): void => {
      const cancel = async (): Promise<void> => {
        const cancelled = await call('task.cancel', { taskId: task.id });
        if (cancelled === null) return;
        const action = { label: 'Undo', run: () => retry(task) };
        showToast({ shape: 'blocked', text: `${task.key} is cancelled.`, action });
      };
      void cancel();
    };
    return {
      retry,
      cancelNow,
      cancel: (task) =>
        isHeld(task) ? setTasksView({ overlay: { kind: 'cancel', taskId: task.id } }) : cancelNow(task),
    };
  }, [call]);
}

/** A lane works on it, or its work is in the merge queue. */
export function isHeld(task: TaskView): boolean {
  return task.status.state === 'claimed' || task.status.state === 'submitted';
}

/** Its words can still be changed. */
export function isEditable(task: TaskView): boolean {
  return task.status.state === 'open' || canRetry(task);
}

/** It can be opened again. */
export function canRetry(task: TaskView): boolean {
  return task.status.state === 'failed' || task.status.state === 'cancelled';
}

/** It can be cancelled. */
export function canCancel(task: TaskView): boolean {
  return task.status.state !== 'merged' && task.status.state !== 'cancelled';
}
