import { useMemo, useState } from 'react';
import type { DeployPlan } from '#shared/contract/service-views.ts';
import type { ProjectId } from '#shared/model/ids.ts';
import type { StackName } from '#shared/model/service-ids.ts';
import { type ServiceSpec, serviceSpecSchema } from '#shared/model/service-spec.ts';
import { type FileProblem, fileProblems } from '../../../../app/file-problems.ts';
import { errorText } from '../../../../app/use-call.ts';
import { useClient } from '../../../../client/ClientContext.tsx';
import { planRefusal } from '../PlanEntries.tsx';
import { type Latest, useLatest } from '../use-latest.ts';
import { type DraftProblems, readDraft } from './read-draft.ts';
import { draftOf, type ServiceDraft } from './service-draft.ts';

const textFileName = 'service.yaml';

/** What a deploy is about: a new service, or the newest revision of one. */
export interface DeploySubject {
  readonly projectId: ProjectId;
  readonly stack: StackName;
  /** Null for a new service. */
  readonly spec: ServiceSpec | null;
  /** The newest revision's number as it was when the form was opened. */
  readonly revisions: number;
  /** Names that are taken, for a new one. */
  readonly taken: ReadonlySet<string>;
}

/** A service in the making, as form and as text; both are the same spec. */
export interface DeployForm {
  readonly mode: 'form' | 'text';
  readonly draft: ServiceDraft;
  /** Shown once the field was left or a deploy was tried. */
  readonly problems: DraftProblems;
  readonly text: string;
  readonly textProblems: readonly FileProblem[];
  /** Why the text cannot be read, where no place is named. */
  readonly textRefusal: string | null;
  readonly plan: Latest<DeployPlan>;
  /** Why it cannot be deployed now; null when it can. */
  readonly reason: string | null;
  readonly dirty: boolean;
  readonly refusal: string | null;
  change(part: Partial<ServiceDraft>): void;
  changeText(text: string): void;
  show(mode: 'form' | 'text'): Promise<void>;
  /** Asks for the plan again: what stood against it may be gone. */
  lookAgain(): void;
  deploy(done: (revision: number, unchanged: boolean, name: string) => void): Promise<void>;
}

const newService = serviceSpecSchema.parse({ name: 'web', image: { kind: 'image', reference: 'x' } });

/** See `DeployForm`. */
export function useDeployForm(subject: DeploySubject): DeployForm {
  const client = useClient();
  const [start] = useState<ServiceDraft>(() =>
    subject.spec === null ? { ...draftOf(newService), name: '', reference: '' } : draftOf(subject.spec),
  );
  const [base, setBase] = useState(subject.spec);
  const [draft, setDraft] = useState(start);
  const [mode, setMode] = useState<'form' | 'text'>('form');
  const [text, setText] = useState('');
  const [isTouched, setTouched] = useState(false);
  const [refusal, setRefusal] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [turn, setTurn] = useState(0);

  const read = useMemo(() => readDraft(draft, base), [draft, base]);
  const textRead = useLatest(mode === 'text' ? text : null, () => readText(text));
  const textSpec = textRead.isOld || textRead.error !== null ? null : textRead.answer;
  const spec = mode === 'text' ? textSpec : read.ok ? read.spec : null;

  async function readText(content: string): Promise<ServiceSpec> {
    const { services } = await client.call('stack.read', { format: 'gantry', fileName: textFileName, text: content });
    const [only, ...others] = services;
    if (only === undefined || others.length > 0) throw new Error('Expected exactly one document of kind: Service.');
    if (subject.spec !== null && only.name !== subject.spec.name) {
      throw new Error(`The name stays ${subject.spec.name}: another name would be another service.`);
    }
    return only;
  }

  const { projectId, stack } = subject;
  const planKey = spec === null ? null : `${turn} ${JSON.stringify(spec)}`;
  const plan = useLatest(planKey, () => {
    if (spec === null) throw new Error('There is nothing to plan.');
    return client.call('service.plan', { projectId, stack, spec });
  });

  const problems: DraftProblems = read.ok ? {} : read.problems;
  const isTaken = subject.spec === null && spec !== null && subject.taken.has(spec.name);
  const shown: DraftProblems = isTaken
    ? { name: `There is a service ${spec.name} already. Edit that one, or take another name.` }
    : isTouched
      ? problems
      : {};

  const reason = (): string | null => {
    if (busy) return 'It is being deployed.';
    if (mode === 'form' && !read.ok) return formReason(problems);
    if (mode === 'text' && textRead.isOld) return 'The text is being read.';
    if (mode === 'text' && textRead.error !== null) return 'The text has to be put right first.';
    if (isTaken) return shown['name'] ?? null;
    if (plan.problem !== null) return plan.problem;
    if (plan.isOld || plan.answer === null) return 'The plan is being computed.';
    return planRefusal(plan.answer);
  };

  return {
    mode,
    draft,
    problems: shown,
    text,
    textProblems: fileProblems(textRead.error),
    textRefusal: textRead.problem,
    plan,
    reason: reason(),
    dirty: mode === 'text' ? true : JSON.stringify(draft) !== JSON.stringify(start),
    refusal,
    change: (part) => {
      setDraft((before) => ({ ...before, ...part }));
      setRefusal(null);
      // A form that was just opened is not reproached with what is still empty.
      if (subject.spec !== null) setTouched(true);
    },
    changeText: (next) => {
      setText(next);
      setRefusal(null);
    },
    show: async (next) => {
      if (next === mode) return;
      setRefusal(null);
      try {
        if (next === 'text') {
          if (!read.ok) {
            setTouched(true);
            setRefusal('Put the marked fields right first: what is wrong cannot be written as text.');
            return;
          }
          setText((await client.call('stack.write', { services: [read.spec] })).text);
        } else {
          const fromText = await readText(text);
          setBase(fromText);
          setDraft(draftOf(fromText));
        }
        setMode(next);
      } catch (error) {
        setRefusal(next === 'form' ? 'Put the text right first: it cannot be shown as a form yet.' : errorText(error));
      }
    },
    lookAgain: () => setTurn((before) => before + 1),
    deploy: async (done) => {
      setTouched(true);
      if (spec === null || reason() !== null) return;
      setBusy(true);
      setRefusal(null);
      try {
        const { revision, unchanged } = await client.call('service.deploy', {
          projectId,
          stack,
          spec,
          expectedRevisions: subject.revisions,
        });
        done(revision, unchanged, spec.name);
      } catch (error) {
        setRefusal(errorText(error));
        setTurn((before) => before + 1);
      } finally {
        setBusy(false);
      }
    },
  };
}

/** What of an unfinished form is missing, the first thing first. */
function formReason(problems: DraftProblems): string {
  if ('name' in problems) return 'It needs a name.';
  if ('image.reference' in problems) return 'It needs an image.';
  const [first] = Object.entries(problems);
  if (first === undefined) return 'It is not complete.';
  const count = Object.keys(problems).length;
  return count === 1 ? `${first[0]}: ${first[1]}` : `${count} fields have to be put right, such as ${first[0]}.`;
}
