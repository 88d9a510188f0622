import { useId, useRef } from 'react';
import type { TaskView } from '#shared/contract/views.ts';
import { useProjectId } from '../../app/current-project.ts';
import { goTo } from '../../app/location.ts';
import { setUi } from '../../app/ui-state.ts';
import { useClient } from '../../client/ClientContext.tsx';
import { Button } from '../../ui/button/Button.tsx';
import { Mark } from '../../ui/icon/Mark.tsx';
import { Dialog } from '../../ui/overlay/Dialog.tsx';
import { Banner } from '../../ui/state/Banner.tsx';
import { TaskFacts } from './TaskFacts.tsx';
import { TaskForm } from './TaskForm.tsx';
import { taskShape, taskStatusWord } from './task-bucket.ts';
import { draftOf, emptyDraft } from './task-draft.ts';
import { closeOverlay } from './tasks-view-state.ts';
import { canCancel, canRetry, isEditable, useTaskDeeds } from './use-task-deeds.ts';
import { useTaskForm } from './use-task-form.ts';
import './task-form.css';

/** Adds one task. */
export function AddTaskDialog({ tasks }: { tasks: readonly TaskView[] }) {
  const client = useClient();
  const projectId = useProjectId();
  const formId = useId();
  const first = useRef<HTMLInputElement>(null);
  const form = useTaskForm(emptyDraft, tasks, null, async (spec) => {
    if (projectId === null) return;
    await client.call('task.add', { projectId, tasks: [spec] });
    closeOverlay();
  });
  return (
    <Dialog
      open
      onClose={closeOverlay}
      initialFocus={first}
      title="Add a task"
      description="One piece of work for one agent."
      footer={
        <>
          <Button size="large" onClick={closeOverlay}>
            Cancel
          </Button>
          <Button
            size="large"
            variant="primary"
            type="submit"
            form={formId}
            disabledReason={form.busy ? 'The task is being added.' : null}
          >
            Add task
          </Button>
        </>
      }
    >
      <Refusal text={form.refusal} />
      <TaskForm
        formId={formId}
        draft={form.draft}
        problems={form.problems}
        isNew
        phases={form.phases}
        first={first}
        onChange={form.change}
        onSubmit={() => void form.submit()}
      />
    </Dialog>
  );
}

/** One task: its facts, and its words to change while nobody works on it. */
export function TaskDialog({ task, tasks }: { task: TaskView; tasks: readonly TaskView[] }) {
  const client = useClient();
  const deeds = useTaskDeeds();
  const formId = useId();
  const first = useRef<HTMLInputElement>(null);
  const close = useRef<HTMLButtonElement>(null);
  const editable = isEditable(task);
  const form = useTaskForm(draftOf(task), tasks, task.key, async ({ key: _key, ...change }) => {
    await client.call('task.edit', { taskId: task.id, change });
    closeOverlay();
  });
  const { laneId, laneNumber } = task;
  return (
    <Dialog
      open
      onClose={closeOverlay}
      initialFocus={editable ? first : close}
      title={
        <span className="tdialog__title">
          <Mark shape={taskShape[task.shown]} label={taskStatusWord[task.shown]} />
          {task.key} {task.title}
        </span>
      }
      footer={
        <>
          {canCancel(task) && (
            <Button
              size="large"
              variant="danger"
              icon="x"
              onClick={() => {
                closeOverlay();
                deeds.cancel(task);
              }}
            >
              Cancel task
            </Button>
          )}
          <span className="grow" />
          {laneId !== null && laneNumber !== null && (
            <Button
              size="large"
              icon="lanes"
              onClick={() => {
                setUi({ laneId });
                closeOverlay();
                goTo('lanes', laneId);
              }}
            >
              Lane {laneNumber}
            </Button>
          )}
          {canRetry(task) && (
            <Button
              size="large"
              icon="retry"
              onClick={() => {
                deeds.retry(task);
                closeOverlay();
              }}
            >
              Open again
            </Button>
          )}
          {!canRetry(task) && (
            <Button ref={close} size="large" onClick={closeOverlay}>
              Close
            </Button>
          )}
          {editable && (
            <Button
              size="large"
              variant="primary"
              type="submit"
              form={formId}
              disabledReason={form.busy ? 'The task is being saved.' : null}
            >
              Save
            </Button>
          )}
        </>
      }
    >
      <Refusal text={form.refusal} />
      <TaskFacts task={task} words={!editable} />
      {editable && (
        <TaskForm
          formId={formId}
          draft={form.draft}
          problems={form.problems}
          isNew={false}
          phases={form.phases}
          first={first}
          onChange={form.change}
          onSubmit={() => void form.submit()}
        />
      )}
    </Dialog>
  );
}

function Refusal({ text }: { text: string | null }) {
  if (text === null) return null;
  return (
    <Banner tone="failed" urgent className="tdialog__refusal" lead={<Mark shape="failed" label="Failed" />}>
      {text}
    </Banner>
  );
}
