import { useState } from 'react';
import type { ConfigView } from '#shared/contract/service-views.ts';
import { secretNameSchema } from '#shared/model/service-ids.ts';
import { useProjectId } from '../../../app/current-project.ts';
import { counted, size } from '../../../app/text.ts';
import { useCall } from '../../../app/use-call.ts';
import { Button } from '../../../ui/button/Button.tsx';
import { Field } from '../../../ui/field/Field.tsx';
import { showToast } from '../../../ui/overlay/toast-queue.ts';
import { Blank } from '../../../ui/state/Blank.tsx';
import { Confirm } from './Confirm.tsx';
import { Problem, ResourceRow } from './ResourceRow.tsx';
import { ResourceState } from './ResourceState.tsx';
import { useDeed } from './use-deed.ts';
import { usersText, useResource } from './use-resource.ts';

/** Configs by name: their text, who uses which version, new versions. */
export function ConfigsPanel() {
  const { list, state } = useResource('config.watch');
  const [isNew, setNew] = useState(false);
  return (
    <>
      <ResourceState
        state={state}
        isEmpty={list.length === 0}
        empty={
          <Blank title="No configs yet.">
            <p>A service gets a config as a file at a path of your choice.</p>
          </Blank>
        }
      >
        <ul className="sres__list">
          {list.map((config) => (
            <ConfigRow key={config.name} config={config} />
          ))}
        </ul>
      </ResourceState>
      {isNew ? (
        <ConfigText config={null} onDone={() => setNew(false)} />
      ) : (
        <Button icon="plus" onClick={() => setNew(true)}>
          New config
        </Button>
      )}
    </>
  );
}

function ConfigRow({ config }: { config: ConfigView }) {
  const projectId = useProjectId();
  const ask = useCall();
  const { busy, problem, clear, run } = useDeed();
  const [open, setOpen] = useState<'none' | 'edit' | 'remove'>('none');
  const { name, versions, usedBy } = config;
  const newest = versions.at(-1);
  if (projectId === null || newest === undefined) return null;
  return (
    <ResourceRow
      label={name}
      facts={
        <>
          version {newest.version}, {size(newest.sizeBytes)}. Used by {usersText(usedBy, newest.version)}.
        </>
      }
      deeds={
        <>
          <Button
            size="small"
            aria-expanded={open === 'edit'}
            onClick={() => setOpen(open === 'edit' ? 'none' : 'edit')}
          >
            Edit
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
      {open === 'edit' && <ConfigText config={config} onDone={() => setOpen('none')} />}
      {open === 'remove' && (
        <Confirm
          question={`All ${counted(versions.length, 'version')} of ${name} go.`}
          typed={null}
          deed={`Remove ${name}`}
          busy={busy}
          onCancel={() => {
            setOpen('none');
            clear();
          }}
          onConfirm={() =>
            void run('config.remove', { projectId, name }, () =>
              showToast({
                shape: 'done',
                text: `${name} is removed.`,
                // The row is gone by then, and what is refused has no other place.
                action: { label: 'Undo', run: () => void ask('config.put', { projectId, name, text: config.text }) },
              }),
            )
          }
        />
      )}
    </ResourceRow>
  );
}

function ConfigText({ config, onDone }: { config: ConfigView | null; onDone: () => void }) {
  const projectId = useProjectId();
  const ask = useCall();
  const { busy, problem, run } = useDeed();
  const [name, setName] = useState<string>(config?.name ?? '');
  const [text, setText] = useState(config?.text ?? '');
  const [wrong, setWrong] = useState<string | null>(null);
  const save = (): void => {
    const parsed = secretNameSchema.safeParse(name.trim());
    if (!parsed.success) return setWrong('Expected letters, digits, dot, dash and underscore, at most 63.');
    if (projectId === null) return;
    const before = config?.text;
    void run('config.put', { projectId, name: parsed.data, text }, ({ version }) => {
      onDone();
      showToast({
        shape: 'done',
        text: `Version ${version} of ${parsed.data} is set. Services get it with their next deploy.`,
        ...(before === undefined
          ? {}
          : {
              action: {
                label: 'Undo',
                run: () => void ask('config.put', { projectId, name: parsed.data, text: before }),
              },
            }),
      });
    });
  };
  return (
    <div className="sres__edit">
      {config === null && (
        <Field label="Name" error={wrong}>
          {(input) => (
            <input
              {...input}
              value={name}
              autoComplete="off"
              spellCheck={false}
              onChange={(event) => {
                setName(event.target.value);
                setWrong(null);
              }}
            />
          )}
        </Field>
      )}
      <textarea
        className="stext__area mono"
        aria-label={config === null ? 'Text of the config' : `Text of ${config.name}`}
        rows={8}
        spellCheck={false}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <Problem text={problem} />
      <div className="sres__deeds">
        <Button onClick={onDone}>Cancel</Button>
        <Button
          variant="primary"
          disabledReason={busy ? 'It is being saved.' : text === config?.text ? 'Nothing has changed.' : null}
          onClick={save}
        >
          Save config
        </Button>
      </div>
    </div>
  );
}
