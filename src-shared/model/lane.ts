import { z } from 'zod';
import { agentRefSchema } from './agent.ts';
import { runOutcomeSchema, usageSchema } from './agent-event.ts';
import {
  branchNameSchema,
  claimTokenSchema,
  commitIdSchema,
  laneIdSchema,
  projectIdSchema,
  runIdSchema,
  taskIdSchema,
} from './ids.ts';

/** A lane's own place on disk and network. */
export const laneWorkspaceSchema = z.object({
  worktree: z.string(),
  branch: branchNameSchema,
  baseCommit: commitIdSchema,
  /** First and last port that this lane may use. */
  portFirst: z.number().int(),
  portLast: z.number().int(),
});
export type LaneWorkspace = z.infer<typeof laneWorkspaceSchema>;

/** Why a lane is no more. */
export const laneEndSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('merged') }),
  z.object({ kind: z.literal('failed'), reason: z.string(), run: runOutcomeSchema.nullable() }),
  /** Stopped by a person, by hand-over, or because its task was cancelled or rolled back. */
  z.object({ kind: z.literal('stopped'), reason: z.string() }),
]);
export type LaneEnd = z.infer<typeof laneEndSchema>;

/**
 * A lane as stored: facts only. What it is doing right now comes from the worker's events;
 * the status that people see is derived from both.
 */
export const laneSchema = z.object({
  id: laneIdSchema,
  projectId: projectIdSchema,
  /** What people call it: "lane 12". Counts within the project. */
  number: z.number().int().positive(),
  agent: agentRefSchema,
  /**
   * queued → claimed → working → submitted → ended; from submitted back to working when
   * its work comes back with a conflict or a failed gate.
   */
  stage: z.enum(['queued', 'claimed', 'working', 'submitted', 'ended']),
  taskId: taskIdSchema.nullable(),
  token: claimTokenSchema.nullable(),
  workspace: laneWorkspaceSchema.nullable(),
  runId: runIdSchema.nullable(),
  /** How often its work was given back to it. */
  reworks: z.number().int().nonnegative(),
  /** What it was told on the way back, null on the first run. */
  reworkReason: z.string().nullable(),
  /** The last commit of finished work. */
  headCommit: commitIdSchema.nullable(),
  /** Counted by git between base and head at submission. */
  changes: z.object({ files: z.number(), added: z.number(), removed: z.number() }).nullable(),
  usage: usageSchema.nullable(),
  summary: z.string().nullable(),
  openedAtMs: z.number(),
  startedAtMs: z.number().nullable(),
  endedAtMs: z.number().nullable(),
  end: laneEndSchema.nullable(),
});
export type Lane = z.infer<typeof laneSchema>;
