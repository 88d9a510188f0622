import type { ProjectView } from '#shared/contract/views.ts';
import { counted } from '../../app/text.ts';
import type { MarkShape } from '../../ui/icon/Mark.tsx';

const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const;
const dayMs = 86_400_000;

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

function dayWords(atMs: number, nowMs: number): string {
  const startOfDay = (ms: number): number => new Date(ms).setHours(0, 0, 0, 0);
  const days = Math.round((startOfDay(nowMs) - startOfDay(atMs)) / dayMs);
  if (days <= 0) return 'today';
  if (days === 1) return 'yesterday';
  const date = new Date(atMs);
  return `${date.getDate()} ${months[date.getMonth()]}`;
}
