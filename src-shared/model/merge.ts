import { z } from 'zod';
import { gateResultSchema } from './gate.ts';
import {
  branchNameSchema,
  checkpointIdSchema,
  claimTokenSchema,
  commitIdSchema,
  laneIdSchema,
  mergeIdSchema,
  projectIdSchema,
  taskIdSchema,
} from './ids.ts';

/** A path where the merge cannot decide, with the hunk that shows both sides. */
export const conflictSchema = z.object({ path: z.string(), hunk: z.string() });
export type Conflict = z.infer<typeof conflictSchema>;

/** Why a merge did not land. */
export const mergeRejectionSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('conflict'), conflicts: z.array(conflictSchema) }),
  z.object({ kind: z.literal('gate'), gate: z.string(), detail: z.string() }),
  z.object({ kind: z.literal('withdrawn'), detail: z.string() }),
]);
export type MergeRejection = z.infer<typeof mergeRejectionSchema>;

/**
 * One attempt to land a lane's work. Stages only go forward, but that a merge whose target
 * moved under it goes back to `queued`.
 */
export const mergeSchema = z.object({
  id: mergeIdSchema,
  projectId: projectIdSchema,
  taskId: taskIdSchema,
  laneId: laneIdSchema,
  token: claimTokenSchema,
  /** The lane's commit that is to land. */
  headCommit: commitIdSchema,
  stage: z.enum(['queued', 'gating', 'landing', 'landed', 'rejected']),
  /** A person asked for it while auto-merge is off. */
  approved: z.boolean(),
  /** Where it lands: the target branch, or `gantry/<target>` while that is not clean. */
  branch: branchNameSchema.nullable(),
  /** The branch's commit that the merge was made against. */
  targetCommit: commitIdSchema.nullable(),
  /** The tested result. */
  mergeCommit: commitIdSchema.nullable(),
  checkpointId: checkpointIdSchema.nullable(),
  gates: z.array(gateResultSchema),
  rejection: mergeRejectionSchema.nullable(),
  queuedAtMs: z.number(),
  endedAtMs: z.number().nullable(),
});
export type Merge = z.infer<typeof mergeSchema>;
