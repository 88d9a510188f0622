import type { TaskView } from '#shared/contract/views.ts';
import { roughly } from './task-forecast.ts';

/** What stands at the end of a card's first line: how far it is, or how long it will take. */
export function timeText(task: TaskView, nowMs: number): string {
  const { shown, startedAtMs, durationMs, note } = task;
  if (shown === 'failed') return '';
  if (shown === 'gating') return note ?? 'gates';
  const runs = shown === 'running' || shown === 'waiting';
  if (runs && startedAtMs !== null) {
    const spentMs = nowMs - startedAtMs;
    return durationMs === null ? roughly(spentMs) : spentOf(spentMs, durationMs);
  }
  return durationMs === null ? '' : roughly(durationMs);
}

/** "11 of 30 min" */
function spentOf(spentMs: number, durationMs: number): string {
  const unitMs = durationMs < 60_000 ? 1_000 : 60_000;
  const unit = unitMs === 1_000 ? 's' : 'min';
  return `${Math.floor(Math.max(0, spentMs) / unitMs)} of ${Math.max(1, Math.round(durationMs / unitMs))} ${unit}`;
}

/** "waits for T-34, T-40": the keys that a blocked task waits for, the first few of them. */
export function waitsText(task: Pick<TaskView, 'waitsFor'>): string {
  const { waitsFor } = task;
  const more = waitsFor.length - 3;
  return `waits for ${waitsFor.slice(0, 3).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** Whether a task passes the text filter: its key, title, phase or the paths it touches. */
export function matchesQuery(task: TaskView, query: string): boolean {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const text = [task.key, task.title, task.phase, ...task.paths].join(' ').toLowerCase();
  return words.every((word) => text.includes(word));
}
