import { useRef, useState } from 'react';
import type { ServiceView } from '#shared/contract/service-views.ts';
import { useRevisions } from '../../../app/rollout/use-rollouts.ts';
import { Button } from '../../../ui/button/Button.tsx';
import { Dialog } from '../../../ui/overlay/Dialog.tsx';
import { Changes } from '../panel/RevisionList.tsx';
import { takenBack, wayBack } from '../panel/roll-back.ts';
import { goesBackTo, useServiceDeeds } from '../use-service-deeds.ts';
import './questions.css';

/** What going back to a revision undoes and how it goes, before it is begun. */
export function RollBackDialog({
  service,
  toRevision,
  onClose,
}: {
  service: ServiceView;
  toRevision: number;
  onClose: () => void;
}) {
  const cancel = useRef<HTMLButtonElement>(null);
  const [busy, setBusy] = useState(false);
  const deeds = useServiceDeeds();
  const revisions = useRevisions(service.id);
  const target = revisions.find(({ revision }) => revision.number === toRevision);
  const { direction, steps } = takenBack(service, revisions, toRevision);
  const isUnderWay = goesBackTo(service.rollout, toRevision);
  const rollBack = async (): Promise<void> => {
    setBusy(true);
    if (await deeds.rollBack(service, toRevision)) onClose();
    else setBusy(false);
  };
  return (
    <Dialog
      open
      narrow
      onClose={onClose}
      initialFocus={cancel}
      title={`Roll back ${service.name} to revision ${toRevision}`}
      description={target === undefined ? 'Looking up the revision.' : wayBack(target, isUnderWay, service.wanted)}
      footer={
        <>
          <Button ref={cancel} size="large" onClick={onClose}>
            Cancel
          </Button>
          <Button
            size="large"
            variant="confirm"
            icon="undo"
            disabledReason={
              target === undefined ? 'The revision is not known yet.' : busy ? 'The rollback is being begun.' : null
            }
            onClick={() => void rollBack()}
          >
            Roll back to {toRevision}
          </Button>
        </>
      }
    >
      <h3 className="question__h">{direction === 'back' ? 'Undone' : 'Done again'}</h3>
      <ul className="question__list">
        {steps.map(({ revision, changes }) => (
          <li key={revision}>
            <b>{revision}</b>
            <span>
              <Changes changes={changes} />
            </span>
          </li>
        ))}
      </ul>
      {service.volumes.length > 0 && (
        <p className="question__note">
          The data in {service.volumes.join(', ')} stays as it is; revision {toRevision} has to be able to read it.
        </p>
      )}
      <p className="question__note">
        The commits stay. To take back code and services together, roll back in the timeline.
      </p>
    </Dialog>
  );
}
