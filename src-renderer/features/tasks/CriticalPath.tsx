import type { TaskView } from '#shared/contract/views.ts';
import { classNames } from '../../ui/class-names.ts';
import { Mark } from '../../ui/icon/Mark.tsx';
import { taskShape, taskStatusWord } from './task-bucket.ts';
import { aboutClock, criticalChain, endOf, finishTimes, remainingMs, roughly } from './task-forecast.ts';
import { openTask } from './tasks-view-state.ts';

const stepsShown = 7;

/** The chain of tasks that decides when the plan ends. Nothing where no task waits for another. */
export function CriticalPath({ tasks, nowMs }: { tasks: readonly TaskView[]; nowMs: number }) {
  const chain = criticalChain(tasks);
  if (chain.length < 2) return null;
  const end = endOf(tasks, finishTimes(tasks, nowMs));
  const left = chain.map((task) => remainingMs(task, nowMs));
  const known = left.every((each) => each !== null);
  const totalMs = left.reduce<number>((sum, each) => sum + (each ?? 0), 0);
  const longestMs = Math.max(1, ...left.map((each) => each ?? 0));
  return (
    <section className="critical" aria-label={known ? `Critical path, ${roughly(totalMs)}` : 'Critical path'}>
      <h2>Critical path</h2>
      <ol>
        {chain.slice(0, stepsShown).map((task, at) => (
          <li
            key={task.id}
            className={classNames('cstep', task.shown === 'waiting' && 'cstep--waiting')}
            // Its width tells its share of what is left, and never less than its words need.
            style={{ flexGrow: known ? Math.max(0.35, (left[at] ?? 0) / longestMs) : 1 }}
          >
            <button type="button" className="cstep__open" onClick={() => openTask(task.id)} title={task.title}>
              <span className="cstep__top">
                <Mark shape={taskShape[task.shown]} label={taskStatusWord[task.shown]} small />
                <span className="task__id">{task.key}</span>
                <span className="cstep__d">{stepText(task, left[at] ?? null)}</span>
              </span>
              <span className="truncate">{task.title}</span>
            </button>
          </li>
        ))}
        {chain.length > stepsShown && <li className="cstep cstep--more">{chain.length - stepsShown} more</li>}
      </ol>
      {end !== null && <span className="critical__end">{aboutClock(end, nowMs)}</span>}
    </section>
  );
}

function stepText(task: TaskView, leftMs: number | null): string {
  if (task.shown === 'waiting') return 'waits for you';
  if (task.shown === 'failed') return 'failed';
  return leftMs === null ? '' : roughly(leftMs);
}
