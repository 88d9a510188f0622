/** A service, its immutable revisions, and the record of each rollout. */
import { z } from 'zod';
import {
  checkpointIdSchema,
  commitIdSchema,
  laneIdSchema,
  projectIdSchema,
  rollbackIdSchema,
  taskIdSchema,
} from './ids.ts';
import {
  imageDigestSchema,
  rolloutIdSchema,
  serviceIdSchema,
  serviceNameSchema,
  stackNameSchema,
} from './service-ids.ts';
import { serviceSpecSchema, updatePolicySchema } from './service-spec.ts';

/** Counts within the service, from 1; never used twice. */
export const revisionNumberSchema = z.number().int().positive();

/** A service as stored. What runs is observed, not stored. */
export const serviceSchema = z.object({
  id: serviceIdSchema,
  projectId: projectIdSchema,
  stack: stackNameSchema,
  name: serviceNameSchema,
  /** `removing`: everything of it is being taken away; the row goes last. */
  state: z.enum(['active', 'removing']),
  /** The revision that the last successful rollout left serving; null before the first success. */
  servingRevision: revisionNumberSchema.nullable(),
  /** The rollout under way. */
  rolloutId: rolloutIdSchema.nullable(),
  /** Host ports that it was given where its spec leaves the choice; they stay its own. */
  publishedPorts: z.array(z.object({ containerPort: z.number().int(), hostPort: z.number().int() })),
  /** The newest revision's number. */
  revisions: z.number().int().nonnegative(),
  createdAtMs: z.number(),
});
export type Service = z.infer<typeof serviceSchema>;

/** Who or what asked for a revision or a rollout. */
export const deployOriginSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('person') }),
  z.object({ kind: z.literal('file'), fileName: z.string() }),
  z.object({ kind: z.literal('compose'), fileName: z.string() }),
  z.object({ kind: z.literal('preview'), laneId: laneIdSchema }),
  /** Promoted from a lane's preview, or built from merged work. */
  z.object({ kind: z.literal('lane'), laneId: laneIdSchema, taskId: taskIdSchema.nullable() }),
  z.object({ kind: z.literal('timeline'), rollbackId: rollbackIdSchema }),
]);
export type DeployOrigin = z.infer<typeof deployOriginSchema>;

/** One immutable version of a service: spec, image digest, and everything else that its containers are made from. */
export const revisionSchema = z.object({
  serviceId: serviceIdSchema,
  number: revisionNumberSchema,
  spec: serviceSpecSchema,
  /** Null until the image was resolved, pulled or built; set once. */
  digest: imageDigestSchema.nullable(),
  /** Versions of its secrets and configs, by name, pinned with the revision. */
  secretVersions: z.record(z.string(), z.number().int().positive()),
  configVersions: z.record(z.string(), z.number().int().positive()),
  origin: deployOriginSchema,
  /** The commit it was built from. */
  commit: commitIdSchema.nullable(),
  /** `stable` once a rollout to it succeeded; `failed` when one failed and none has succeeded since. */
  state: z.enum(['candidate', 'stable', 'failed']),
  /** Why it failed, for the list of revisions. */
  failure: z.string().nullable(),
  createdAtMs: z.number(),
});
export type Revision = z.infer<typeof revisionSchema>;

/** What a gate of a rollout decided, and on what grounds. */
export const rolloutDecisionSchema = z.object({
  atMs: z.number(),
  gate: z.enum([
    'preflight',
    'image',
    'started',
    'health',
    'traffic',
    'limits',
    'monitor',
    'deadline',
    'drain',
    'person',
    'supersede',
  ]),
  verdict: z.enum(['passed', 'failed', 'noted']),
  /** One sentence: "api.4 healthy, 3 of 3 checks". */
  detail: z.string().max(2_000),
  durationMs: z.number().nullable(),
  /** Exit code, last health output, log tail, counters: whatever the verdict rests on. */
  evidence: z.record(z.string(), z.union([z.string().max(20_000), z.number(), z.boolean(), z.null()])),
});
export type RolloutDecision = z.infer<typeof rolloutDecisionSchema>;

/** Where a rollout is. Only `orchestrator/decide/rollout` moves it on. */
export const rolloutStageSchema = z.discriminatedUnion('name', [
  /** Preflight, then the image on every host that will need it. Nothing that runs is touched. */
  z.object({ name: z.literal('preparing') }),
  /** Rolling: replicas are replaced in batches. `lastBatchAtMs` is when the last one became healthy. */
  z.object({ name: z.literal('replacing'), lastBatchAtMs: z.number().nullable() }),
  /** Blue-green and canary: the new replicas start beside the old ones, without traffic. */
  z.object({ name: z.literal('starting') }),
  /** Canary: step `step` (from 0) has its share of the traffic since `sinceMs`. */
  z.object({ name: z.literal('shifting'), step: z.number().int().nonnegative(), sinceMs: z.number() }),
  /** Blue-green and canary: all traffic goes to the new revision; the old one drains. */
  z.object({ name: z.literal('switching'), sinceMs: z.number() }),
  /** All replaced; failures within this period still count. */
  z.object({ name: z.literal('monitoring'), sinceMs: z.number() }),
  z.object({
    name: z.literal('ended'),
    outcome: z.enum(['succeeded', 'failed', 'aborted', 'superseded']),
    detail: z.string(),
  }),
]);
export type RolloutStage = z.infer<typeof rolloutStageSchema>;

/** The honest record of one rollout. */
export const rolloutSchema = z.object({
  id: rolloutIdSchema,
  serviceId: serviceIdSchema,
  projectId: projectIdSchema,
  /** Counts within the service, from 1. */
  number: z.number().int().positive(),
  kind: z.enum(['deploy', 'rollback', 'auto-rollback']),
  fromRevision: revisionNumberSchema.nullable(),
  toRevision: revisionNumberSchema,
  /** The update block that it follows: `rollback` of the spec when its kind is a way back. */
  policy: updatePolicySchema,
  stage: rolloutStageSchema,
  /** When the stage was entered or a replica last became healthy: what the progress deadline counts from. */
  progressAtMs: z.number(),
  /** Set while it stands still. `failure` when it waits for a person after one. */
  paused: z.object({ because: z.enum(['person', 'failure']), detail: z.string(), sinceMs: z.number() }).nullable(),
  /** A person asked for all traffic at once. */
  promoted: z.boolean(),
  /** New replicas that failed so far. */
  failures: z.number().int().nonnegative(),
  decisions: z.array(rolloutDecisionSchema).max(200),
  /** The timeline entry made before it; null for previews. */
  checkpointId: checkpointIdSchema.nullable(),
  origin: deployOriginSchema,
  startedAtMs: z.number(),
  endedAtMs: z.number().nullable(),
  /** Old replicas are kept for a switch back until then; null when none are. */
  keepPreviousUntilMs: z.number().nullable(),
});
export type Rollout = z.infer<typeof rolloutSchema>;
