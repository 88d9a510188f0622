import { Tabs } from '../../../ui/field/Tabs.tsx';
import { Dialog } from '../../../ui/overlay/Dialog.tsx';
import { closeServiceDialog, openServiceDialog, type ResourceTab } from '../dialogs/service-dialogs.ts';
import { ConfigsPanel } from './ConfigsPanel.tsx';
import { HostsPanel } from './HostsPanel.tsx';
import { ImagesPanel } from './ImagesPanel.tsx';
import './resources.css';
import { SecretsPanel } from './SecretsPanel.tsx';
import { VolumesPanel } from './VolumesPanel.tsx';

const panels = {
  secrets: SecretsPanel,
  configs: ConfigsPanel,
  volumes: VolumesPanel,
  images: ImagesPanel,
  hosts: HostsPanel,
} as const;

/** What services need: secrets, configs, volumes, images, and hosts to run on. */
export default function ResourcesDialog({ tab }: { tab: ResourceTab }) {
  const Panel = panels[tab];
  return (
    <Dialog open bare className="dialog--resources" onClose={closeServiceDialog} title="What services need">
      <div className="sres">
        <Tabs<ResourceTab>
          label="Kind"
          chosen={tab}
          onChoose={(next) => openServiceDialog({ kind: 'resources', tab: next })}
          panelClassName="sres__panel"
          items={[
            { id: 'secrets', label: 'Secrets' },
            { id: 'configs', label: 'Configs' },
            { id: 'volumes', label: 'Volumes' },
            { id: 'images', label: 'Images' },
            { id: 'hosts', label: 'Hosts' },
          ]}
        >
          <Panel />
        </Tabs>
      </div>
    </Dialog>
  );
}
