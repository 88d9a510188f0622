/** What `gantry run` prints while it works: one line for each thing that happened, never twice. */
import type { LaneView, TaskView } from '#shared/contract/views.ts';

/** The lines that changed between what was printed before and what is now. */
export class RunProgress {
  readonly #tasks = new Map<string, string>();
  readonly #lanes = new Map<string, string>();

  /** Lines for everything new, in the order of tasks and lanes. */
  update(tasks: readonly TaskView[], lanes: readonly LaneView[]): string[] {
    const lines: string[] = [];
    for (const lane of lanes) {
      const line = laneLine(lane);
      if (line === null || this.#lanes.get(lane.id) === line) continue;
      this.#lanes.set(lane.id, line);
      lines.push(line);
    }
    const merged = tasks.filter((task) => task.shown === 'merged').length;
    for (const task of tasks) {
      if (this.#tasks.get(task.id) === task.shown) continue;
      const isFirst = !this.#tasks.has(task.id);
      this.#tasks.set(task.id, task.shown);
      if (task.shown === 'merged' && !isFirst)
        lines.push(`merged     ${task.key}  ${task.title}  (${merged} of ${tasks.length})`);
      if (task.shown === 'failed')
        lines.push(`failed     ${task.key}  ${task.title}${task.note ? `: ${task.note}` : ''}`);
      if (task.shown === 'cancelled' && !isFirst) lines.push(`cancelled  ${task.key}  ${task.title}`);
    }
    return lines;
  }
}

function laneLine(lane: LaneView): string | null {
  const who = `lane ${lane.number}  ${lane.taskKey ?? ''}`;
  switch (lane.status) {
    case 'running':
      return `${lane.reworks === 0 ? 'started  ' : 'reworking'}  ${who}  ${lane.agentName}`;
    case 'gating':
      return `gates      ${who}`;
    case 'waiting':
      return lane.ask === null
        ? `asks       ${who}  ${lane.step}`
        : `asks       ${who}  ${lane.ask.title} (answer it in the panel: npm start)`;
    case 'stale':
      return `no data    ${who}  ${lane.step}`;
    default:
      return null;
  }
}

/** Milliseconds as a person reads them. */
export function durationText(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${(ms / 1_000).toFixed(1)} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min ${seconds % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
