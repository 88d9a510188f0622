/** How long to wait after failures, derived from the lanes that failed. */
import type { AgentRef } from '#shared/model/agent.ts';
import type { TaskId } from '#shared/model/ids.ts';
import type { Lane } from '#shared/model/lane.ts';
import type { Task } from '#shared/model/task.ts';

const firstWaitMs = 1_000;
const longestTaskWaitMs = 60_000;
const longestAgentWaitMs = 300_000;

function waitMs(failures: number, longestMs: number): number {
  return Math.min(longestMs, firstWaitMs * 2 ** Math.min(failures - 1, 20));
}

/** When each open task that failed before may be claimed again: 1 s after the first failure, then twice as long each time. */
export function taskNotBefore(tasks: readonly Task[], lanes: readonly Lane[]): Map<TaskId, number> {
  const lastFailure = new Map<TaskId, number>();
  for (const lane of lanes) {
    if (lane.taskId === null || lane.end?.kind !== 'failed') continue;
    lastFailure.set(lane.taskId, Math.max(lastFailure.get(lane.taskId) ?? 0, lane.endedAtMs ?? 0));
  }
  const notBefore = new Map<TaskId, number>();
  for (const task of tasks) {
    const failedAtMs = lastFailure.get(task.id);
    if (failedAtMs === undefined || task.attempts === 0 || task.status.state !== 'open') continue;
    notBefore.set(task.id, failedAtMs + waitMs(task.attempts, longestTaskWaitMs));
  }
  return notBefore;
}

/**
 * When each kind of agent may be started again, after runs that failed for reasons that the
 * next run will share: the program is missing, its service refuses or cannot be reached. The
 * wait doubles with each such failure in a row; one other end clears it.
 */
export function agentNotBefore(lanes: readonly Lane[]): Map<AgentRef, { atMs: number; because: string }> {
  const ended = lanes
    .filter((lane) => lane.end !== null && lane.end.kind !== 'stopped')
    .sort((a, b) => (b.endedAtMs ?? 0) - (a.endedAtMs ?? 0));
  const streaks = new Map<AgentRef, { failures: number; lastAtMs: number; because: string; closed: boolean }>();
  for (const lane of ended) {
    const streak = streaks.get(lane.agent) ?? {
      failures: 0,
      lastAtMs: lane.endedAtMs ?? 0,
      because: '',
      closed: false,
    };
    streaks.set(lane.agent, streak);
    const reason = lane.end?.kind === 'failed' && lane.end.run?.kind === 'failed' ? lane.end.run.reason : null;
    const shared = reason === 'not-found' || reason === 'rate-limited' || reason === 'unreachable';
    if (!shared) streak.closed = true;
    if (streak.closed) continue;
    streak.failures += 1;
    if (streak.because === '' && lane.end?.kind === 'failed') streak.because = lane.end.reason;
  }
  const notBefore = new Map<AgentRef, { atMs: number; because: string }>();
  for (const [agent, streak] of streaks) {
    if (streak.failures === 0) continue;
    notBefore.set(agent, {
      atMs: streak.lastAtMs + waitMs(streak.failures, longestAgentWaitMs),
      because: streak.because,
    });
  }
  return notBefore;
}
