import { useState } from 'react';
import type { TaskView } from '#shared/contract/views.ts';
import type { TaskKey } from '#shared/model/ids.ts';
import { errorText } from '../../app/use-call.ts';
import { type DraftProblems, readDraft, type ReadDraft, type TaskDraft } from './task-draft.ts';

type Spec = Extract<ReadDraft, { ok: true }>['spec'];

/** A form that reads itself, says what is wrong field by field, and saves what is right. */
export function useTaskForm(
  start: TaskDraft,
  tasks: readonly TaskView[],
  ownKey: TaskKey | null,
  save: (spec: Spec) => Promise<void>,
) {
  const [draft, setDraft] = useState(start);
  const [problems, setProblems] = useState<DraftProblems>({});
  const [refusal, setRefusal] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  const change = (part: Partial<TaskDraft>): void => {
    setDraft((before) => ({ ...before, ...part }));
    const touched = Object.keys(part);
    setProblems((before) => Object.fromEntries(Object.entries(before).filter(([field]) => !touched.includes(field))));
    setRefusal(null);
  };

  const submit = async (): Promise<void> => {
    if (busy) return;
    const read = readDraft(draft, new Set<string>(tasks.map((task) => task.key)), ownKey);
    if (!read.ok) {
      setProblems(read.problems);
      return;
    }
    setBusy(true);
    try {
      await save(read.spec);
    } catch (error) {
      setRefusal(errorText(error));
    } finally {
      setBusy(false);
    }
  };

  const phases = [...new Set(tasks.map((task) => task.phase))].filter((phase) => phase !== '');
  return { draft, problems, refusal, busy, change, submit, phases };
}
