import type { TaskView } from '#shared/contract/views.ts';
import { agentRefSchema } from '#shared/model/agent.ts';
import { type TaskKey, taskKeySchema } from '#shared/model/ids.ts';
import { prioritySchema, type TaskSpec } from '#shared/model/task.ts';

/** A task as it stands in the form: everything is text. */
export interface TaskDraft {
  readonly key: string;
  readonly title: string;
  readonly prompt: string;
  readonly priority: string;
  readonly phase: string;
  /** Keys, separated by commas or spaces. */
  readonly dependsOn: string;
  /** Paths, separated by commas or line ends. */
  readonly paths: string;
  /** Empty for any. */
  readonly agent: string;
  readonly gate: string;
}

export const emptyDraft: TaskDraft = {
  key: '',
  title: '',
  prompt: '',
  priority: '3',
  phase: '',
  dependsOn: '',
  paths: '',
  agent: '',
  gate: '',
};

/** The form of a task that exists. */
export function draftOf(task: TaskView): TaskDraft {
  return {
    key: task.key,
    title: task.title,
    prompt: task.prompt,
    priority: String(task.priority),
    phase: task.phase,
    dependsOn: task.dependsOn.join(', '),
    paths: task.paths.join(', '),
    agent: task.agent ?? '',
    gate: task.gate ?? '',
  };
}

/** What is wrong with a draft, by field; whole sentences. */
export type DraftProblems = { readonly [Field in keyof TaskDraft]?: string };

export type ReadDraft =
  | { readonly ok: true; readonly spec: Omit<TaskSpec, 'key'> & { readonly key?: TaskKey } }
  | { readonly ok: false; readonly problems: DraftProblems };

/** Reads a form. `known` are the keys that may be depended on, `ownKey` that of the task being edited. */
export function readDraft(draft: TaskDraft, known: ReadonlySet<string>, ownKey: TaskKey | null): ReadDraft {
  const problems: { -readonly [Field in keyof TaskDraft]?: string } = {};
  const title = draft.title.trim();
  if (title === '') problems.title = 'Write what is to be done, in a few words.';
  else if (title.length > 300) problems.title = 'At most 300 characters. Put the rest into the prompt.';

  const keyText = draft.key.trim();
  const key = keyText === '' ? null : taskKeySchema.safeParse(keyText);
  if (key !== null && !key.success) problems.key = 'Letters, digits, dot, dash and underscore, at most 64.';
  else if (ownKey === null && known.has(keyText)) problems.key = `${keyText} exists already. Choose another key.`;

  const dependsOn = listOf(draft.dependsOn, /[\s,]+/);
  const unknown = dependsOn.filter((each) => !known.has(each));
  if (unknown.length > 0) problems.dependsOn = `${unknown.join(', ')} is not a task of this project.`;
  else if (ownKey !== null && dependsOn.includes(ownKey)) problems.dependsOn = 'A task cannot wait for itself.';

  const priority = prioritySchema.safeParse(Number(draft.priority));
  if (!priority.success) problems.priority = 'A whole number from 1 (most urgent) to 5.';
  if (draft.phase.trim().length > 80) problems.phase = 'At most 80 characters.';
  const agent = draft.agent === '' ? null : agentRefSchema.safeParse(draft.agent);
  if (agent !== null && !agent.success) problems.agent = 'Not an agent that Gantry knows.';
  if (Object.keys(problems).length > 0 || !priority.success) return { ok: false, problems };
  return {
    ok: true,
    spec: {
      ...(key?.success ? { key: key.data } : {}),
      title,
      prompt: draft.prompt,
      dependsOn: dependsOn.map((each) => taskKeySchema.parse(each)),
      priority: priority.data,
      phase: draft.phase.trim(),
      paths: listOf(draft.paths, /[,\n]+/),
      agent: agent?.success ? agent.data : null,
      gate: draft.gate.trim() === '' ? null : draft.gate.trim(),
    },
  };
}

function listOf(text: string, separator: RegExp): string[] {
  const parts = text.split(separator).map((part) => part.trim());
  return [...new Set(parts.filter((part) => part !== ''))];
}
