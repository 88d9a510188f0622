import type { GroupCounts } from './lane-outline.ts';

/**
 * The sentence over the lanes: first what it asks of the person, then what goes on by itself.
 * Never more than two parts.
 */
export function laneHeadline(counts: GroupCounts): string {
  const asking = [
    counts.waiting > 0 && `${lanes(counts.waiting, 'waits', 'wait')} for you.`,
    counts.failed > 0 && `${lanes(counts.failed, 'failed', 'failed')}.`,
    counts.ready > 0 && `${lanes(counts.ready, 'waits', 'wait')} to be merged.`,
    counts.stale > 0 && `${lanes(counts.stale, 'does', 'do')} not answer.`,
  ].filter((part) => part !== false);
  const first = asking[0];
  if (first !== undefined)
    return `${first} ${counts.running > 0 ? `${counts.running} ${counts.running === 1 ? 'runs' : 'run'}.` : nothingRuns(counts)}`.trim();
  if (counts.running > 0) {
    const queued = counts.queued > 0 ? ` ${counts.queued} queued.` : ' Nothing waits for you.';
    return `${lanes(counts.running, 'runs', 'run')}.${queued}`;
  }
  if (counts.paused > 0) return `${lanes(counts.paused, 'is', 'are')} paused. Nothing runs.`;
  if (counts.queued > 0) return `${lanes(counts.queued, 'waits', 'wait')} for a task.`;
  if (counts.merged > 0) {
    const all = counts.merged === 1 ? 'The lane is merged.' : `All ${counts.merged} lanes are merged.`;
    return counts.stopped > 0 ? `${lanes(counts.merged, 'is', 'are')} merged, ${counts.stopped} stopped.` : all;
  }
  if (counts.stopped > 0) return `${lanes(counts.stopped, 'is', 'are')} stopped. Nothing runs.`;
  return 'No lanes yet.';
}

function nothingRuns(counts: GroupCounts): string {
  return counts.queued > 0 ? `${counts.queued} queued.` : 'Nothing runs.';
}

function lanes(count: number, singular: string, plural: string): string {
  return count === 1 ? `1 lane ${singular}` : `${count} lanes ${plural}`;
}
