import { Suspense } from 'react';
import { lazyView } from '../../../app/lazy-view.ts';
import { asServiceId, type ServiceDialog, useServiceDialog } from './service-dialogs.ts';
import './service-dialogs.css';
import { useDialogActions } from './use-dialog-actions.ts';

const DeployDialog = lazyView(() => import('./deploy/DeployDialog.tsx'));
const ComposeDialog = lazyView(() => import('./compose/ComposeDialog.tsx'));
const LogsDialog = lazyView(() => import('../logs/LogsDialog.tsx'));
const TerminalDialog = lazyView(() => import('../terminal/TerminalDialog.tsx'));
const StatsDialog = lazyView(() => import('../stats/StatsDialog.tsx'));
const LoadDialog = lazyView(() => import('../load/LoadDialog.tsx'));
const ResourcesDialog = lazyView(() => import('../resources/ResourcesDialog.tsx'));

/** The dialog of the services view that is open, if one is, and the actions that open them. Stands once in the view. */
export function ServiceDialogs() {
  const dialog = useServiceDialog();
  useDialogActions();
  return dialog && <Suspense fallback={null}>{shown(dialog)}</Suspense>;
}

function shown(dialog: ServiceDialog) {
  switch (dialog.kind) {
    case 'deploy':
      return <DeployDialog key={dialog.serviceId} serviceId={dialog.serviceId} />;
    case 'compose':
      return <ComposeDialog first={dialog.tab ?? 'import'} />;
    case 'logs':
      return <LogsDialog serviceId={asServiceId(dialog.serviceId)} containerId={dialog.containerId} />;
    case 'terminal':
      return <TerminalDialog serviceId={asServiceId(dialog.serviceId)} containerId={dialog.containerId} />;
    case 'stats':
      return <StatsDialog serviceId={asServiceId(dialog.serviceId)} />;
    case 'load':
      return <LoadDialog serviceId={asServiceId(dialog.serviceId)} />;
    case 'resources':
      return <ResourcesDialog tab={dialog.tab} />;
  }
}
