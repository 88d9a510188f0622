import { useState } from 'react';
import { Tabs } from '../../../../ui/field/Tabs.tsx';
import { Dialog } from '../../../../ui/overlay/Dialog.tsx';
import { closeServiceDialog } from '../service-dialogs.ts';
import { useDiscard } from '../use-discard.tsx';
import './compose.css';
import { ExportPanel } from './ExportPanel.tsx';
import { ImportPanel, useImport } from './ImportPanel.tsx';
import { ImportFoot } from './ImportFoot.tsx';

/** Services from a file, and services as a file. */
export default function ComposeDialog({ first }: { first: 'import' | 'export' }) {
  const [tab, setTab] = useState(first);
  const file = useImport();
  const { ask, question } = useDiscard(file.text.trim() !== '', closeServiceDialog);
  return (
    <Dialog
      open
      bare
      className="dialog--compose"
      onClose={ask}
      title="Services and files"
      description="What a Compose file or a file of Gantry’s own says, and what runs here as such a file."
      {...(tab === 'import' ? { footer: question ?? <ImportFoot file={file} onCancel={ask} /> } : {})}
    >
      <div className="scompose">
        <Tabs
          label="Direction"
          chosen={tab}
          onChoose={setTab}
          panelClassName="scompose__panel"
          items={[
            { id: 'import', label: 'Import' },
            { id: 'export', label: 'Export' },
          ]}
        >
          {tab === 'import' ? <ImportPanel file={file} /> : <ExportPanel />}
        </Tabs>
      </div>
    </Dialog>
  );
}
