import { type DragEvent, useRef, useState } from 'react';
import type { DeployPlan } from '#shared/contract/service-views.ts';
import { useProjectId } from '../../../../app/current-project.ts';
import { fileProblems } from '../../../../app/file-problems.ts';
import { FileProblems } from '../../../../app/FileProblems.tsx';
import { errorText } from '../../../../app/use-call.ts';
import { useClient } from '../../../../client/ClientContext.tsx';
import { Button } from '../../../../ui/button/Button.tsx';
import { classNames } from '../../../../ui/class-names.ts';
import { Field } from '../../../../ui/field/Field.tsx';
import { Segmented } from '../../../../ui/field/Segmented.tsx';
import { Icon } from '../../../../ui/icon/Icon.tsx';
import { Mark } from '../../../../ui/icon/Mark.tsx';
import { Banner } from '../../../../ui/state/Banner.tsx';
import { PlanEntries, planRefusal } from '../PlanEntries.tsx';
import { SecretValue } from '../SecretValue.tsx';
import { type Latest, useLatest } from '../use-latest.ts';

type Format = 'compose' | 'gantry';

/** A file that is about to be imported, with its plan. */
export interface ImportFile {
  readonly text: string;
  readonly fileName: string;
  readonly format: Format;
  /** Lines of NAME=value for what the file leaves open. */
  readonly env: string;
  readonly plan: Latest<DeployPlan>;
  readonly refusal: string | null;
  /** Why it cannot be imported now; null when it can. */
  readonly reason: string | null;
  change(part: { text?: string; fileName?: string; format?: Format; env?: string }): void;
  lookAgain(): void;
  refuse(why: string): void;
  apply(done: (deployed: number) => void): Promise<void>;
}

/** See `ImportFile`. */
export function useImport(): ImportFile {
  const client = useClient();
  const projectId = useProjectId();
  const [draft, setDraft] = useState({ text: '', fileName: 'compose.yaml', format: 'compose' as Format, env: '' });
  const [turn, setTurn] = useState(0);
  const [refusal, setRefusal] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const isEmpty = draft.text.trim() === '';
  const question = (id: NonNullable<typeof projectId>) => {
    const { text, fileName, format, env } = draft;
    return { projectId: id, text, fileName, format, env: variablesOf(env) };
  };
  const plan = useLatest(isEmpty || projectId === null ? null : `${turn} ${JSON.stringify(draft)}`, () => {
    if (projectId === null) throw new Error('No project is shown.');
    return client.call('stack.plan', question(projectId));
  });
  const reason = busy
    ? 'It is being imported.'
    : isEmpty
      ? 'Choose, drop or paste a file.'
      : plan.problem !== null
        ? 'The file has to be put right first.'
        : plan.isOld || plan.answer === null
          ? 'The plan is being computed.'
          : planRefusal(plan.answer);
  return {
    ...draft,
    plan,
    refusal,
    reason,
    change: (part) => {
      setDraft((before) => ({ ...before, ...part }));
      setRefusal(null);
    },
    lookAgain: () => setTurn((before) => before + 1),
    refuse: setRefusal,
    apply: async (done) => {
      if (projectId === null || reason !== null || plan.answer === null) return;
      setBusy(true);
      setRefusal(null);
      try {
        const { deployed } = await client.call('stack.apply', {
          ...question(projectId),
          fingerprint: plan.answer.fingerprint,
        });
        done(deployed.filter(({ unchanged }) => !unchanged).length);
      } catch (error) {
        setRefusal(errorText(error));
        setTurn((before) => before + 1);
      } finally {
        setBusy(false);
      }
    },
  };
}

function variablesOf(text: string): Record<string, string> {
  const pairs = text.split('\n').flatMap((line) => {
    const at = line.indexOf('=');
    return at > 0 ? [[line.slice(0, at).trim(), line.slice(at + 1)] as const] : [];
  });
  return Object.fromEntries(pairs);
}

