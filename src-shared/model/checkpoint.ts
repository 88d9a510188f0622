import { z } from 'zod';
import {
  branchNameSchema,
  checkpointIdSchema,
  commitIdSchema,
  laneIdSchema,
  projectIdSchema,
  rollbackIdSchema,
  taskIdSchema,
  taskKeySchema,
} from './ids.ts';
import { revisionNumberSchema } from './service.ts';
import { rolloutIdSchema, serviceIdSchema, serviceNameSchema } from './service-ids.ts';

/**
 * One entry of the timeline: something that moved the target, with the commit before it
 * and, once it happened, the commit after it. Both are kept as refs under `refs/gantry/`.
 */
export const checkpointSchema = z.object({
  id: checkpointIdSchema,
  projectId: projectIdSchema,
  /** Counts within the project, from 1. */
  number: z.number().int().positive(),
  kind: z.enum(['opened', 'merge', 'rollback', 'undo', 'manual', 'outside', 'deploy']),
  label: z.string(),
  branch: branchNameSchema,
  beforeCommit: commitIdSchema,
  /** Null while what it guards is under way; equal to `beforeCommit` for manual ones and deploys. */
  afterCommit: commitIdSchema.nullable(),
  taskId: taskIdSchema.nullable(),
  laneId: laneIdSchema.nullable(),
  rollbackId: rollbackIdSchema.nullable(),
  /** What a deploy rolled out, and how that went. */
  serviceId: serviceIdSchema.nullable(),
  rolloutId: rolloutIdSchema.nullable(),
  changes: z.object({ files: z.number(), added: z.number(), removed: z.number() }).nullable(),
  /** The project's tasks at that moment: their places in the queue by state, as `toNumberRanges` writes them. */
  tasksByState: z.record(z.string(), z.string()),
  /**
   * The revision that each service of the main stack served at that moment, by its name; services
   * that had never served are left out. Once the rollout that an entry began has succeeded, its
   * target stands here, as `afterCommit` does for a merge: going back to the entry means this.
   */
  revisions: z.record(z.string(), revisionNumberSchema),
  /** The rollback that took its effect away, and has not been undone. */
  undoneBy: rollbackIdSchema.nullable(),
  atMs: z.number(),
});
export type Checkpoint = z.infer<typeof checkpointSchema>;

/** What rolling back to a checkpoint will do, computed for one state of the repository. */
export const rollbackPlanSchema = z.object({
  projectId: projectIdSchema,
  checkpointId: checkpointIdSchema,
  title: z.string(),
  branch: branchNameSchema,
  /** The target's commit that the plan was computed for. */
  headCommit: commitIdSchema,
  /** The commit whose files the target ends with. */
  toCommit: commitIdSchema,
  /** Merges that are taken back, newest first. */
  commits: z.array(
    z.object({ commit: commitIdSchema, taskKey: taskKeySchema.nullable(), subject: z.string(), files: z.number() }),
  ),
  files: z.object({ count: z.number(), added: z.number(), removed: z.number(), sample: z.array(z.string()) }),
  /** Live lanes that were built on a commit that is taken back. */
  lanes: z.array(z.object({ laneId: laneIdSchema, number: z.number(), title: z.string() })),
  /** Tasks that become open again. */
  tasks: z.array(z.object({ taskId: taskIdSchema, key: taskKeySchema, title: z.string() })),
  /** Services that get the revision of the checkpoint again. */
  services: z.array(
    z.object({
      serviceId: serviceIdSchema,
      name: serviceNameSchema,
      /** What is on its way, else what serves; null when it has never served. */
      fromRevision: revisionNumberSchema.nullable(),
      toRevision: revisionNumberSchema,
      strategy: z.enum(['rolling', 'blue-green', 'canary']),
      /** What is worth knowing before: its replicas are still there, or a volume it wrote to since. */
      note: z.string().nullable(),
    }),
  ),
  warnings: z.array(z.string()),
  computedAtMs: z.number(),
  /** Names this plan and the state it was computed for; executing another state is refused. */
  fingerprint: z.string(),
});
export type RollbackPlan = z.infer<typeof rollbackPlanSchema>;

/** A rollback that was confirmed. */
export const rollbackSchema = z.object({
  id: rollbackIdSchema,
  projectId: projectIdSchema,
  /** What people call it: "R-3". */
  number: z.number().int().positive(),
  checkpointId: checkpointIdSchema,
  stage: z.enum(['reverting', 'done', 'refused', 'undoing', 'undone']),
  branch: branchNameSchema,
  /** The target's commit before the rollback. */
  beforeCommit: commitIdSchema,
  /** The commit made by it; `beforeCommit` when only services go back. */
  afterCommit: commitIdSchema.nullable(),
  /** Tasks reopened by it. */
  taskIds: z.array(taskIdSchema),
  /** Services that it takes to another revision; those that did not exist then run on untouched. */
  services: z.array(
    z.object({
      serviceId: serviceIdSchema,
      /** What was on its way, else what served; null when it had never served. */
      fromRevision: revisionNumberSchema.nullable(),
      toRevision: revisionNumberSchema,
      /** The rollout that it was handed to; null until then. */
      rolloutId: rolloutIdSchema.nullable(),
    }),
  ),
  detail: z.string().nullable(),
  startedAtMs: z.number(),
  endedAtMs: z.number().nullable(),
  /** Taking it back, once that was begun: its timeline entry and the commit that is or was written for it. */
  undo: z
    .object({ entryId: checkpointIdSchema, beforeCommit: commitIdSchema, afterCommit: commitIdSchema })
    .nullable()
    .optional(),
});
export type Rollback = z.infer<typeof rollbackSchema>;
