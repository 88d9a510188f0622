import { useMemo, useRef } from 'react';
import type { TaskView } from '#shared/contract/views.ts';
import { classNames } from '../../ui/class-names.ts';
import { BoardLinks } from './BoardLinks.tsx';
import { boardLinks, criticalOrigin } from './board-links.ts';
import { boardPhases } from './board-phases.ts';
import { PhaseColumn } from './PhaseColumn.tsx';
import { finishTimes } from './task-forecast.ts';
import { useTasksView } from './tasks-view-state.ts';
import './board.css';

/** The phases side by side, each with its tasks by what they ask, and the critical path drawn through them. */
export function Board({
  tasks,
  all,
  nowMs,
}: {
  /** Those that pass the filter. */
  tasks: readonly TaskView[];
  all: readonly TaskView[];
  nowMs: number;
}) {
  const board = useRef<HTMLDivElement>(null);
  const toggled = useTasksView((state) => state.toggled);
  const finish = useMemo(() => finishTimes(all, nowMs), [all, nowMs]);
  const phases = useMemo(() => boardPhases(tasks, finish, toggled, nowMs), [tasks, finish, toggled, nowMs]);
  const links = useMemo(() => boardLinks(tasks), [tasks]);
  const origin = useMemo(() => criticalOrigin(tasks), [tasks]);
  const isSingle = phases.length === 1;
  const columns = phases
    .map((phase) => (phase.over ? 'var(--phase-over)' : 'minmax(var(--phase-open), var(--phase-open-max))'))
    .join(' ');
  return (
    <div
      className={classNames('board', isSingle && 'board--single')}
      ref={board}
      // Scrolls by the keyboard too.
      tabIndex={-1}
      style={isSingle ? undefined : { gridTemplateColumns: columns }}
    >
      <BoardLinks board={board} links={links} drawnAgain={phases} />
      {phases.map((phase) => (
        <PhaseColumn key={phase.id} phase={phase} origin={origin} nowMs={nowMs} />
      ))}
    </div>
  );
}
