import { counted } from '../../../../app/text.ts';
import { Button } from '../../../../ui/button/Button.tsx';
import { showToast } from '../../../../ui/overlay/toast-queue.ts';
import { closeServiceDialog } from '../service-dialogs.ts';
import type { ImportFile } from './ImportPanel.tsx';

/** Why it cannot be imported now, and the buttons. */
export function ImportFoot({ file, onCancel }: { file: ImportFile; onCancel: () => void }) {
  const apply = (): void =>
    void file.apply((deployed) => {
      closeServiceDialog();
      const text =
        deployed === 0
          ? 'All is as the file says already.'
          : `${counted(deployed, 'service')} rolled out from ${file.fileName}.`;
      showToast({ shape: deployed === 0 ? 'done' : 'running', text });
    });
  return (
    <>
      <span className="grow scompose__reason" role="status">
        {file.reason}
      </span>
      <Button size="large" onClick={onCancel}>
        Cancel
      </Button>
      <Button size="large" variant="primary" disabledReason={file.reason} onClick={apply}>
        Import
      </Button>
    </>
  );
}
