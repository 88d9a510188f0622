import { Suspense } from 'react';
import { lazyView } from '../../../app/lazy-view.ts';
import { type ServiceDialog, useServiceDialog } from './service-dialogs.ts';
import './service-dialogs.css';

const DeployDialog = lazyView(() => import('./deploy/DeployDialog.tsx'));

/** The dialog of the services view that is open, if one is. Stands once in the view. */
export function ServiceDialogs() {
  const dialog = useServiceDialog();
  return dialog && <Suspense fallback={null}>{shown(dialog)}</Suspense>;
}

function shown(dialog: ServiceDialog) {
  switch (dialog.kind) {
    case 'deploy':
      return <DeployDialog key={dialog.serviceId} serviceId={dialog.serviceId} />;
    default:
      return null;
  }
}
