import type { ServiceView } from '#shared/contract/service-views.ts';
import { counted } from '../../../app/text.ts';
import { ConfirmDialog } from '../../../ui/overlay/ConfirmDialog.tsx';
import { useServiceDeeds } from '../use-service-deeds.ts';

/** Asks before a service goes with its revisions. */
export function RemoveDialog({ service, onClose }: { service: ServiceView; onClose: () => void }) {
  const deeds = useServiceDeeds();
  const { id, name, replicas, revisions, volumes } = service;
  const data = volumes.length === 0 ? '' : ` The data in ${volumes.join(', ')} stays.`;
  return (
    <ConfirmDialog
      title={`Remove ${name}?`}
      description={`${counted(replicas.length, 'replica')} and ${counted(revisions, 'revision')} of it go, and it answers no more. Requests under way are finished.${data}`}
      keepLabel="Keep it"
      confirmLabel={`Remove ${name}`}
      onClose={onClose}
      onConfirm={() => {
        void deeds.remove(id);
        onClose();
      }}
    />
  );
}
