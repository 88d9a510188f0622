import { useState } from 'react';
import type { RevisionView, ServiceView } from '#shared/contract/service-views.ts';
import { useRevisions } from '../../../app/rollout/use-rollouts.ts';
import { Button } from '../../../ui/button/Button.tsx';
import { ConfirmDialog } from '../../../ui/overlay/ConfirmDialog.tsx';
import { Dialog } from '../../../ui/overlay/Dialog.tsx';
import { Changes } from '../panel/RevisionList.tsx';
import { rollBackTarget, takenBack, wayBack } from '../panel/roll-back.ts';
import { goesBackTo, useServiceDeeds } from '../use-service-deeds.ts';
import './questions.css';

/** What going back to a revision undoes and how it goes, before it is begun. */
export function RollBackDialog({
  service,
  asked,
  onClose,
}: {
  service: ServiceView;
  /** Null for the revision that served before. */
  asked: number | null;
  onClose: () => void;
}) {
  const { revisions, state } = useRevisions(service.id);
  const toRevision = asked ?? rollBackTarget(service, revisions);
  if (toRevision !== null) return <WayBack {...{ service, revisions, toRevision, onClose }} />;
  return (
    <Dialog
      open
      narrow
      onClose={onClose}
      title={`Roll back ${service.name}`}
      description={
        state.state === 'failed'
          ? `Its revisions cannot be listed: ${state.error.message}`
          : state.state === 'loading'
            ? 'Looking up its revisions.'
            : 'No earlier revision of it has served, so there is nothing to go back to.'
      }
      footer={
        <Button size="large" onClick={onClose}>
          Close
        </Button>
      }
    />
  );
}

function WayBack({
  service,
  revisions,
  toRevision,
  onClose,
}: {
  service: ServiceView;
  revisions: readonly RevisionView[];
  toRevision: number;
  onClose: () => void;
}) {
  const [busy, setBusy] = useState(false);
  const deeds = useServiceDeeds();
  const target = revisions.find(({ revision }) => revision.number === toRevision);
  const { direction, steps } = takenBack(service, revisions, toRevision);
  const isUnderWay = goesBackTo(service.rollout, toRevision);
  const rollBack = async (): Promise<void> => {
    setBusy(true);
    if (await deeds.rollBack(service, toRevision)) onClose();
    else setBusy(false);
  };
  return (
    <ConfirmDialog
      title={`Roll back ${service.name} to revision ${toRevision}`}
      description={target === undefined ? 'Looking up the revision.' : wayBack(target, isUnderWay, service.wanted)}
      keepLabel="Cancel"
      confirmLabel={`Roll back to ${toRevision}`}
      confirmIcon="undo"
      disabledReason={
        target === undefined ? 'The revision is not known yet.' : busy ? 'The rollback is being begun.' : null
      }
      onClose={onClose}
      onConfirm={() => void rollBack()}
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
    </ConfirmDialog>
  );
}
