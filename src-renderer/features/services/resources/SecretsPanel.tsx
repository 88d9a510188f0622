import { useState } from 'react';
import type { SecretView } from '#shared/contract/service-views.ts';
import { useProjectId } from '../../../app/current-project.ts';
import { counted, size } from '../../../app/text.ts';
import { useTimeText } from '../../../client/host-clock.ts';
import { dayWords } from '../../../app/day-text.ts';
import { Button } from '../../../ui/button/Button.tsx';
import { Field } from '../../../ui/field/Field.tsx';
import { showToast } from '../../../ui/overlay/toast-queue.ts';
import { Blank } from '../../../ui/state/Blank.tsx';
import { SecretValue } from '../dialogs/SecretValue.tsx';
import { useLatest } from '../dialogs/use-latest.ts';
import { useClient } from '../../../client/ClientContext.tsx';
import { Confirm } from './Confirm.tsx';
import { Problem, ResourceRow } from './ResourceRow.tsx';
import { ResourceState } from './ResourceState.tsx';
import { useDeed } from './use-deed.ts';
import { usersText, useResource } from './use-resource.ts';

/** Secrets by name: new versions, who uses which, and the key they are sealed with. */
export function SecretsPanel() {
  const { list, state } = useResource('secret.watch');
  const [name, setName] = useState('');
  return (
    <>
      <div className="sres__new">
        <Field label="New secret" hint="Its value is sealed at once and never shown again.">
          {(input) => (
            <input
              {...input}
              value={name}
              autoComplete="off"
              spellCheck={false}
              placeholder="name"
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </Field>
        <SecretValue
          name={name.trim()}
          onSet={(version) => {
            showToast({ shape: 'done', text: `Version ${version} of ${name.trim()} is set.` });
            setName('');
          }}
        />
      </div>
      <ResourceState
        state={state}
        isEmpty={list.length === 0}
        empty={
          <Blank title="No secrets yet.">
            <p>A service gets a secret as a file in /run/secrets, in memory only.</p>
          </Blank>
        }
      >
        <ul className="sres__list">
          {list.map((secret) => (
            <SecretRow key={secret.name} secret={secret} />
          ))}
        </ul>
      </ResourceState>
      <MasterKey secrets={list} />
    </>
  );
}

function SecretRow({ secret }: { secret: SecretView }) {
  const projectId = useProjectId();
  const { busy, problem, clear, run } = useDeed();
  const [open, setOpen] = useState<'none' | 'set' | 'remove'>('none');
  const { name, versions, usedBy } = secret;
  const newest = versions.at(-1);
  const when = useTimeText((nowMs) => (newest === undefined ? '' : dayWords(newest.createdAtMs, nowMs)));
  const older = usedBy.filter(({ version }) => version < (newest?.version ?? 0));
  if (projectId === null || newest === undefined) return null;
  return (
    <ResourceRow
      label={name}
      facts={
        <>
          version {newest.version} of {when}, {size(newest.sizeBytes)}
          {versions.length > 1 && `, ${counted(versions.length, 'version')} kept`}. Used by{' '}
          {usersText(usedBy, newest.version)}.
        </>
      }
      deeds={
        <>
          {older.length > 0 && (
            <Button
              size="small"
              variant="primary"
              disabledReason={busy ? 'It is being done.' : null}
              onClick={() =>
                void run('secret.rollOut', { projectId, name }, ({ services }) =>
                  showToast({
                    shape: 'running',
                    text: `Version ${newest.version} of ${name} rolls out to ${counted(services.length, 'service')}.`,
                  }),
                )
              }
            >
              Roll out version {newest.version}
            </Button>
          )}
          <Button size="small" aria-expanded={open === 'set'} onClick={() => setOpen(open === 'set' ? 'none' : 'set')}>
            Set new version
          </Button>
          <Button
            size="small"
            variant="danger"
            disabledReason={usedBy.length > 0 ? `It is used by ${usersText(usedBy, newest.version)}.` : null}
            onClick={() => setOpen('remove')}
          >
            Remove
          </Button>
        </>
      }
      problem={problem}
    >
      {open === 'set' && (
        <SecretValue
          name={name}
          onSet={(version) => {
            setOpen('none');
            showToast({
              shape: 'done',
              text: `Version ${version} of ${name} is set. What runs keeps its own until you roll it out.`,
            });
          }}
        />
      )}
      {open === 'remove' && (
        <Confirm
          question={`All ${counted(versions.length, 'version')} of ${name} go, and nothing brings them back.`}
          typed={null}
          deed={`Remove ${name}`}
          busy={busy}
          onCancel={() => {
            setOpen('none');
            clear();
          }}
          onConfirm={() => void run('secret.remove', { projectId, name })}
        />
      )}
    </ResourceRow>
  );
}

function MasterKey({ secrets }: { secrets: readonly SecretView[] }) {
  const client = useClient();
  const { busy, problem, run } = useDeed();
  const [turn, setTurn] = useState(0);
  const key = useLatest(`key ${turn}`, () => client.call('secret.key', {}));
  return (
    <section className="sres__key" aria-label="Master key">
      <h3>Master key</h3>
      <p>
        {key.answer === null ? (
          (key.problem ?? '…')
        ) : (
          <>
            <code>{key.answer.keyId}</code>, kept in <code>{key.answer.keptIn}</code>. Whoever has it and the data
            folder can read all secrets: back it up apart from them.
          </>
        )}
      </p>
      <Problem text={problem} />
      <Button
        size="small"
        icon="retry"
        disabledReason={busy ? 'Secrets are being sealed anew.' : null}
        onClick={() =>
          void run('secret.rotateKey', {}, ({ secrets: sealed }) => {
            setTurn((before) => before + 1);
            showToast({
              shape: 'done',
              text: `A new master key is in use; ${counted(sealed, 'secret')} sealed anew with it.`,
            });
          })
        }
      >
        Rotate master key
      </Button>
      <span className="tertiary"> {counted(secrets.length, 'secret')} of this project</span>
    </section>
  );
}
