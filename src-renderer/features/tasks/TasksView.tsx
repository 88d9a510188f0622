import { useMemo } from 'react';
import { useTimeText } from '../../client/host-clock.ts';
import { useConnection } from '../../client/use-stream.ts';
import { Button } from '../../ui/button/Button.tsx';
import { classNames } from '../../ui/class-names.ts';
import { Blank } from '../../ui/state/Blank.tsx';
import { Bones } from '../../ui/state/Bones.tsx';
import { Board } from './Board.tsx';
import { CancelDialog } from './CancelDialog.tsx';
import { CriticalPath } from './CriticalPath.tsx';
import { LoadPlanDialog } from './LoadPlanDialog.tsx';
import { AddTaskDialog, TaskDialog } from './TaskDialog.tsx';
import { TaskList } from './TaskList.tsx';
import { TasksHead } from './TasksHead.tsx';
import { matchesQuery } from './task-text.ts';
import { setTasksView, useTasksView } from './tasks-view-state.ts';
import { useTaskActions } from './use-task-actions.ts';
import { useTasks } from './use-tasks.ts';
import './tasks.css';

/** Ages and forecasts change no faster than this. */
const stepMs = 5_000;

/** The plan: what is done, what runs, what waits for what, and when it ends. */
export default function TasksView() {
  const { state, tasks } = useTasks();
  const mode = useTasksView((view) => view.mode);
  const query = useTasksView((view) => view.query);
  const isOld = useConnection().state !== 'live';
  const nowMs = Number(useTimeText((hostNowMs) => String(Math.floor(hostNowMs / stepMs) * stepMs)));
  useTaskActions(tasks);
  const passing = useMemo(() => tasks.filter((task) => matchesQuery(task, query)), [tasks, query]);

  return (
    <div className={classNames('tasks', isOld && 'is-stale')}>
      {state.state === 'loading' && <Bones rows={9} label="Loading tasks" />}
      {state.state === 'failed' && (
        <Blank roomy heading="h1" shape="failed" title="Tasks cannot be shown.">
          <p>{state.error.message}</p>
        </Blank>
      )}
      {state.state === 'ready' && tasks.length === 0 && <NoTasks />}
      {state.state === 'ready' && tasks.length > 0 && (
        <>
          <TasksHead tasks={tasks} nowMs={nowMs} />
          <CriticalPath tasks={tasks} nowMs={nowMs} />
          {passing.length === 0 ? (
            <NothingMatches query={query} hidden={tasks.length} />
          ) : mode === 'board' ? (
            <Board tasks={passing} all={tasks} nowMs={nowMs} />
          ) : (
            <TaskList tasks={passing} nowMs={nowMs} />
          )}
        </>
      )}
      <Overlays />
    </div>
  );
}

function Overlays() {
  const { tasks } = useTasks();
  const overlay = useTasksView((view) => view.overlay);
  if (overlay.kind === 'add') return <AddTaskDialog tasks={tasks} />;
  if (overlay.kind === 'load') return <LoadPlanDialog />;
  if (overlay.kind !== 'task' && overlay.kind !== 'cancel') return null;
  const task = tasks.find((each) => each.id === overlay.taskId);
  if (task === undefined) return null;
  return overlay.kind === 'cancel' ? (
    <CancelDialog task={task} />
  ) : (
    <TaskDialog key={task.id} task={task} tasks={tasks} />
  );
}

function NoTasks() {
  return (
    <Blank
      roomy
      heading="h1"
      title="No tasks yet."
      actions={
        <>
          <Button size="small" variant="primary" icon="plus" onClick={() => setTasksView({ overlay: { kind: 'add' } })}>
            Add a task
          </Button>
          <Button size="small" icon="file" onClick={() => setTasksView({ overlay: { kind: 'load' } })}>
            Load a plan…
          </Button>
        </>
      }
    >
      <p>A task is one piece of work for one agent. Each goes to exactly one lane.</p>
    </Blank>
  );
}

function NothingMatches({ query, hidden }: { query: string; hidden: number }) {
  return (
    <div className="tasks__nothing">
      <Blank
        roomy
        title={`No task matches “${query}”.`}
        actions={
          <Button size="small" shortcut="escape" onClick={() => setTasksView({ query: '', searching: false })}>
            Clear filter
          </Button>
        }
      >
        <p>{hidden === 1 ? '1 task is hidden by the filter.' : `${hidden} tasks are hidden by the filter.`}</p>
      </Blank>
    </div>
  );
}
