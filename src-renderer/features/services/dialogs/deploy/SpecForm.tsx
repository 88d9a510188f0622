import { Checkbox } from '../../../../ui/field/Checkbox.tsx';
import { ChoiceField, Rows, TextField } from './Cells.tsx';
import { Section } from './Section.tsx';
import { Given } from './GivenFields.tsx';
import type { FormPartProps, KnownNames } from './form-part.ts';
import { blankPort, blankRoute, type HealthDraft } from './service-draft.ts';
import { UpdateFields } from './UpdateFields.tsx';

/** The fields of a service. What is not among them can be written as text. */
export function SpecForm({ isNew, known, ...form }: FormPartProps & { isNew: boolean; known: KnownNames }) {
  return (
    <div className="sform">
      <WhatRuns {...form} isNew={isNew} known={known} />
      <Answers {...form} known={known} />
      <Health {...form} />
      <Given {...form} known={known} />
      <Limits {...form} />
      <Section title="How it is updated">
        <UpdateFields update={form.draft.update} problems={form.problems} onChange={form.onChange} />
      </Section>
    </div>
  );
}

function WhatRuns({ draft, problems, onChange, isNew, known }: FormPartProps & { isNew: boolean; known: KnownNames }) {
  const text = (
    key: 'name' | 'reference' | 'context' | 'dockerfile' | 'target' | 'replicas' | 'command' | 'dependsOn',
  ) => ({
    problems,
    value: draft[key],
    onChange: (value: string) => onChange({ [key]: value }),
  });
  return (
    <Section title="What runs">
      {isNew && <TextField label="Name" place="name" hint="Others reach it by this name." {...text('name')} />}
      <ChoiceField
        label="Made from"
        value={draft.source}
        choices={[
          ['image', 'An image'],
          ['build', 'A folder of the repository'],
        ]}
        onChange={(source) => onChange({ source })}
      />
      {draft.source === 'image' ? (
        <TextField
          label="Image"
          place="image.reference"
          hint="Its digest is pinned with the revision."
          mono
          list={known.images}
          {...text('reference')}
        />
      ) : (
        <>
          <TextField label="Folder" place="image.context" mono {...text('context')} />
          <TextField label="Dockerfile" place="image.dockerfile" mono {...text('dockerfile')} />
          <TextField label="Target" place="image.target" hint="Empty: the last stage." mono {...text('target')} />
        </>
      )}
      {!draft.isGlobal && <TextField label="Replicas" place="mode.replicas" {...text('replicas')} />}
      <div className="sform__check">
        <Checkbox checked={draft.isGlobal} onChange={(isGlobal) => onChange({ isGlobal })}>
          One on every host
        </Checkbox>
      </div>
      <TextField label="Command" place="command" hint="Empty: the image’s own." mono {...text('command')} />
      <TextField
        label="Starts after"
        place="dependsOn"
        hint="Names of services, such as db, cache."
        {...text('dependsOn')}
      />
    </Section>
  );
}

