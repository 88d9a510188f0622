import { useRef } from 'react';
import type { ServiceView } from '#shared/contract/service-views.ts';
import { counted } from '../../../app/text.ts';
import { Button } from '../../../ui/button/Button.tsx';
import { Dialog } from '../../../ui/overlay/Dialog.tsx';
import { useServiceDeeds } from '../use-service-deeds.ts';

/** Asks before a service goes with its revisions. */
export function RemoveDialog({ service, onClose }: { service: ServiceView; onClose: () => void }) {
  const keep = useRef<HTMLButtonElement>(null);
  const deeds = useServiceDeeds();
  const { name, replicas, revisions, volumes } = service;
  const data = volumes.length === 0 ? '' : ` The data in ${volumes.join(', ')} stays.`;
  return (
    <Dialog
      open
      narrow
      onClose={onClose}
      initialFocus={keep}
      title={`Remove ${name}?`}
      description={`${counted(replicas.length, 'replica')} and ${counted(revisions, 'revision')} of it go, and it answers no more. Requests under way are finished.${data}`}
      footer={
        <>
          <Button ref={keep} size="large" onClick={onClose}>
            Keep it
          </Button>
          <Button
            size="large"
            variant="confirm"
            onClick={() => {
              void deeds.remove(service.id);
              onClose();
            }}
          >
            Remove {name}
          </Button>
        </>
      }
    />
  );
}
