import { useMemo } from 'react';
import { type Action, useActions } from '../../app/action-registry.ts';
import { clockMinute } from '../../app/text.ts';
import { lastRollback } from './timeline-headline.ts';
import { rollbackName } from './timeline-entry.ts';
import { openPlan, setTimelineView, useTimelineView } from './timeline-view-state.ts';
import type { Timeline } from './use-timeline.ts';
import { useUndo } from './use-undo.ts';

const foundMax = 200;

/** Offers what the keyboard and the palette can do with the timeline. */
export function useTimelineActions({ entries, rollbacks }: Timeline): void {
  const undo = useUndo();
  const filtered = useTimelineView((state) => state.kinds.size > 0);
  const last = lastRollback(rollbacks);
  const undoable = last?.stage === 'done' ? last : null;
  const actions = useMemo(
    (): readonly Action[] => [
      { id: 'timeline.next', title: 'Next checkpoint', group: 'Timeline', shortcut: 'j', run: () => step(1) },
      { id: 'timeline.previous', title: 'Previous checkpoint', group: 'Timeline', shortcut: 'k', run: () => step(-1) },
      {
        id: 'timeline.checkpoint',
        title: 'Checkpoint now…',
        group: 'Timeline',
        icon: 'flag',
        shortcut: 'c',
        run: () => setTimelineView({ naming: true }),
      },
      {
        id: 'timeline.undo',
        title: undoable === null ? 'Undo the last rollback' : `Undo ${rollbackName(undoable)}`,
        group: 'Timeline',
        icon: 'undo',
        shortcut: 'u',
        when: undoable !== null,
        run: () => undoable !== null && undo(undoable.id),
      },
      {
        id: 'timeline.clear',
        title: 'Clear the filter',
        group: 'Timeline',
        shortcut: 'escape',
        when: filtered,
        run: () => setTimelineView({ kinds: new Set() }),
      },
      ...entries
        .filter((entry) => entry.commit !== null)
        .slice(0, foundMax)
        .map(
          (entry): Action => ({
            id: `timeline.open.${entry.id}`,
            title: `Roll back to ${clockMinute(entry.atMs)}, ${entry.name} ${entry.title}`,
            group: 'Checkpoints',
            icon: 'undo',
            found: true,
            run: () => openPlan(entry.id),
          }),
        ),
    ],
    [entries, undoable, undo, filtered],
  );
  useActions(actions);
}

/** Moves the focus to the row after or before the focused one. */
function step(by: 1 | -1): void {
  const rows = [...document.querySelectorAll<HTMLButtonElement>('.cp__title:enabled')];
  const at = rows.findIndex((row) => row === document.activeElement);
  const next = at === -1 ? rows[0] : rows[Math.min(rows.length - 1, Math.max(0, at + by))];
  next?.focus();
}
