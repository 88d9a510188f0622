import { useState } from 'react';
import type { VolumeView } from '#shared/contract/service-views.ts';
import { dayWords } from '../../../app/day-text.ts';
import { useProjectId } from '../../../app/current-project.ts';
import { clockMinute, counted, size } from '../../../app/text.ts';
import { useHostNow } from '../../../client/host-clock.ts';
import { Button } from '../../../ui/button/Button.tsx';
import { showToast } from '../../../ui/overlay/toast-queue.ts';
import { Blank } from '../../../ui/state/Blank.tsx';
import { Checkbox } from '../../../ui/field/Checkbox.tsx';
import { Confirm } from './Confirm.tsx';
import { ResourceRow } from './ResourceRow.tsx';
import { ResourceState } from './ResourceState.tsx';
import { useDeed } from './use-deed.ts';
import { useResource } from './use-resource.ts';

/** Volumes with where they are, their backups, and the ways to back up, put back and remove them. */
export function VolumesPanel() {
  const { list, state } = useResource('volume.watch');
  return (
    <ResourceState
      state={state}
      isEmpty={list.length === 0}
      empty={
        <Blank title="No volumes yet.">
          <p>A service that mounts a volume makes it, and it stays when the service goes.</p>
        </Blank>
      }
    >
      <ul className="sres__list">
        {list.map((volume) => (
          <VolumeRow key={`${volume.stack}/${volume.name}`} volume={volume} />
        ))}
      </ul>
    </ResourceState>
  );
}

type Question = { readonly kind: 'remove' } | { readonly kind: 'restore'; readonly backupId: string };

function VolumeRow({ volume }: { volume: VolumeView }) {
  const projectId = useProjectId();
  const nowMs = useHostNow();
  const { busy, problem, clear, run } = useDeed();
  const [question, setQuestion] = useState<Question | null>(null);
  const [withoutBackup, setWithoutBackup] = useState(false);
  if (projectId === null) return null;
  const { name, stack, usedBy, hostId, engineName, backups } = volume;
  const which = { projectId, stack, name };
  const place =
    hostId === null
      ? 'not made yet'
      : `on ${hostId} as ${engineName ?? name}${volume.sizeBytes === null ? '' : `, ${size(volume.sizeBytes)}`}`;
  /** What was refused before is no answer to another question. */
  const ask = (next: Question | null): void => {
    setQuestion(next);
    setWithoutBackup(false);
    clear();
  };
  const cancel = (): void => ask(null);
  return (
    <ResourceRow
      label={name}
      title={
        <>
          {name}
          {stack !== 'main' && <span className="tertiary"> of {stack}</span>}
        </>
      }
      facts={
        <>
          {volume.driver}, {place}. Used by {usedBy.length === 0 ? 'no service' : usedBy.join(', ')}.
        </>
      }
      deeds={
        <>
          <Button
            size="small"
            disabledReason={busy ? 'It is being done.' : hostId === null ? 'There is nothing in it yet.' : null}
            onClick={() =>
              void run('volume.backUp', which, ({ sizeBytes }) =>
                showToast({ shape: 'done', text: `${name} is backed up: ${size(sizeBytes)}.` }),
              )
            }
          >
            Back up
          </Button>
          <Button
            size="small"
            variant="danger"
            disabledReason={usedBy.length > 0 ? `It is mounted by ${usedBy.join(', ')}.` : null}
            onClick={() => ask({ kind: 'remove' })}
          >
            Remove
          </Button>
        </>
      }
      problem={problem}
    >
      {backups.length > 0 && (
        <ul className="sres__backups" aria-label={`Backups of ${name}`}>
          {backups.map(({ id, atMs, sizeBytes, why }) => (
            <li key={id}>
              <span>
                {dayWords(atMs, nowMs)} {clockMinute(atMs)}, {size(sizeBytes)} <span className="tertiary">{why}</span>
              </span>
              <Button
                size="small"
                variant="quiet"
                icon="undo"
                disabledReason={busy ? 'It is being done.' : null}
                onClick={() => ask({ kind: 'restore', backupId: id })}
              >
                Put back
              </Button>
            </li>
          ))}
        </ul>
      )}
      {question?.kind === 'remove' && (
        <>
          <Confirm
            question={
              withoutBackup
                ? `All data of ${name} is gone afterwards, for good.`
                : `All data of ${name} is gone from the engine afterwards. It is backed up first; ${counted(backups.length, 'backup')} so far.`
            }
            typed={name}
            deed={`Remove ${name}`}
            busy={busy}
            onCancel={cancel}
            onConfirm={() =>
              void run('volume.remove', { ...which, withoutBackup }, () =>
                showToast({
                  shape: 'done',
                  text: `The volume ${name} is removed${withoutBackup ? '' : '; its last backup is kept'}.`,
                }),
              )
            }
          />
          <Checkbox checked={withoutBackup} onChange={setWithoutBackup}>
            Without a last backup
          </Checkbox>
        </>
      )}
      {question?.kind === 'restore' && (
        <Confirm
          question={`What is in ${name} now is replaced by the backup. Its services have to stand still meanwhile: scale them to 0 first.`}
          typed={name}
          deed="Put the backup back"
          busy={busy}
          onCancel={cancel}
          onConfirm={() =>
            void run('volume.restore', { ...which, backupId: question.backupId }, () => {
              setQuestion(null);
              showToast({ shape: 'done', text: `${name} has the content of its backup again.` });
            })
          }
        />
      )}
    </ResourceRow>
  );
}
