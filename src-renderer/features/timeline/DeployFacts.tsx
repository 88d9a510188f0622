import { useState } from 'react';
import type { Rollout } from '#shared/model/service.ts';
import { RolloutRecordDialog } from '../../app/rollout/RolloutRecordDialog.tsx';
import { useRevisions, useRollouts } from '../../app/rollout/use-rollouts.ts';
import { Button } from '../../ui/button/Button.tsx';
import { deployFacts } from './deploy-facts.ts';
import type { TimelineEntry } from './timeline-entry.ts';

type Deploy = NonNullable<TimelineEntry['deploy']>;

/** ", revision 14 → 15", where the label does not name a revision already. */
export function DeployRevisions({ title, deploy }: { title: string; deploy: Deploy }) {
  const rollout = useRollout(deploy);
  if (rollout === null || title.includes('revision')) return null;
  const { fromRevision, toRevision } = rollout;
  return <>{fromRevision === null ? `, revision ${toRevision}` : `, revision ${fromRevision} → ${toRevision}`}</>;
}

/** What a deploy was and how it went; its label alone where its record is no longer kept. */
export function DeployFacts({ entry, deploy }: { entry: TimelineEntry; deploy: Deploy }) {
  const rollout = useRollout(deploy);
  const { revisions } = useRevisions(deploy.serviceId);
  const revision = revisions.find((each) => each.revision.number === rollout?.toRevision);
  const facts = rollout === null ? [] : deployFacts(rollout, revision?.revision ?? null);
  if (entry.undoneBy !== null) facts.push(`undone by ${entry.undoneBy}`);
  return (
    <div className="cp__sub truncate" title={facts.join(', ')}>
      {facts.join(', ')}
    </div>
  );
}

/** Opens the record of the deploy: what each gate decided, and what befell replicas meanwhile. */
export function DeployEnd({ name, deploy }: { name: string; deploy: Deploy }) {
  const [open, setOpen] = useState(false);
  const rollout = useRollout(deploy);
  if (rollout === null) return <span />;
  const to = `revision ${rollout.toRevision}`;
  return (
    <>
      <Button
        size="small"
        variant="quiet"
        className="cp__undo cp__record"
        aria-label={`Record of ${name}, ${to}`}
        onClick={() => setOpen(true)}
      >
        Record
      </Button>
      {open && (
        <RolloutRecordDialog title={`Rollout of ${name} to ${to}`} rollout={rollout} onClose={() => setOpen(false)} />
      )}
    </>
  );
}

function useRollout({ serviceId, rolloutId }: Deploy): Rollout | null {
  const views = useRollouts(serviceId);
  return views.find((view) => view.rollout.id === rolloutId)?.rollout ?? null;
}
