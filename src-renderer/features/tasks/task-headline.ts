import type { TaskView } from '#shared/contract/views.ts';
import { counted } from '../../app/text.ts';
import { countBuckets } from './task-bucket.ts';
import { aboutClock, criticalChain, endOf, finishTimes } from './task-forecast.ts';

/** The sentence over the tasks: when the plan ends, or what keeps it from ending. */
export function taskHeadline(tasks: readonly TaskView[], nowMs: number): string {
  const counts = countBuckets(tasks);
  const open = tasks.length - counts.done - counts.cancelled;
  if (tasks.length === 0) return 'No tasks yet.';
  if (open === 0) return allOver(counts.done, counts.cancelled);

  const end = endOf(tasks, finishTimes(tasks, nowMs));
  const finishes = end === null ? null : `The plan finishes about ${aboutClock(end, nowMs)}`;
  const waiting = tasks.filter((task) => task.shown === 'waiting');
  const failed = tasks.filter((task) => task.shown === 'failed');
  const deciding = waiting.find((task) => task.critical);
  if (failed.length > 0) {
    const stuck =
      failed.length === 1
        ? `${failed[0]?.key} failed and waits for you.`
        : `${failed.length} tasks failed and wait for you.`;
    const critical = failed.some((task) => task.critical);
    if (critical || waiting.length === 0) return stuck;
  }
  if (deciding !== undefined && finishes !== null) return `${finishes} if you answer ${deciding.key} now.`;
  if (waiting.length > 0)
    return waiting.length === 1 ? `${waiting[0]?.key} waits for you.` : `${waiting.length} tasks wait for you.`;
  if (counts.running === 0) return nothingRuns(counts.ready, open);
  return finishes === null
    ? `${counted(counts.running, 'task runs', 'tasks run')}. ${toCome(open - counts.running)}`
    : `${finishes}.`;
}

/** What the sentence rests on. */
export function taskEvidence(tasks: readonly TaskView[]): string {
  const counts = countBuckets(tasks);
  const { done, running, ready } = counts;
  const isDone = `${done} of ${counted(tasks.length, 'task')} ${done === 1 ? 'is' : 'are'} done`;
  const runs = running === 0 ? `${isDone}.` : `${isDone}, ${running} ${running === 1 ? 'runs' : 'run'}.`;
  const chain = criticalChain(tasks).length;
  if (chain < 2) return ready > 0 ? `${runs} ${ready} ${ready === 1 ? 'is' : 'are'} ready for a lane.` : runs;
  const lanes =
    ready > 0 ? `${ready} more ${ready === 1 ? 'is' : 'are'} ready for a lane.` : 'more lanes would not help.';
  return `${runs} The ${chain} tasks of the critical path decide the end; ${lanes}`;
}

function allOver(done: number, cancelled: number): string {
  if (cancelled === 0) return done === 1 ? 'The task is merged.' : `All ${done} tasks are merged.`;
  if (done === 0) return `${counted(cancelled, 'task is', 'tasks are')} cancelled. Nothing is left to do.`;
  return `${counted(done, 'task is', 'tasks are')} merged, ${cancelled} cancelled.`;
}

function nothingRuns(ready: number, open: number): string {
  if (ready > 0) return `${counted(ready, 'task is', 'tasks are')} ready. No lane works on them.`;
  return `${counted(open, 'task is', 'tasks are')} blocked. Nothing runs.`;
}

function toCome(count: number): string {
  return count === 0 ? 'It is the last of them.' : `${count} to come.`;
}
