import type { TaskView } from '#shared/contract/views.ts';
import { classNames } from '../../ui/class-names.ts';
import { Icon } from '../../ui/icon/Icon.tsx';
import { Mark } from '../../ui/icon/Mark.tsx';
import { AgentBadge } from '../../ui/label/AgentBadge.tsx';
import { taskShape, taskStatusWord } from './task-bucket.ts';
import { timeText, waitsText } from './task-text.ts';
import { openTask, setTasksView } from './tasks-view-state.ts';

/** One unfinished task. A click anywhere on it opens it. */
export function TaskCard({ task, nowMs }: { task: TaskView; nowMs: number }) {
  const { shown, critical, priority, note } = task;
  return (
    <article
      className={classNames('task', critical && 'task--critical', shown === 'waiting' && 'task--waiting')}
      data-key={task.key}
    >
      <div className="task__top">
        <Mark shape={taskShape[shown]} label={taskStatusWord[shown]} small />
        <span className="task__id">{task.key}</span>
        {critical && <span className="task__crit">critical</span>}
        {shown === 'ready' && (
          <span className="task__prio" title={`Priority ${priority}`}>
            P{priority}
          </span>
        )}
        <span className="task__time truncate" title={shown === 'failed' ? (note ?? undefined) : undefined}>
          {shown === 'failed' ? note : timeText(task, nowMs)}
        </span>
      </div>
      <h4>
        <button
          type="button"
          className="task__open"
          onFocus={() => setTasksView({ selected: task.id })}
          onClick={() => openTask(task.id)}
        >
          {task.title}
        </button>
      </h4>
      <div className="task__foot">
        <Foot task={task} />
      </div>
    </article>
  );
}

function Foot({ task }: { task: TaskView }) {
  const { shown, agentShort, laneNumber, note } = task;
  if (shown === 'blocked') {
    return (
      <span className="truncate" title={waitsText(task)}>
        <Icon name="link" small />
        {waitsText(task)}
      </span>
    );
  }
  if (laneNumber !== null) {
    return (
      <span className="agent">
        {agentShort !== null && <i>{agentShort}</i>}lane {laneNumber}
      </span>
    );
  }
  return (
    <>
      {agentShort !== null && <AgentBadge short={agentShort} />}
      <span className="truncate" title={note ?? undefined}>
        {shown === 'ready' ? (note ?? 'ready') : taskStatusWord[shown].toLowerCase()}
      </span>
    </>
  );
}
