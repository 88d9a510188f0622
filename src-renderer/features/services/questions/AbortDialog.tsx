import type { ServiceView } from '#shared/contract/service-views.ts';
import { ConfirmDialog } from '../../../ui/overlay/ConfirmDialog.tsx';
import { useServiceDeeds } from '../use-service-deeds.ts';

/** Asks before a rollout ends: what served before goes on, or nothing is left where nothing had. */
export function AbortDialog({ service, onClose }: { service: ServiceView; onClose: () => void }) {
  const deeds = useServiceDeeds();
  const { id: rolloutId, fromRevision = null } = service.rollout?.rollout ?? {};
  return (
    <ConfirmDialog
      title={`End the rollout of ${service.name}?`}
      description={
        fromRevision === null
          ? 'No revision of it has served before, so nothing of it runs afterwards. The revision stays and can be deployed again.'
          : `All traffic goes back at once and revision ${fromRevision} serves on; the new replicas finish their requests, then they are removed.`
      }
      keepLabel="Let it go on"
      confirmLabel="End the rollout"
      disabledReason={rolloutId === undefined ? 'It has ended already.' : null}
      onClose={onClose}
      onConfirm={() => {
        if (rolloutId !== undefined) deeds.abort(rolloutId);
        onClose();
      }}
    />
  );
}
