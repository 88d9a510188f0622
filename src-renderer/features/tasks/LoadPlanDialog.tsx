import { useRef, useState } from 'react';
import { useProjectId } from '../../app/current-project.ts';
import { counted } from '../../app/text.ts';
import { errorText } from '../../app/use-call.ts';
import { useClient } from '../../client/ClientContext.tsx';
import { Button } from '../../ui/button/Button.tsx';
import { Field } from '../../ui/field/Field.tsx';
import { FormDialog } from '../../ui/overlay/FormDialog.tsx';
import { showToast } from '../../ui/overlay/toast-queue.ts';
import { type FileProblem, fileProblems } from '../../app/file-problems.ts';
import { FileProblems } from '../../app/FileProblems.tsx';
import { closeOverlay } from './tasks-view-state.ts';
import './task-form.css';

const example = 'tasks:\n  - id: T-1\n    title: Rename the flag\n    prompt: Rename --fast to --quick everywhere.';

/** Loads a plan from a file or from what is pasted. Nothing is added while anything is wrong with it. */
export function LoadPlanDialog() {
  const client = useClient();
  const projectId = useProjectId();
  const file = useRef<HTMLInputElement>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState('');
  const [fileName, setFileName] = useState('plan.yaml');
  const [refusal, setRefusal] = useState<{ text: string; problems: readonly FileProblem[] } | null>(null);
  const [busy, setBusy] = useState(false);

  const change = (next: string): void => {
    setText(next);
    setRefusal(null);
  };
  const choose = async (chosen: File | undefined): Promise<void> => {
    if (chosen === undefined) return;
    try {
      change(await chosen.text());
      setFileName(chosen.name);
    } catch (error) {
      setRefusal({ text: `${chosen.name} cannot be read: ${errorText(error)}`, problems: [] });
    }
  };
  const load = async (): Promise<void> => {
    if (projectId === null) return;
    if (text.trim() === '') {
      setRefusal({ text: 'Paste a plan, or choose a file.', problems: [] });
      field.current?.focus();
      return;
    }
    setBusy(true);
    try {
      const { added, kept } = await client.call('task.loadPlan', { projectId, fileName, text });
      const known = kept.length === 0 ? '' : ` ${kept.length} ${kept.length === 1 ? 'was' : 'were'} there already.`;
      showToast({ shape: 'done', text: `${counted(added.length, 'task')} added.${known}` });
      closeOverlay();
    } catch (error) {
      setRefusal({ text: errorText(error), problems: fileProblems(error) });
    } finally {
      setBusy(false);
    }
  };

  return (
    <FormDialog
      title="Load a plan"
      description={
        <>
          YAML: a list <code>tasks:</code> with <code>id</code>, <code>title</code>, <code>prompt</code>, and where
          wanted <code>dependsOn</code>, <code>priority</code>, <code>phase</code>, <code>paths</code>,{' '}
          <code>agent</code>, <code>gate</code>. Tasks that exist stay as they are.
        </>
      }
      className="tplan"
      initialFocus={field}
      submitLabel="Load plan"
      busyReason={busy ? 'The plan is being loaded.' : null}
      footer={
        <>
          <input
            ref={file}
            className="sr"
            type="file"
            tabIndex={-1}
            aria-label="Plan file"
            accept=".yaml,.yml,text/yaml"
            onChange={(event) => void choose(event.target.files?.[0])}
          />
          <Button size="large" icon="file" onClick={() => file.current?.click()}>
            Choose a file…
          </Button>
        </>
      }
      onClose={closeOverlay}
      onSubmit={() => void load()}
    >
      <Field label={fileName} tall>
        {(input) => (
          <textarea
            {...input}
            ref={field}
            className="mono"
            rows={12}
            spellCheck={false}
            placeholder={example}
            value={text}
            onChange={(event) => change(event.target.value)}
          />
        )}
      </Field>
      {refusal !== null && (
        <FileProblems
          lead={refusal.problems.length === 0 ? 'The plan was not loaded.' : problemsText(refusal.problems.length)}
          problems={refusal.problems}
          text={text}
          field={field}
        >
          {refusal.problems.length === 0 && <p className="tplan__text">{refusal.text}</p>}
        </FileProblems>
      )}
    </FormDialog>
  );
}

function problemsText(count: number): string {
  return `The plan was not loaded: ${counted(count, 'problem')}, by line and column. Nothing was changed.`;
}
