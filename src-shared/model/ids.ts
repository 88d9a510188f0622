/**
 * Branded identifiers. Each is made by its schema (at a border) or by one named maker,
 * so that a lane's id can never be passed where a task's is meant.
 */
import { z } from 'zod';

/** A repository that was opened: its folder's name and a short hash of its path, `parcel-3f2a9c`. */
export const projectIdSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,80}$/)
  .brand<'ProjectId'>();
export type ProjectId = z.infer<typeof projectIdSchema>;

/** A task's name within its project, as plans write it and people read it: `T-27`, `add-login`. */
export const taskKeySchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'letters, digits, dot, dash and underscore, at most 64')
  .brand<'TaskKey'>();
export type TaskKey = z.infer<typeof taskKeySchema>;

/** A task over all projects: `<project>:<key>`. */
export const taskIdSchema = z
  .string()
  .regex(/^[^:]+:[^:]+$/)
  .brand<'TaskId'>();
export type TaskId = z.infer<typeof taskIdSchema>;

/** One agent's work on one task in one worktree. */
export const laneIdSchema = z
  .string()
  .regex(/^lane-[a-z0-9]{8,32}$/)
  .brand<'LaneId'>();
export type LaneId = z.infer<typeof laneIdSchema>;

/** One process tree that the worker runs for a lane; a lane that is reworked has several. */
export const runIdSchema = z
  .string()
  .regex(/^run-[a-z0-9]{8,32}$/)
  .brand<'RunId'>();
export type RunId = z.infer<typeof runIdSchema>;

/** One attempt to merge a lane's work into its target. */
export const mergeIdSchema = z
  .string()
  .regex(/^merge-[a-z0-9]{8,32}$/)
  .brand<'MergeId'>();
export type MergeId = z.infer<typeof mergeIdSchema>;

/** One entry of the timeline. */
export const checkpointIdSchema = z
  .string()
  .regex(/^checkpoint-[a-z0-9]{8,32}$/)
  .brand<'CheckpointId'>();
export type CheckpointId = z.infer<typeof checkpointIdSchema>;

/** One executed rollback. */
export const rollbackIdSchema = z
  .string()
  .regex(/^rollback-[a-z0-9]{8,32}$/)
  .brand<'RollbackId'>();
export type RollbackId = z.infer<typeof rollbackIdSchema>;

/** A Raft node, `node-1`. Never reused after its data was lost. */
export const nodeIdSchema = z
  .string()
  .regex(/^node-[a-z0-9-]{1,40}$/)
  .brand<'NodeId'>();
export type NodeId = z.infer<typeof nodeIdSchema>;

/** A full object name of a commit or tree, lower-case hex. */
export const commitIdSchema = z
  .string()
  .regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/)
  .brand<'CommitId'>();
export type CommitId = z.infer<typeof commitIdSchema>;

/**
 * A branch name that git accepts and that no command line can take for an option:
 * see git-check-ref-format(1).
 */
export const branchNameSchema = z
  .string()
  .min(1)
  .max(200)
  .refine(
    (name) => !/^[-/.]|[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{|\/\/|\.lock(\/|$)|\/\.|[/.]$|^@$/.test(name),
    'not a branch name that git accepts',
  )
  .brand<'BranchName'>();
export type BranchName = z.infer<typeof branchNameSchema>;

/** The proof of a claim: the log index at which it was granted. Larger is newer. */
export const claimTokenSchema = z.number().int().positive().brand<'ClaimToken'>();
export type ClaimToken = z.infer<typeof claimTokenSchema>;

/** The id of the task that `key` names in `projectId`. */
export function taskIdOf(projectId: ProjectId, key: TaskKey): TaskId {
  return `${projectId}:${key}` as TaskId;
}
