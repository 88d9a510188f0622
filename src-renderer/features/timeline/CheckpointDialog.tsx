import { useId, useRef, useState } from 'react';
import { useProject } from '../../app/current-project.ts';
import { errorText } from '../../app/use-call.ts';
import { useClient } from '../../client/ClientContext.tsx';
import { Button } from '../../ui/button/Button.tsx';
import { Field } from '../../ui/field/Field.tsx';
import { Dialog } from '../../ui/overlay/Dialog.tsx';
import { setTimelineView } from './timeline-view-state.ts';

const close = (): void => setTimelineView({ naming: false });

/** Takes a checkpoint of now under a name. */
export function CheckpointDialog() {
  const client = useClient();
  const project = useProject();
  const formId = useId();
  const field = useRef<HTMLInputElement>(null);
  const [label, setLabel] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const projectId = project?.id;

  const take = async (): Promise<void> => {
    const name = label.trim();
    if (projectId === undefined || busy) return;
    if (name === '') {
      setProblem('Write a name, such as “before invoices”.');
      field.current?.focus();
      return;
    }
    setBusy(true);
    try {
      await client.call('timeline.checkpoint', { projectId, label: name });
      close();
    } catch (error) {
      setProblem(errorText(error));
      setBusy(false);
    }
  };

  return (
    <Dialog
      open
      narrow
      onClose={close}
      initialFocus={field}
      title="Checkpoint now"
      description={
        <>
          Remembers <code>{project?.targetBranch}</code> and the tasks as they are. Nothing is changed.
        </>
      }
      footer={
        <>
          <Button size="large" onClick={close}>
            Cancel
          </Button>
          <Button size="large" variant="primary" icon="flag" type="submit" form={formId}>
            Take checkpoint
          </Button>
        </>
      }
    >
      <form
        id={formId}
        onSubmit={(event) => {
          event.preventDefault();
          void take();
        }}
      >
        <Field label="Name" error={problem} hint="It stands in the timeline.">
          {(input) => (
            <input
              {...input}
              ref={field}
              value={label}
              maxLength={200}
              autoComplete="off"
              onChange={(event) => {
                setLabel(event.target.value);
                setProblem(null);
              }}
            />
          )}
        </Field>
      </form>
    </Dialog>
  );
}
