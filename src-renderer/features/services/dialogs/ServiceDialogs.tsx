import { useServiceDialog } from './service-dialogs.ts';

/** The dialog of the services view that is open, if one is. Stands once in the view. */
export function ServiceDialogs() {
  const dialog = useServiceDialog();
  if (dialog === null) return null;
  return null;
}
