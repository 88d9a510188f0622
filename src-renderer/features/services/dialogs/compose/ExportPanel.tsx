import { useState } from 'react';
import { useProjectId } from '../../../../app/current-project.ts';
import { errorText } from '../../../../app/use-call.ts';
import { useClient } from '../../../../client/ClientContext.tsx';
import { Button } from '../../../../ui/button/Button.tsx';
import { Segmented } from '../../../../ui/field/Segmented.tsx';
import { showToast } from '../../../../ui/overlay/toast-queue.ts';
import { useLatest } from '../use-latest.ts';
import { downloadText } from './download.ts';

const fileNames = { gantry: 'gantry.services.yaml', compose: 'compose.yaml' } as const;

/** What runs in the main stack, as a file that can be imported again. */
export function ExportPanel() {
  const client = useClient();
  const projectId = useProjectId();
  const [format, setFormat] = useState<'gantry' | 'compose'>('gantry');
  const { answer, problem, isOld } = useLatest(projectId === null ? null : `${projectId} ${format}`, () => {
    if (projectId === null) throw new Error('No project is shown.');
    return client.call('service.export', { projectId, format });
  });
  const text = isOld || problem !== null ? '' : (answer?.text ?? '');
  const nothing = text === '' ? 'There is nothing to export yet.' : null;
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      showToast({ shape: 'done', text: `${fileNames[format]} copied.` });
    } catch (error) {
      showToast({ shape: 'failed', text: `Nothing was copied: ${errorText(error)}` });
    }
  };
  return (
    <div className="sexport">
      <div className="simport__tools">
        <Segmented
          label="Format"
          chosen={format}
          onChoose={setFormat}
          items={[
            { id: 'gantry', label: 'Gantry' },
            { id: 'compose', label: 'Compose' },
          ]}
        />
        <span className="tertiary truncate">{fileNames[format]}</span>
        <span className="grow" />
        <Button icon="copy" disabledReason={nothing} onClick={() => void copy()}>
          Copy
        </Button>
        <Button icon="down" disabledReason={nothing} onClick={() => downloadText(fileNames[format], text)}>
          Download
        </Button>
      </div>
      {problem !== null && (
        <p className="splan__failed" role="alert">
          {problem}
        </p>
      )}
      {answer !== null && !isOld && answer.notes.length > 0 && (
        <ul className="simport__notes" aria-label="What the format cannot say">
          {answer.notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
      <textarea className="stext__area mono" aria-label="Exported file" readOnly value={text} />
      <p className="secondary">Values of secrets are never exported: only their names.</p>
    </div>
  );
}
