import type { TaskView } from '#shared/contract/views.ts';
import { classNames } from '../../ui/class-names.ts';
import { Icon } from '../../ui/icon/Icon.tsx';
import { Mark } from '../../ui/icon/Mark.tsx';
import type { BoardBucket, BoardPhase } from './board-phases.ts';
import { TaskCard } from './TaskCard.tsx';
import { bucketWord, type TaskBucket, taskShape } from './task-bucket.ts';
import { openTask, setTasksView, toggleBucket } from './tasks-view-state.ts';

const barOrder = ['done', 'running', 'waiting', 'failed'] as const satisfies readonly TaskBucket[];

/** One phase: how far it is, and its tasks by what they ask of the person. */
export function PhaseColumn({ phase, origin, nowMs }: { phase: BoardPhase; origin: string | null; nowMs: number }) {
  const name = phase.number === null ? phase.title : `Phase ${phase.number}, ${phase.title}`;
  const toCome = phase.counts.ready + phase.counts.blocked;
  return (
    <section className="phase" aria-label={name}>
      <header className="phase__head">
        <h2 className="truncate" title={phase.title}>
          {phase.number !== null && <span className="tertiary">{phase.number}</span>}
          <span className="truncate">{phase.title}</span>
        </h2>
        <span className="tertiary">
          {phase.done} of {phase.total}
        </span>
        {phase.end !== null && <span className="phase__eta">{phase.end}</span>}
      </header>
      <div className="phase__bar" aria-hidden="true">
        {barOrder
          .filter((bucket) => phase.counts[bucket] > 0)
          .map((bucket) => (
            <i key={bucket} className={`phase__part--${bucket}`} style={{ flexGrow: phase.counts[bucket] }} />
          ))}
        {toCome > 0 && <i style={{ flexGrow: toCome }} />}
      </div>
      <div className="phase__body">
        {phase.buckets.map((bucket) => (
          <Bucket key={bucket.id} bucket={bucket} over={phase.over} origin={origin} nowMs={nowMs} />
        ))}
      </div>
    </section>
  );
}

function Bucket({
  bucket,
  over,
  origin,
  nowMs,
}: {
  bucket: BoardBucket;
  over: boolean;
  origin: string | null;
  nowMs: number;
}) {
  const word = bucketWord[bucket.bucket];
  const isList = bucket.bucket === 'done' || bucket.bucket === 'cancelled';
  return (
    <section className="bucket">
      {isList && !over ? (
        <h3>
          <button
            type="button"
            className="bucket__fold"
            aria-expanded={!bucket.folded}
            onClick={() => toggleBucket(bucket.id)}
          >
            <Icon name={bucket.folded ? 'right' : 'down'} small />
            {word}
            <span>{bucket.count}</span>
          </button>
        </h3>
      ) : (
        <h3>
          {word}
          <span>{bucket.count}</span>
        </h3>
      )}
      {isList ? (
        !bucket.folded && <DoneList tasks={bucket.shown} origin={origin} hidden={bucket.hidden} />
      ) : (
        <>
          <div className="bucket__cards">
            {bucket.shown.map((task) => (
              <TaskCard key={task.id} task={task} nowMs={nowMs} />
            ))}
          </div>
          {bucket.hidden > 0 && (
            <button type="button" className="bucket__more" onClick={() => toggleBucket(bucket.id)}>
              {bucket.hidden} more {word.toLowerCase()}
            </button>
          )}
        </>
      )}
    </section>
  );
}

/** What is over, one line each; what the critical path goes on from stands first. */
function DoneList({ tasks, origin, hidden }: { tasks: readonly TaskView[]; origin: string | null; hidden: number }) {
  const sorted = tasks.toSorted((a, b) => Number(b.key === origin) - Number(a.key === origin));
  return (
    <ul className="donelist">
      {sorted.map((task) => (
        <li key={task.id} className={classNames(task.key === origin && 'is-critical')} data-key={task.key}>
          <button
            type="button"
            className="donelist__open"
            title={task.title}
            onFocus={() => setTasksView({ selected: task.id })}
            onClick={() => openTask(task.id)}
          >
            <Mark shape={taskShape[task.shown]} small />
            <span className="task__id">{task.key}</span>
            <span className="truncate">{task.title}</span>
          </button>
        </li>
      ))}
      {hidden > 0 && (
        <li>
          <button type="button" className="donelist__open" onClick={() => setTasksView({ mode: 'list' })}>
            {hidden} more in the list
          </button>
        </li>
      )}
    </ul>
  );
}
