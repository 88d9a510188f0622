import { type ReactNode, useId, useRef, useState } from 'react';
import type { ProjectView } from '#shared/contract/views.ts';
import { useProject } from '../../app/current-project.ts';
import { setUi, useUiState } from '../../app/ui-state.ts';
import { errorText, useCall } from '../../app/use-call.ts';
import { useClient } from '../../client/ClientContext.tsx';
import { Checkbox } from '../../ui/field/Checkbox.tsx';
import { Field } from '../../ui/field/Field.tsx';
import { Caution } from '../../ui/label/Caution.tsx';
import { FormDialog } from '../../ui/overlay/FormDialog.tsx';
import { showToast } from '../../ui/overlay/toast-queue.ts';
import {
  limits,
  type ProjectSettings,
  readSettings,
  type SettingsDraft,
  settingsDraft,
  type SettingsProblems,
  takenBack,
} from './settings-draft.ts';
import './settings.css';

type OpenedProject = Pick<ProjectView, 'id' | 'name' | 'path' | 'branches' | 'autoMergePausedBecause'> &
  ProjectSettings;

const close = (): void => setUi({ overlay: 'none' });

/** How Gantry works on the project that is shown: where lanes merge, through which gates, and when it gives up. */
export default function ProjectSettingsDialog() {
  const project = useProject(
    (shown): OpenedProject | undefined =>
      shown && {
        id: shown.id,
        name: shown.name,
        path: shown.path,
        branches: shown.branches,
        autoMergePausedBecause: shown.autoMergePausedBecause,
        targetBranch: shown.targetBranch,
        autoMerge: shown.autoMerge,
        gates: shown.gates,
        attemptsMax: shown.attemptsMax,
        reworksMax: shown.reworksMax,
        stallMs: shown.stallMs,
      },
  );
  return project && <SettingsForm key={project.id} project={project} />;
}

function SettingsForm({ project }: { project: OpenedProject }) {
  const atGates = useUiState((state) => state.overlay === 'gates');
  const first = useRef<HTMLSelectElement>(null);
  const gates = useRef<HTMLTextAreaElement>(null);
  const form = useSettingsForm(project);
  const { draft, problems, change } = form;
  const branches = project.branches.includes(draft.targetBranch)
    ? project.branches
    : [draft.targetBranch, ...project.branches];

  return (
    <FormDialog
      title="Project settings"
      description={
        <>
          <b>{project.name}</b>, <code>{project.path}</code>. What you change holds from now on.
        </>
      }
      className="settings"
      initialFocus={atGates ? gates : first}
      submitLabel="Save settings"
      busyReason={form.busy ? 'The settings are being saved.' : null}
      refusal={form.refusal}
      onClose={close}
      onSubmit={() => void form.save()}
    >
      <Group title="Merging">
        <Field label="Target branch" hint="Lanes merge into it." error={problems.targetBranch ?? null}>
          {(input) => (
            <select
              {...input}
              ref={first}
              value={draft.targetBranch}
              onChange={(event) => change({ targetBranch: event.target.value as SettingsDraft['targetBranch'] })}
            >
              {branches.map((branch) => (
                <option key={branch}>{branch}</option>
              ))}
            </select>
          )}
        </Field>
        <div className="settings__check">
          <Checkbox checked={draft.autoMerge} onChange={(autoMerge) => change({ autoMerge })}>
            Merge lanes when all gates pass
          </Checkbox>
          {project.autoMergePausedBecause !== null && !draft.autoMerge && (
            <Caution>{project.autoMergePausedBecause}</Caution>
          )}
        </div>
      </Group>
      <Group title="Gates">
        <div className="settings__wide">
          <Field
            label="Commands, one a line"
            tall
            error={problems.gates ?? null}
            hint={
              <>
                Such as <code>npm test</code>. They run on the merged result, one after the other, and pass with exit
                code 0. Without any, finished work lands as it is.
              </>
            }
          >
            {(input) => (
              <textarea
                {...input}
                ref={gates}
                className="mono"
                rows={4}
                value={draft.gates}
                spellCheck={false}
                onChange={(event) => change({ gates: event.target.value })}
              />
            )}
          </Field>
        </div>
      </Group>
      <Group title="Before a task waits for you">
        <TextSetting
          label="Attempts a task"
          hint={`How often it is started, ${limits.attempts.least} to ${limits.attempts.most}.`}
          error={problems.attempts}
          value={draft.attempts}
          onChange={(attempts) => change({ attempts })}
        />
        <TextSetting
          label="Reworks a lane"
          hint={`How often work comes back from a conflict or a failed gate, ${limits.reworks.least} to ${limits.reworks.most}.`}
          error={problems.reworks}
          value={draft.reworks}
          onChange={(reworks) => change({ reworks })}
        />
        <TextSetting
          label="Stalled after"
          hint="A new run that is silent for this long is ended, and its task started afresh."
          error={problems.stall}
          value={draft.stall}
          onChange={(stall) => change({ stall })}
        />
      </Group>
    </FormDialog>
  );
}

function Group({ title, children }: { title: string; children: ReactNode }) {
  const titleId = useId();
  return (
    <section className="settings__group" aria-labelledby={titleId}>
      <h3 id={titleId}>{title}</h3>
      {children}
    </section>
  );
}

function TextSetting({
  label,
  hint,
  error,
  value,
  onChange,
}: {
  label: string;
  hint: string;
  error: string | undefined;
  value: string;
  onChange: (value: string) => void;
}) {
  return (
    <Field label={label} hint={hint} error={error ?? null}>
      {(input) => (
        <input {...input} value={value} autoComplete="off" onChange={(event) => onChange(event.target.value)} />
      )}
    </Field>
  );
}

/** Saves what the person changed since the form was opened, and nothing else. */
function useSettingsForm(project: OpenedProject) {
  const client = useClient();
  const call = useCall();
  const [opened] = useState(project);
  const [draft, setDraft] = useState(() => settingsDraft(opened));
  const [problems, setProblems] = useState<SettingsProblems>({});
  const [refusal, setRefusal] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  const change = (part: Partial<SettingsDraft>): void => {
    setDraft((before) => ({ ...before, ...part }));
    const touched = Object.keys(part);
    setProblems((before) => Object.fromEntries(Object.entries(before).filter(([field]) => !touched.includes(field))));
    setRefusal(null);
  };

  const save = async (): Promise<void> => {
    const read = readSettings(draft, opened);
    if (!read.ok) {
      setProblems(read.problems);
      return;
    }
    if (Object.keys(read.change).length === 0) {
      close();
      return;
    }
    setBusy(true);
    const { id: projectId } = opened;
    try {
      await client.call('project.configure', { projectId, ...read.change });
    } catch (error) {
      setRefusal(errorText(error));
      setBusy(false);
      return;
    }
    close();
    const undo = takenBack(opened, read.change);
    showToast({
      shape: 'done',
      text: 'Project settings saved.',
      action: { label: 'Undo', run: () => void call('project.configure', { projectId, ...undo }) },
    });
  };

  return { draft, problems, refusal, busy, change, save };
}
