import { type Action, useActions } from '../../../app/action-registry.ts';
import { openServiceDialog, type ResourceTab } from './service-dialogs.ts';

const resources: readonly { readonly tab: ResourceTab; readonly title: string }[] = [
  { tab: 'secrets', title: 'Secrets and the master key…' },
  { tab: 'configs', title: 'Configs…' },
  { tab: 'volumes', title: 'Volumes and their backups…' },
  { tab: 'images', title: 'Images and what a prune would remove…' },
  { tab: 'hosts', title: 'Hosts: drain, add, forget…' },
];

const general: readonly Action[] = [
  {
    id: 'services.export',
    title: 'Export services as a file…',
    group: 'Services',
    icon: 'file',
    run: () => openServiceDialog({ kind: 'compose', tab: 'export' }),
  },
  ...resources.map(
    ({ tab, title }): Action => ({
      id: `services.${tab}`,
      title,
      group: 'Services',
      run: () => openServiceDialog({ kind: 'resources', tab }),
    }),
  ),
];

/** Offers to the palette the dialogs that are about no single service. */
export function useDialogActions(): void {
  useActions(general);
}
