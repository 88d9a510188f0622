import { useRef } from 'react';
import type { ServiceView } from '#shared/contract/service-views.ts';
import { useCall } from '../../../app/use-call.ts';
import { Button } from '../../../ui/button/Button.tsx';
import { Dialog } from '../../../ui/overlay/Dialog.tsx';

/** Asks before a rollout ends: what served before goes on, or nothing is left where nothing had. */
export function AbortDialog({ service, onClose }: { service: ServiceView; onClose: () => void }) {
  const keep = useRef<HTMLButtonElement>(null);
  const call = useCall();
  const { id: rolloutId, fromRevision = null } = service.rollout?.rollout ?? {};
  return (
    <Dialog
      open
      narrow
      onClose={onClose}
      initialFocus={keep}
      title={`End the rollout of ${service.name}?`}
      description={
        fromRevision === null
          ? 'No revision of it has served before, so nothing of it runs afterwards. The revision stays and can be deployed again.'
          : `All traffic goes back at once and revision ${fromRevision} serves on; the new replicas finish their requests, then they are removed.`
      }
      footer={
        <>
          <Button ref={keep} size="large" onClick={onClose}>
            Let it go on
          </Button>
          <Button
            size="large"
            variant="confirm"
            disabledReason={rolloutId === undefined ? 'It has ended already.' : null}
            onClick={() => {
              if (rolloutId !== undefined) void call('rollout.abort', { rolloutId });
              onClose();
            }}
          >
            End the rollout
          </Button>
        </>
      }
    />
  );
}
