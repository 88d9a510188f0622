import { useEffect, useRef } from 'react';
import type { TaskView } from '#shared/contract/views.ts';
import { Button } from '../../ui/button/Button.tsx';
import { IconButton } from '../../ui/button/IconButton.tsx';
import { Segmented } from '../../ui/field/Segmented.tsx';
import { Icon } from '../../ui/icon/Icon.tsx';
import { Kbd } from '../../ui/label/Kbd.tsx';
import { PageHead } from '../../ui/state/PageHead.tsx';
import { taskEvidence, taskHeadline } from './task-headline.ts';
import { setTasksView, useTasksView } from './tasks-view-state.ts';

const modes = [
  { id: 'board', label: 'Board', icon: 'board' },
  { id: 'list', label: 'List', icon: 'rows' },
] as const;

/** The sentence, what it rests on, and what can be done with the plan. */
export function TasksHead({ tasks, nowMs }: { tasks: readonly TaskView[]; nowMs: number }) {
  const mode = useTasksView((state) => state.mode);
  return (
    <PageHead
      sentence={taskHeadline(tasks, nowMs)}
      evidence={taskEvidence(tasks)}
      actions={
        <>
          <TextFilter />
          <Segmented label="View" items={modes} chosen={mode} onChoose={(next) => setTasksView({ mode: next })} />
          <Button
            icon="file"
            aria-label="Load a plan…"
            title="Load a plan… (L)"
            onClick={() => setTasksView({ overlay: { kind: 'load' } })}
          >
            <span className="wide">Load a plan…</span>
          </Button>
          <Button
            icon="plus"
            aria-label="Task"
            title="Add a task… (N)"
            onClick={() => setTasksView({ overlay: { kind: 'add' } })}
          >
            <span className="wide">Task</span>
          </Button>
        </>
      }
    />
  );
}

/** The field of the text filter; a button until it is asked for. */
function TextFilter() {
  const query = useTasksView((state) => state.query);
  const searching = useTasksView((state) => state.searching);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (searching) field.current?.focus();
  }, [searching]);
  if (!searching && query === '') {
    return (
      <IconButton
        icon="search"
        label="Filter by text"
        size="medium"
        shortcut="/"
        onClick={() => setTasksView({ searching: true })}
      />
    );
  }
  return (
    <label className="searchbox tasks__search">
      <Icon name="search" small />
      <input
        ref={field}
        value={query}
        aria-label="Filter tasks by text"
        placeholder="Filter"
        onChange={(event) => setTasksView({ query: event.target.value })}
        onBlur={() => setTasksView({ searching: false })}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return;
          event.stopPropagation();
          setTasksView({ query: '', searching: false });
        }}
      />
      <Kbd shortcut="escape" />
    </label>
  );
}
