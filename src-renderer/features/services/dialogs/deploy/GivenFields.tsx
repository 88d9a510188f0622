import { Checkbox } from '../../../../ui/field/Checkbox.tsx';
import { ChoiceField, Rows, TextField } from './Cells.tsx';
import type { FormPartProps, KnownNames } from './form-part.ts';
import { Section } from './Section.tsx';
import { blankConfig, blankEnv, blankMount, blankSecret } from './service-draft.ts';

/** What a service is given: variables, mounts, secrets and configs. */
export function Given({ draft, problems, onChange, known }: FormPartProps & { known: KnownNames }) {
  return (
    <>
      <Section title="Environment">
        <Rows
          name="Variable"
          addLabel="Add a variable"
          rows={draft.env}
          blank={blankEnv}
          layout="srows__row--two"
          empty="No variables but the image’s own."
          onChange={(env) => onChange({ env })}
        >
          {(row, at, change) => (
            <>
              <TextField
                label="Variable"
                place={`env.${at}.name`}
                problems={problems}
                value={row.name}
                mono
                onChange={(name) => change({ name })}
              />
              <TextField
                label="Value"
                place={`env.${row.name}`}
                problems={problems}
                value={row.value}
                mono
                onChange={(value) => change({ value })}
              />
            </>
          )}
        </Rows>
      </Section>
      <Section title="Volumes and folders">
        <Rows
          name="Mount"
          addLabel="Add a mount"
          rows={draft.mounts}
          blank={blankMount}
          layout="srows__row--mount"
          empty="What it writes goes with its replica."
          onChange={(mounts) => onChange({ mounts })}
        >
          {(row, at, change) => (
            <>
              <ChoiceField
                label="Kind"
                value={row.kind}
                choices={[
                  ['volume', 'Volume'],
                  ['bind', 'Folder of the host'],
                  ['tmpfs', 'Memory'],
                ]}
                onChange={(kind) => change({ kind })}
              />
              <TextField
                label={row.kind === 'volume' ? 'Volume' : row.kind === 'bind' ? 'Folder' : 'Size'}
                place={`mounts.${at}.${row.kind === 'volume' ? 'volume' : row.kind === 'bind' ? 'source' : 'sizeBytes'}`}
                problems={problems}
                value={row.source}
                mono
                {...(row.kind === 'volume' ? { list: known.volumes } : {})}
                onChange={(source) => change({ source })}
              />
              <TextField
                label="Mounted at"
                place={`mounts.${at}.target`}
                problems={problems}
                value={row.target}
                mono
                onChange={(target) => change({ target })}
              />
              {row.kind === 'tmpfs' ? (
                <span />
              ) : (
                <div className="sform__check">
                  <Checkbox checked={row.readOnly} onChange={(readOnly) => change({ readOnly })}>
                    Read only
                  </Checkbox>
                </div>
              )}
            </>
          )}
        </Rows>
      </Section>
      <Section title="Secrets">
        <Rows
          name="Secret"
          addLabel="Add a secret"
          rows={draft.secrets}
          blank={blankSecret}
          layout="srows__row--two"
          empty="None."
          onChange={(secrets) => onChange({ secrets })}
        >
          {(row, at, change) => (
            <>
              <TextField
                label="Secret"
                place={`secrets.${at}.secret`}
                problems={problems}
                value={row.secret}
                list={known.secrets}
                onChange={(secret) => change({ secret })}
              />
              <TextField
                label="File in /run/secrets"
                place={`secrets.${at}.file`}
                problems={problems}
                value={row.file}
                mono
                placeholder={row.secret}
                onChange={(file) => change({ file })}
              />
            </>
          )}
        </Rows>
      </Section>
      <Section title="Configs">
        <Rows
          name="Config"
          addLabel="Add a config"
          rows={draft.configs}
          blank={blankConfig}
          layout="srows__row--two"
          empty="None."
          onChange={(configs) => onChange({ configs })}
        >
          {(row, at, change) => (
            <>
              <TextField
                label="Config"
                place={`configs.${at}.config`}
                problems={problems}
                value={row.config}
                list={known.configs}
                onChange={(config) => change({ config })}
              />
              <TextField
                label="Path of the file"
                place={`configs.${at}.target`}
                problems={problems}
                value={row.target}
                mono
                onChange={(target) => change({ target })}
              />
            </>
          )}
        </Rows>
      </Section>
    </>
  );
}
