/** Makes everything ready for a run: the worktree after work came back, and the run's specification. */
import type { RunSpec } from '#shared/contract/worker-protocol.ts';
import type { RunId } from '#shared/model/ids.ts';
import type { Lane } from '#shared/model/lane.ts';
import type { Merge } from '#shared/model/merge.ts';
import type { Task } from '#shared/model/task.ts';
import { laneEnvironment } from '../decide/lane-environment.ts';
import { buildPrompt, type PromptReason } from '../decide/prompt.ts';
import { parseRunId } from '../decide/run-id.ts';
import { runsOfLane } from './lane-live.ts';
import { gatesFor, isFailedGate, type ProjectContext, storedProject } from './project-context.ts';

/** No run may take longer. */
export const runTimeoutMs = 6 * 3_600_000;
const journalWaitMs = 2_000;

/**
 * Brings a lane's worktree to the newest target before its work is done over. An agent that
 * goes on finds the target merged in, with markers where git cannot decide; one that starts
 * afresh finds the target alone, and its earlier work is kept as a ref. Harmless to repeat.
 */
export async function bringUpToDate(context: ProjectContext, lane: Lane): Promise<void> {
  const { repository, world } = context;
  if (lane.workspace === null) return;
  const { worktree } = lane.workspace;
  const head = await repository.landingHead(storedProject(context).targetBranch);
  if (world.agentCapabilities(lane.agent).rework === 'restart') {
    await repository.resetWorktree(worktree, lane.id, head);
    return;
  }
  // Markers of an earlier, interrupted try are what the agent is to find.
  if ((await repository.unmergedPaths(worktree)).length > 0) return;
  await repository.mergeIntoWorktree(worktree, head);
}

/** What the worker is told to run; null when the lane is not ready for it any more. */
export async function buildRunSpec(
  context: ProjectContext,
  lane: Lane,
  task: Task,
  runId: RunId,
): Promise<RunSpec | null> {
  const { world, live, projectId } = context;
  if (lane.workspace === null || lane.token === null) return null;
  const project = storedProject(context);
  const style = world.agentCapabilities(lane.agent).rework;
  const folders = await world.folders.prepare(projectId, lane.id);
  const resumeSession = style === 'continue' ? await knownSession(context, lane) : null;
  const { workspace } = lane;
  return {
    runId,
    laneId: lane.id,
    token: lane.token,
    agent: lane.agent,
    cwd: workspace.worktree,
    stateFolder: folders.state,
    env: laneEnvironment({ project, lane, task, workspace, temporaryFolder: folders.temporary }),
    prompt: buildPrompt({
      task,
      workspace,
      targetBranch: project.targetBranch,
      gates: gatesFor(project, task.gate),
      reason: reasonFor(context, lane, runId, style, live.activity(lane.id).step),
      resumed: resumeSession !== null,
    }),
    resumeSession,
    stallMs: project.stallMs,
    timeoutMs: runTimeoutMs,
  };
}

/** The session of the lane's earlier runs, from their journals. */
async function knownSession(context: ProjectContext, lane: Lane): Promise<string | null> {
  const { world, live } = context;
  const last = runsOfLane(world.worker, lane.id).at(-1);
  if (!last) return null;
  await live.caughtUp(last, (done) => world.clock.after(journalWaitMs, done));
  return live.activity(lane.id).sessionId;
}

function reasonFor(
  context: ProjectContext,
  lane: Lane,
  runId: RunId,
  style: 'continue' | 'restart',
  lastStep: string,
): PromptReason {
  const rejected = lane.reworks > 0 ? lastRejected(context, lane) : null;
  if (rejected?.rejection) {
    const gate = rejected.gates.findLast(isFailedGate) ?? null;
    return { kind: 'rework', style, rejection: rejected.rejection, gate };
  }
  if ((parseRunId(runId)?.attempt ?? 1) > 1) return { kind: 'again', because: lastStep || 'It was interrupted.' };
  return { kind: 'first' };
}

function lastRejected(context: ProjectContext, lane: Lane): Merge | null {
  const merges = context.world.store.read.merges(context.projectId, { laneId: lane.id });
  return merges.findLast((merge) => merge.rejection !== null) ?? null;
}
