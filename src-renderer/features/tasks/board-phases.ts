import type { TaskView } from '#shared/contract/views.ts';
import type { TaskKey } from '#shared/model/ids.ts';
import { clockMinute } from '../../app/text.ts';
import { bucketOf, countBuckets, taskBuckets, type TaskBucket } from './task-bucket.ts';
import { aboutClock, endOf } from './task-forecast.ts';

/** Some tasks of a phase under one heading. */
export interface BoardBucket {
  readonly bucket: TaskBucket;
  /** Opens and closes it, and all of it: unique on the board. */
  readonly id: string;
  readonly count: number;
  readonly shown: readonly TaskView[];
  readonly hidden: number;
  /** Its heading alone is shown. */
  readonly folded: boolean;
}

/** One column of the board. */
export interface BoardPhase {
  readonly id: string;
  /** From 1; null where the plan has no phases. */
  readonly number: number | null;
  readonly title: string;
  readonly done: number;
  readonly total: number;
  /** "done 12:51", "about 15:50"; null where it cannot be said. */
  readonly end: string | null;
  /** Every task of it is over. */
  readonly over: boolean;
  readonly counts: Readonly<Record<TaskBucket, number>>;
  readonly buckets: readonly BoardBucket[];
}

/** A board with more tasks than this shows a few of each bucket. */
const crowded = 24;
const shownWhenCrowded = 2;
const shownAtMost = 40;

/**
 * The columns in the order in which phases first appear. `tasks` are those that pass the
 * filter; what is critical or waits for the person is always shown; `toggled` holds the ids of
 * buckets that the person has opened, or closed where they are open by themselves.
 */
export function boardPhases(
  tasks: readonly TaskView[],
  finish: ReadonlyMap<TaskKey, number>,
  toggled: ReadonlySet<string>,
  nowMs: number,
): BoardPhase[] {
  const byPhase = new Map<string, TaskView[]>();
  for (const task of tasks.toSorted((a, b) => a.order - b.order)) {
    byPhase.set(task.phase, [...(byPhase.get(task.phase) ?? []), task]);
  }
  const named = [...byPhase.keys()].some((phase) => phase !== '');
  return [...byPhase].map(([phase, members], at): BoardPhase => {
    const counts = countBuckets(members);
    const over = counts.done + counts.cancelled === members.length;
    const end = endOf(members, finish);
    return {
      id: phase,
      number: named ? at + 1 : null,
      title: phase === '' ? (named ? 'Other tasks' : 'Tasks') : phase,
      done: counts.done,
      total: members.length,
      end: end === null ? null : over ? `done ${clockMinute(end)}` : `about ${aboutClock(end, nowMs)}`,
      over,
      counts,
      buckets: taskBuckets
        .filter((bucket) => counts[bucket] > 0)
        .map((bucket) =>
          bucketIn(
            phase,
            bucket,
            members.filter((task) => bucketOf(task) === bucket),
            {
              over,
              isCrowded: tasks.length > crowded,
              toggled,
            },
          ),
        ),
    };
  });
}

function bucketIn(
  phase: string,
  bucket: TaskBucket,
  members: readonly TaskView[],
  { over, isCrowded, toggled }: { over: boolean; isCrowded: boolean; toggled: ReadonlySet<string> },
): BoardBucket {
  const id = `${phase}/${bucket}`;
  const isList = bucket === 'done' || bucket === 'cancelled';
  const folded = isList && over === toggled.has(id);
  const all = !isList && (toggled.has(id) || !isCrowded || bucket === 'waiting');
  const limit = isList || all ? shownAtMost : shownWhenCrowded;
  const shown = folded ? [] : chosen(members, limit);
  return { bucket, id, count: members.length, shown, hidden: folded ? 0 : members.length - shown.length, folded };
}

/** The critical ones, and of the others as many as there is room for, in their order. */
function chosen(members: readonly TaskView[], limit: number): TaskView[] {
  let room = limit - members.filter((task) => task.critical).length;
  return members.filter((task) => {
    if (task.critical) return true;
    room -= 1;
    return room >= 0;
  });
}
