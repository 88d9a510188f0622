import { useMemo } from 'react';
import type { TaskView } from '#shared/contract/views.ts';
import type { TaskId } from '#shared/model/ids.ts';
import { IconButton } from '../../ui/button/IconButton.tsx';
import { classNames } from '../../ui/class-names.ts';
import { type GridRowProps, VirtualGrid } from '../../ui/data/VirtualGrid.tsx';
import { Mark } from '../../ui/icon/Mark.tsx';
import { AgentBadge } from '../../ui/label/AgentBadge.tsx';
import { Menu, type MenuEntry } from '../../ui/overlay/Menu.tsx';
import { bucketOf, taskBuckets, taskShape, taskStatusWord } from './task-bucket.ts';
import { timeText, waitsText } from './task-text.ts';
import { openTask, setTasksView, useTasksView } from './tasks-view-state.ts';
import { canCancel, canRetry, type TaskDeeds, useTaskDeeds } from './use-task-deeds.ts';
import './task-list.css';

const rowHeight = 33;

/** All tasks in rows, the most urgent first. */
export function TaskList({ tasks, nowMs }: { tasks: readonly TaskView[]; nowMs: number }) {
  const deeds = useTaskDeeds();
  const selected = useTasksView((state) => state.selected);
  const rows = useMemo(
    () =>
      tasks.toSorted(
        (a, b) => taskBuckets.indexOf(bucketOf(a)) - taskBuckets.indexOf(bucketOf(b)) || a.order - b.order,
      ),
    [tasks],
  );
  return (
    <div className="tlist">
      <VirtualGrid
        label="Tasks"
        head={<ListHead />}
        rows={rows}
        keyOf={(task) => task.id}
        heightOf={() => rowHeight}
        stopKey={rows.some((task) => task.id === selected) ? selected : null}
        onMove={(key) => setTasksView({ selected: key as TaskId })}
        onOpen={(key) => openTask(key as TaskId)}
        renderRow={(task, gridRow) => (
          <Row
            key={task.id}
            task={task}
            gridRow={gridRow}
            selected={task.id === selected}
            nowMs={nowMs}
            deeds={deeds}
          />
        )}
      />
    </div>
  );
}

function ListHead() {
  return (
    <div className="tlist__head" role="row" aria-rowindex={1}>
      <span role="columnheader">
        <span className="sr">State</span>
      </span>
      <span role="columnheader">Key</span>
      <span role="columnheader">Task</span>
      <span role="columnheader" className="trow__phase">
        Phase
      </span>
      <span role="columnheader">Waits for, or lane</span>
      <span role="columnheader" className="num">
        Priority
      </span>
      <span role="columnheader" className="num">
        Time
      </span>
      <span role="columnheader">
        <span className="sr">Actions</span>
      </span>
    </div>
  );
}

function Row({
  task,
  gridRow,
  selected,
  nowMs,
  deeds,
}: {
  task: TaskView;
  gridRow: GridRowProps;
  selected: boolean;
  nowMs: number;
  deeds: TaskDeeds;
}) {
  const { shown } = task;
  return (
    <div
      {...gridRow}
      className={classNames('trow', selected && 'trow--selected', shown === 'waiting' && 'trow--waiting')}
      aria-selected={selected}
      onDoubleClick={() => openTask(task.id)}
    >
      <span role="gridcell">
        <Mark shape={taskShape[shown]} label={taskStatusWord[shown]} />
      </span>
      <span role="gridcell" className="task__id truncate">
        {task.key}
      </span>
      <span role="gridcell" className="trow__title">
        <button type="button" className="truncate" tabIndex={-1} onClick={() => openTask(task.id)}>
          {task.title}
        </button>
        {task.critical && <span className="task__crit">critical</span>}
      </span>
      <span role="gridcell" className="trow__phase truncate secondary">
        {task.phase}
      </span>
      <span role="gridcell" className="trow__where truncate secondary" title={task.note ?? undefined}>
        <Where task={task} />
      </span>
      <span role="gridcell" className="num secondary">
        P{task.priority}
      </span>
      <span role="gridcell" className="num secondary">
        {timeText(task, nowMs)}
      </span>
      <span role="gridcell">
        <Menu
          align="end"
          entries={menuOf(task, deeds)}
          trigger={<IconButton icon="more" label={`Actions of ${task.key}`} tabIndex={-1} />}
        />
      </span>
    </div>
  );
}

function Where({ task }: { task: TaskView }) {
  if (task.shown === 'failed') return task.note ?? 'failed';
  if (task.shown === 'blocked') return waitsText(task);
  if (task.laneNumber === null) return task.note ?? '';
  return (
    <>
      {task.agentShort !== null && <AgentBadge short={task.agentShort} />} lane {task.laneNumber}
    </>
  );
}

/** What can be done with a task, as lines of a menu. */
function menuOf(task: TaskView, deeds: TaskDeeds): MenuEntry[] {
  const entries: MenuEntry[] = [
    { kind: 'item', id: 'open', label: 'Open', icon: 'expand', run: () => openTask(task.id) },
  ];
  if (canRetry(task))
    entries.push({ kind: 'item', id: 'retry', label: 'Open again', icon: 'retry', run: () => deeds.retry(task) });
  if (canCancel(task)) {
    entries.push({ kind: 'separator', id: 'rule' });
    entries.push({
      kind: 'item',
      id: 'cancel',
      label: 'Cancel task',
      icon: 'x',
      danger: true,
      run: () => deeds.cancel(task),
    });
  }
  return entries;
}
