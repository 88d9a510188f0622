import type { ProjectView } from '#shared/contract/views.ts';
import { dayWords } from '../../app/day-text.ts';
import { counted } from '../../app/text.ts';
import type { MarkShape } from '../../ui/icon/Mark.tsx';

/** How a project of the list stands: its mark and a few words. */
export function recentState(
  {
    available,
    unavailableBecause,
    counts,
    openedAtMs,
  }: Pick<ProjectView, 'available' | 'unavailableBecause' | 'counts' | 'openedAtMs'>,
  nowMs: number,
): { readonly shape: MarkShape; readonly text: string } {
  if (!available) return { shape: 'failed', text: unavailableBecause ?? 'cannot be opened' };
  if (counts.lanesWaiting > 0)
    return {
      shape: 'waiting',
      text: counts.lanesWaiting === 1 ? '1 lane needs input' : `${counts.lanesWaiting} lanes need input`,
    };
  if (counts.lanesLive > 0) return { shape: 'running', text: `${counted(counts.lanesLive, 'lane')} live` };
  if (counts.tasksOpen > 0) return { shape: 'paused', text: `${counted(counts.tasksOpen, 'task')} open` };
  return { shape: 'done', text: `opened ${dayWords(openedAtMs, nowMs)}` };
}
