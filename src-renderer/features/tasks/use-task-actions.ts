import { useMemo } from 'react';
import type { TaskView } from '#shared/contract/views.ts';
import { type Action, useActions } from '../../app/action-registry.ts';
import { goTo } from '../../app/location.ts';
import { setUi } from '../../app/ui-state.ts';
import { openTask, setTasksView, useTasksView } from './tasks-view-state.ts';
import { canCancel, canRetry, useTaskDeeds } from './use-task-deeds.ts';

const foundMax = 500;

/** Offers what the keyboard and the palette can do with tasks; what concerns one concerns the selected one. */
export function useTaskActions(tasks: readonly TaskView[]): void {
  const deeds = useTaskDeeds();
  const mode = useTasksView((state) => state.mode);
  const filtered = useTasksView((state) => state.query !== '');
  const selectedId = useTasksView((state) => state.selected);
  const selected = tasks.find((task) => task.id === selectedId);

  const general = useMemo(
    (): readonly Action[] => [
      {
        id: 'task.add',
        title: 'Add a task…',
        group: 'Tasks',
        icon: 'plus',
        shortcut: 'n',
        run: () => setTasksView({ overlay: { kind: 'add' } }),
      },
      {
        id: 'task.load',
        title: 'Load a plan…',
        group: 'Tasks',
        icon: 'file',
        shortcut: 'l',
        run: () => setTasksView({ overlay: { kind: 'load' } }),
      },
      {
        id: 'tasks.mode',
        title: mode === 'board' ? 'Show tasks as a list' : 'Show tasks as a board',
        group: 'Tasks',
        icon: mode === 'board' ? 'rows' : 'board',
        shortcut: 'v',
        run: () => setTasksView({ mode: mode === 'board' ? 'list' : 'board' }),
      },
      {
        id: 'tasks.filter',
        title: 'Filter tasks by text',
        group: 'Tasks',
        icon: 'search',
        shortcut: '/',
        run: () => setTasksView({ searching: true }),
      },
      {
        id: 'tasks.clear',
        title: 'Clear the filter',
        group: 'Tasks',
        shortcut: 'escape',
        when: filtered,
        run: () => setTasksView({ query: '', searching: false }),
      },
      { id: 'tasks.next', title: 'Next task', group: 'Tasks', shortcut: 'j', run: () => step(1) },
      { id: 'tasks.previous', title: 'Previous task', group: 'Tasks', shortcut: 'k', run: () => step(-1) },
    ],
    [mode, filtered],
  );
  useActions(general);

  const ofOne = useMemo((): readonly Action[] => {
    if (selected === undefined) return [];
    const group = `Task ${selected.key}`;
    const { laneId, laneNumber } = selected;
    return [
      { id: 'task.open', title: 'Open the task', group, icon: 'expand', run: () => openTask(selected.id) },
      {
        id: 'task.lane',
        title: `Go to lane ${laneNumber ?? ''}`.trim(),
        group,
        icon: 'lanes',
        shortcut: 'o',
        when: laneId !== null,
        run: () => {
          setUi({ laneId });
          goTo('lanes', laneId);
        },
      },
      {
        id: 'task.retry',
        title: 'Open the task again',
        group,
        icon: 'retry',
        shortcut: 'r',
        when: canRetry(selected),
        run: () => deeds.retry(selected),
      },
      {
        id: 'task.cancel',
        title: 'Cancel the task',
        group,
        icon: 'x',
        shortcut: 'shift+x',
        danger: true,
        when: canCancel(selected),
        run: () => deeds.cancel(selected),
      },
    ];
  }, [selected, deeds]);
  useActions(ofOne);

  const findable = useMemo(
    () =>
      tasks.slice(0, foundMax).map(
        (task): Action => ({
          id: `task.open.${task.id}`,
          title: `${task.key} ${task.title}`,
          group: 'Tasks',
          icon: 'tasks',
          found: true,
          run: () => openTask(task.id),
        }),
      ),
    [tasks],
  );
  useActions(findable);
}

/** Moves the focus to the card or row after or before the focused one. */
function step(by: 1 | -1): void {
  const stops = [...document.querySelectorAll<HTMLElement>('.task__open, .donelist__open, .trow')];
  const at = stops.findIndex((stop) => stop === document.activeElement);
  const next = at === -1 ? stops[0] : stops[Math.min(stops.length - 1, Math.max(0, at + by))];
  next?.focus();
}
