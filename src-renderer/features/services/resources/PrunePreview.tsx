import { useState } from 'react';
import { counted, size } from '../../../app/text.ts';
import { useClient } from '../../../client/ClientContext.tsx';
import { Button } from '../../../ui/button/Button.tsx';
import { Checkbox } from '../../../ui/field/Checkbox.tsx';
import { Bones } from '../../../ui/state/Bones.tsx';
import { useLatest } from '../dialogs/use-latest.ts';
import { Problem } from './ResourceRow.tsx';
import { useDeed } from './use-deed.ts';

/** Exactly what a prune would remove. It removes that, or nothing when it would be something else by then. */
export function PrunePreview({ onDone, onCancel }: { onDone: (freedBytes: number) => void; onCancel: () => void }) {
  const client = useClient();
  const [turn, setTurn] = useState(0);
  const [withVolumes, setWithVolumes] = useState(false);
  const { busy, problem: refusal, run } = useDeed();
  const { answer: plan, problem, isOld } = useLatest(`prune ${turn}`, () => client.call('image.prunePlan', {}));
  if (plan === null) {
    return (
      <section className="sprune" aria-label="What a prune removes">
        {problem === null ? <Bones rows={2} label="Looking at what nothing uses" /> : <p role="alert">{problem}</p>}
      </section>
    );
  }
  const volumes = withVolumes ? plan.volumes : [];
  const bytes =
    plan.images.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) +
    volumes.reduce((sum, { sizeBytes }) => sum + (sizeBytes ?? 0), 0);
  const things = plan.images.length + plan.containers.length + volumes.length;
  return (
    <section className="sprune" aria-label="What a prune removes">
      <h3>
        {things === 0
          ? 'There is nothing to remove.'
          : `${counted(things, 'thing')} ${things === 1 ? 'goes' : 'go'}, ${size(bytes)} are freed.`}
      </h3>
      <p className="secondary">Only what Gantry made, nothing uses, and no rollback may need.</p>
      <ul>
        {plan.images.map(({ hostId, digest, tags, sizeBytes }) => (
          <li key={`${hostId} ${digest}`}>
            image {tags.length > 0 ? tags.join(', ') : digest.slice(0, 19)} on {hostId}, {size(sizeBytes)}
          </li>
        ))}
        {plan.containers.map(({ hostId, id, name, why }) => (
          <li key={`${hostId} ${id}`}>
            container {name} on {hostId}: {why}
          </li>
        ))}
        {volumes.map(({ hostId, name, sizeBytes, why }) => (
          <li key={`${hostId} ${name}`}>
            volume {name} on {hostId}
            {sizeBytes !== null && `, ${size(sizeBytes)}`}: {why}. Its data is gone afterwards.
          </li>
        ))}
      </ul>
      {plan.volumes.length > 0 && (
        <Checkbox checked={withVolumes} onChange={setWithVolumes}>
          Also {counted(plan.volumes.length, 'volume')} that nothing declares, with{' '}
          {plan.volumes.length === 1 ? 'its' : 'their'} data
        </Checkbox>
      )}
      <Problem text={refusal} />
      <div className="sres__deeds">
        <Button onClick={onCancel}>Cancel</Button>
        {refusal !== null && (
          <Button icon="retry" onClick={() => setTurn((before) => before + 1)}>
            Look again
          </Button>
        )}
        <Button
          variant="confirm"
          disabledReason={
            busy
              ? 'It is being done.'
              : isOld
                ? 'It is being looked at.'
                : things === 0
                  ? 'There is nothing to remove.'
                  : null
          }
          onClick={() =>
            void run('image.prune', { fingerprint: plan.fingerprint, withVolumes }, ({ freedBytes }) =>
              onDone(freedBytes),
            )
          }
        >
          Remove {counted(things, 'thing')}
        </Button>
      </div>
    </section>
  );
}