function Answers({ draft, problems, onChange, known }: FormPartProps & { known: KnownNames }) {
  return (
    <>
      <Section title="Ports">
        <Rows
          name="Port"
          addLabel="Add a port"
          rows={draft.ports}
          blank={blankPort}
          layout="srows__row--port"
          empty="It answers nobody."
          onChange={(ports) => onChange({ ports })}
        >
          {(row, at, change) => (
            <>
              <TextField
                label="Container port"
                place={`ports.${at}.containerPort`}
                problems={problems}
                value={row.containerPort}
                onChange={(containerPort) => change({ containerPort })}
              />
              <ChoiceField
                label="Balanced by"
                value={row.protocol}
                choices={[
                  ['http', 'request (http)'],
                  ['tcp', 'connection (tcp)'],
                ]}
                onChange={(protocol) => change({ protocol })}
              />
              <ChoiceField
                label="Published"
                value={row.publish}
                choices={[
                  ['any', 'on a free port'],
                  ['chosen', 'on the port'],
                  ['no', 'not at all'],
                ]}
                onChange={(publish) => change({ publish })}
              />
              {row.publish === 'chosen' ? (
                <TextField
                  label="Host port"
                  place={`ports.${at}.publish.port`}
                  problems={problems}
                  value={row.hostPort}
                  onChange={(hostPort) => change({ hostPort })}
                />
              ) : (
                <span />
              )}
              {row.publish === 'no' ? (
                <span />
              ) : (
                <TextField
                  label="Address"
                  place={`ports.${at}.publish.address`}
                  problems={problems}
                  value={row.address}
                  mono
                  onChange={(address) => change({ address })}
                />
              )}
            </>
          )}
        </Rows>
      </Section>
      <Section title="Routes of the ingress">
        <Rows
          name="Route"
          addLabel="Add a route"
          rows={draft.routes}
          blank={{ ...blankRoute, containerPort: draft.ports[0]?.containerPort ?? '' }}
          layout="srows__row--route"
          empty="No host name or path leads here."
          onChange={(routes) => onChange({ routes })}
        >
          {(row, at, change) => (
            <>
              <TextField
                label="Host"
                place={`routes.${at}.host`}
                problems={problems}
                value={row.host}
                placeholder="any"
                onChange={(host) => change({ host })}
              />
              <TextField
                label="Path"
                place={`routes.${at}.path`}
                problems={problems}
                value={row.path}
                mono
                onChange={(path) => change({ path })}
              />
              <TextField
                label="Container port"
                place={`routes.${at}.containerPort`}
                problems={problems}
                value={row.containerPort}
                onChange={(containerPort) => change({ containerPort })}
              />
              <TextField
                label="Certificate"
                place={`routes.${at}.certificate`}
                problems={problems}
                value={row.certificate}
                placeholder="none: plain http"
                list={known.secrets}
                onChange={(certificate) => change({ certificate })}
              />
            </>
          )}
        </Rows>
      </Section>
    </>
  );
}

function Health({ draft, problems, onChange }: FormPartProps) {
  const { health } = draft;
  const change = (part: Partial<HealthDraft>): void => onChange({ health: { ...health, ...part } });
  const text = (key: Exclude<keyof HealthDraft, 'kind'>) => ({
    problems,
    value: health[key],
    onChange: (value: string) => change({ [key]: value }),
  });
  return (
    <Section title="Health">
      <ChoiceField
        label="Probe"
        hint={health.kind === 'none' ? 'A replica that runs counts as healthy.' : undefined}
        value={health.kind}
        choices={[
          ['none', 'None'],
          ['http', 'An http request'],
          ['tcp', 'A tcp connection'],
          ['exec', 'A command in the replica'],
        ]}
        onChange={(kind) =>
          change({ kind, port: health.port === '' ? (draft.ports[0]?.containerPort ?? '') : health.port })
        }
      />
      {(health.kind === 'http' || health.kind === 'tcp') && (
        <TextField label="Probe port" place="health.probe.port" {...text('port')} />
      )}
      {health.kind === 'http' && <TextField label="Probe path" place="health.probe.path" mono {...text('path')} />}
      {health.kind === 'exec' && (
        <TextField label="Probe command" place="health.probe.command" mono {...text('command')} />
      )}
      {health.kind !== 'none' && (
        <>
          <TextField label="Every" place="health.intervalMs" {...text('interval')} />
          <TextField label="Answer within" place="health.timeoutMs" {...text('timeout')} />
          <TextField label="Failures in a row" place="health.retries" {...text('retries')} />
          <TextField label="Time to start" place="health.startPeriodMs" {...text('startPeriod')} />
        </>
      )}
    </Section>
  );
}

function Limits({ draft, problems, onChange }: FormPartProps) {
  const text = (key: 'cpus' | 'memory' | 'pids') => ({
    problems,
    value: draft[key],
    placeholder: 'no limit',
    onChange: (value: string) => onChange({ [key]: value }),
  });
  return (
    <Section title="Limits of a replica">
      <TextField label="CPU cores" place="limits.cpus" {...text('cpus')} />
      <TextField label="Memory" place="limits.memoryBytes" hint="Such as 256MB." {...text('memory')} />
      <TextField label="Processes" place="limits.pids" {...text('pids')} />
    </Section>
  );
}
