/** Messages of the commits that Gantry makes. They end with trailers that tools can read. */
import type { Lane } from '#shared/model/lane.ts';
import type { Task } from '#shared/model/task.ts';
import type { Rollback } from '#shared/model/checkpoint.ts';
import { agentLabel } from './agent-label.ts';
import type { RevertStep } from './rollback-plan.ts';

/** What the lane's own commit says when Gantry commits what the agent left. */
export function workMessage(task: Pick<Task, 'key' | 'title'>, lane: Pick<Lane, 'number' | 'agent'>): string {
  return `${task.key}: ${task.title}\n\n${trailers({ Task: task.key, Lane: String(lane.number), Agent: agentLabel(lane.agent).name })}`;
}

/** `Merge T-27: title`, also when the target has not moved: one task is one entry of the first-parent history. */
export function mergeMessage(
  task: Pick<Task, 'key' | 'title'>,
  lane: Pick<Lane, 'number' | 'agent' | 'summary'>,
): string {
  const summary = lane.summary?.trim();
  const body = summary ? `\n\n${summary.slice(0, 2_000)}` : '';
  return `Merge ${task.key}: ${task.title}${body}\n\n${trailers({
    Task: task.key,
    Lane: String(lane.number),
    Agent: agentLabel(lane.agent).name,
  })}`;
}

/** What a commit says that takes one merge back. */
export function revertMessage(step: RevertStep, why: string): string {
  const what = step.taskKey === null ? step.subject : step.subject.replace(/^Merge /, '');
  return `Revert ${what}\n\n${why}\nThis takes back ${step.commit}.\n\n${trailers({ Reverts: step.commit })}`;
}

/** What the commit says that brings a rollback's work back. */
export function undoMessage(rollback: Pick<Rollback, 'number' | 'beforeCommit'>): string {
  return `Undo rollback R-${rollback.number}\n\nThe files are those of ${rollback.beforeCommit} again.\n\n${trailers({ Undoes: `R-${rollback.number}` })}`;
}

function trailers(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => `Gantry-${name}: ${value.replace(/\s+/g, ' ')}`)
    .join('\n');
}
