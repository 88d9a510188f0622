import type { Rollback } from '#shared/model/checkpoint.ts';
import { counted } from '../../app/text.ts';
import { rollbackName, type TimelineEntry } from './timeline-entry.ts';

/** The sentence over the timeline: how much there is to go back to, and what the last rollback allows. */
export function timelineHeadline(
  entries: readonly TimelineEntry[],
  rollbacks: readonly Rollback[],
  startOfTodayMs: number,
): string {
  const today = entries.filter((entry) => entry.atMs >= startOfTodayMs).length;
  const first =
    today > 0
      ? `${counted(today, 'checkpoint')} today.`
      : `${counted(entries.length, 'checkpoint')}, none of them today.`;
  const last = lastRollback(rollbacks);
  if (last?.stage === 'reverting') return `${first} ${rollbackName(last)} is rolling back.`;
  if (last?.stage === 'undoing') return `${first} ${rollbackName(last)} is being taken back.`;
  if (last?.stage === 'done') return `${first} The last rollback can be undone.`;
  return `${first} One click rolls back to ${entries.length === 1 ? 'it' : 'any of them'}.`;
}

/** The newest rollback; null when there was none. */
export function lastRollback(rollbacks: readonly Rollback[]): Rollback | null {
  return rollbacks.reduce<Rollback | null>(
    (last, rollback) => (last === null || rollback.number > last.number ? rollback : last),
    null,
  );
}