/** A file that is chosen, dropped or pasted, and what importing it would do. */
export function ImportPanel({ file }: { file: ImportFile }) {
  const chooser = useRef<HTMLInputElement>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  const [over, setOver] = useState(false);
  const read = async (chosen: File | undefined): Promise<void> => {
    if (chosen === undefined) return;
    try {
      const text = await chosen.text();
      file.change({ text, fileName: chosen.name, format: /^kind:/m.test(text) ? 'gantry' : 'compose' });
    } catch (error) {
      file.refuse(`${chosen.name} cannot be read: ${errorText(error)}`);
    }
  };
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    setOver(false);
    void read(event.dataTransfer.files[0]);
  };
  const places = fileProblems(file.plan.error);
  const hasVariables = /\$\{?[A-Za-z_]/.test(file.text) && file.format === 'compose';
  return (
    <div
      className={classNames('simport', over && 'simport--over')}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <div className="simport__file">
        <div className="simport__tools">
          <input
            ref={chooser}
            className="sr"
            type="file"
            tabIndex={-1}
            aria-label="File to import"
            accept=".yaml,.yml,text/yaml"
            onChange={(event) => void read(event.target.files?.[0])}
          />
          <Button icon="file" onClick={() => chooser.current?.click()}>
            Choose a file…
          </Button>
          <Segmented
            label="Format"
            chosen={file.format}
            onChoose={(format) => file.change({ format })}
            items={[
              { id: 'compose', label: 'Compose' },
              { id: 'gantry', label: 'Gantry' },
            ]}
          />
          <span className="tertiary truncate">{file.fileName}</span>
        </div>
        <textarea
          ref={field}
          className="stext__area mono"
          aria-label="Text of the file"
          aria-invalid={file.plan.problem !== null ? true : undefined}
          spellCheck={false}
          placeholder="Drop a file here, or paste one."
          value={file.text}
          onChange={(event) => file.change({ text: event.target.value })}
        />
        {hasVariables && (
          <Field label="Variables" tall hint="NAME=value, one a line, for what the file writes as ${NAME}.">
            {(input) => (
              <textarea
                {...input}
                className="mono"
                rows={2}
                spellCheck={false}
                value={file.env}
                onChange={(event) => file.change({ env: event.target.value })}
              />
            )}
          </Field>
        )}
        {file.plan.problem !== null && (
          <FileProblems
            lead={places.length === 0 ? file.plan.problem : null}
            problems={places}
            text={file.text}
            field={field}
          />
        )}
      </div>
      <ImportPlan file={file} />
    </div>
  );
}

function ImportPlan({ file }: { file: ImportFile }) {
  const { answer, isOld, problem } = file.plan;
  return (
    <section className="simport__plan" aria-label="Plan" tabIndex={0}>
      {file.refusal !== null && (
        <Banner tone="failed" urgent lead={<Mark shape="failed" label="Failed" />}>
          {file.refusal}
        </Banner>
      )}
      {answer === null || problem !== null || file.text.trim() === '' ? (
        <p className="secondary">What importing it would make and change appears here. Nothing is touched before.</p>
      ) : (
        <div className={classNames('simport__answer', isOld && 'is-stale')}>
          {answer.unsupported.length > 0 && (
            <Notes title="Left out: Gantry does not do this" lines={answer.unsupported} failed />
          )}
          {answer.warnings.length > 0 && <Notes title="Worth knowing" lines={answer.warnings} />}
          <PlanEntries
            plan={answer}
            renderAside={(entry) =>
              entry.kind === 'secret' &&
              entry.action === 'blocked' && <SecretValue name={entry.name} onSet={file.lookAgain} />
            }
          />
        </div>
      )}
    </section>
  );
}

function Notes({ title, lines, failed = false }: { title: string; lines: readonly string[]; failed?: boolean }) {
  return (
    <section className={classNames('simport__notes', failed && 'simport__notes--out')} aria-label={title}>
      <h3>
        <Icon name="alert" small /> {title}
      </h3>
      <ul>
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </section>
  );
}
