import { useId, useRef, useState } from 'react';
import type { ProjectView } from '#shared/contract/views.ts';
import { useClient } from '../client/ClientContext.tsx';
import { Button } from '../ui/button/Button.tsx';
import { Field } from '../ui/field/Field.tsx';
import { Dialog } from '../ui/overlay/Dialog.tsx';
import { useProject } from './current-project.ts';
import { gatesOf, gateText } from './gate-lines.ts';
import { setUi, useUiState } from './ui-state.ts';
import { errorText } from './use-call.ts';

const close = (): void => setUi({ overlay: 'none' });

/** Which commands have to pass before anything lands. */
export function GatesDialog() {
  const open = useUiState((state) => state.overlay === 'gates');
  const project = useProject();
  return open && project ? <GatesForm project={project} /> : null;
}

function GatesForm({ project }: { project: ProjectView }) {
  const client = useClient();
  const formId = useId();
  const field = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState(gateText(project.gates));
  const [problem, setProblem] = useState<string | null>(null);

  const save = async (): Promise<void> => {
    try {
      await client.call('project.configure', { projectId: project.id, gates: gatesOf(text, project.gates) });
      close();
    } catch (error) {
      setProblem(errorText(error));
    }
  };

  return (
    <Dialog
      open
      onClose={close}
      initialFocus={field}
      title="Gates"
      description={
        <>
          Run on the merged result, one after the other, before <code>{project.targetBranch}</code> moves.
        </>
      }
      footer={
        <>
          <Button size="large" onClick={close}>
            Cancel
          </Button>
          <Button size="large" variant="primary" type="submit" form={formId}>
            Save gates
          </Button>
        </>
      }
    >
      <form
        id={formId}
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <Field
          label="Commands, one a line"
          tall
          error={problem}
          hint="Such as npm test. A command passes with exit code 0. Without any, finished work lands as it is."
        >
          {(input) => (
            <textarea
              {...input}
              ref={field}
              rows={6}
              value={text}
              spellCheck={false}
              onChange={(event) => {
                setText(event.target.value);
                setProblem(null);
              }}
            />
          )}
        </Field>
      </form>
    </Dialog>
  );
}
