import { useRef, useState } from 'react';
import { useProject, useProjectId } from '../../app/current-project.ts';
import { errorText } from '../../app/use-call.ts';
import { useClient } from '../../client/ClientContext.tsx';
import { Field } from '../../ui/field/Field.tsx';
import { FormDialog } from '../../ui/overlay/FormDialog.tsx';
import { setTimelineView } from './timeline-view-state.ts';

const close = (): void => setTimelineView({ naming: false });

/** Takes a checkpoint of now under a name. */
export function CheckpointDialog() {
  const client = useClient();
  const projectId = useProjectId();
  const targetBranch = useProject((project) => project?.targetBranch);
  const field = useRef<HTMLInputElement>(null);
  const [label, setLabel] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  const take = async (): Promise<void> => {
    const name = label.trim();
    if (projectId === null) return;
    if (name === '') {
      setProblem('Write a name, such as “before invoices”.');
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
    <FormDialog
      narrow
      title="Checkpoint now"
      description={
        <>
          Remembers <code>{targetBranch}</code> and the tasks as they are. Nothing is changed.
        </>
      }
      initialFocus={field}
      submitLabel="Take checkpoint"
      submitIcon="flag"
      busyReason={busy ? 'The checkpoint is being taken.' : null}
      onClose={close}
      onSubmit={() => void take()}
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
    </FormDialog>
  );
}
