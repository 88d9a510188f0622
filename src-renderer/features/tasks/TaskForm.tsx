import { useId, type RefObject } from 'react';
import { spawnableAgents, useMachine } from '../../app/machine.ts';
import { Field } from '../../ui/field/Field.tsx';
import type { DraftProblems, TaskDraft } from './task-draft.ts';

const priorities = ['1, most urgent', '2', '3, as usual', '4', '5, least urgent'] as const;

/** The fields of a task, new or not. */
export function TaskForm({
  formId,
  draft,
  problems,
  isNew,
  phases,
  first,
  onChange,
  onSubmit,
}: {
  formId: string;
  draft: TaskDraft;
  problems: DraftProblems;
  isNew: boolean;
  /** Phases that exist, to choose from. */
  phases: readonly string[];
  first: RefObject<HTMLInputElement | null>;
  onChange: (change: Partial<TaskDraft>) => void;
  onSubmit: () => void;
}) {
  const phasesId = useId();
  const { machine } = useMachine();
  const agents = spawnableAgents(machine);
  const isOther = draft.agent !== '' && !agents.some((agent) => agent.ref === draft.agent);
  return (
    <form
      id={formId}
      className="tform"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      <div className="tform__wide">
        <Field label="Title" error={problems.title ?? null}>
          {(input) => (
            <input
              {...input}
              ref={first}
              value={draft.title}
              autoComplete="off"
              onChange={(event) => onChange({ title: event.target.value })}
            />
          )}
        </Field>
      </div>
      <div className="tform__wide">
        <Field label="Prompt" tall hint="What the agent is told. Markdown is fine." error={problems.prompt ?? null}>
          {(input) => (
            <textarea
              {...input}
              rows={6}
              value={draft.prompt}
              onChange={(event) => onChange({ prompt: event.target.value })}
            />
          )}
        </Field>
      </div>
      {isNew && (
        <Field label="Key" hint="Without one, the next free T-number." error={problems.key ?? null}>
          {(input) => (
            <input
              {...input}
              value={draft.key}
              autoComplete="off"
              onChange={(event) => onChange({ key: event.target.value })}
            />
          )}
        </Field>
      )}
      <Field label="Priority" error={problems.priority ?? null}>
        {(input) => (
          <select {...input} value={draft.priority} onChange={(event) => onChange({ priority: event.target.value })}>
            {priorities.map((text, at) => (
              <option key={text} value={at + 1}>
                {text}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field label="Phase" hint="A column of the board." error={problems.phase ?? null}>
        {(input) => (
          <>
            <input
              {...input}
              list={phasesId}
              value={draft.phase}
              autoComplete="off"
              onChange={(event) => onChange({ phase: event.target.value })}
            />
            <datalist id={phasesId}>
              {phases.map((phase) => (
                <option key={phase} value={phase}>
                  {phase}
                </option>
              ))}
            </datalist>
          </>
        )}
      </Field>
      <Field label="Depends on" hint="Keys, such as T-3, T-7." error={problems.dependsOn ?? null}>
        {(input) => (
          <input
            {...input}
            value={draft.dependsOn}
            autoComplete="off"
            onChange={(event) => onChange({ dependsOn: event.target.value })}
          />
        )}
      </Field>
      <Field label="Agent" error={problems.agent ?? null}>
        {(input) => (
          <select {...input} value={draft.agent} onChange={(event) => onChange({ agent: event.target.value })}>
            <option value="">Any</option>
            {agents.map((agent) => (
              <option key={agent.ref} value={agent.ref}>
                {agent.name}
              </option>
            ))}
            {isOther && <option value={draft.agent}>{draft.agent}</option>}
          </select>
        )}
      </Field>
      <Field label="Paths" hint="What it will touch, for the forecast." error={problems.paths ?? null}>
        {(input) => (
          <input
            {...input}
            value={draft.paths}
            autoComplete="off"
            onChange={(event) => onChange({ paths: event.target.value })}
          />
        )}
      </Field>
      <div className="tform__wide">
        <Field
          label="Gate"
          hint="One more command that must pass before its work is merged."
          error={problems.gate ?? null}
        >
          {(input) => (
            <input
              {...input}
              className="mono"
              value={draft.gate}
              autoComplete="off"
              spellCheck={false}
              onChange={(event) => onChange({ gate: event.target.value })}
            />
          )}
        </Field>
      </div>
    </form>
  );
}
