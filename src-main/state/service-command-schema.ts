/** The shapes of the commands about services: as `command-schema.ts`, of which they are a part. */
import { z } from 'zod';
import {
  branchNameSchema,
  checkpointIdSchema,
  commitIdSchema,
  laneIdSchema,
  projectIdSchema,
  rollbackIdSchema,
} from '#shared/model/ids.ts';
import {
  deployOriginSchema,
  revisionNumberSchema,
  rolloutDecisionSchema,
  rolloutStageSchema,
} from '#shared/model/service.ts';
import {
  hostIdSchema,
  imageDigestSchema,
  rolloutIdSchema,
  secretNameSchema,
  serviceIdSchema,
  serviceNameSchema,
  stackNameSchema,
  volumeNameSchema,
} from '#shared/model/service-ids.ts';
import { sealedValueSchema, serviceHostSchema } from '#shared/model/service-resource.ts';
import { serviceSpecSchema } from '#shared/model/service-spec.ts';
import { commandShape, count, detail, label } from './command-shape.ts';

const port = z.number().int().min(1).max(65_535);
const untilMs = z.number().int().nonnegative();
const decisions = z.array(rolloutDecisionSchema).max(200);
const checkpoint = z
  .object({
    checkpointId: checkpointIdSchema,
    branch: branchNameSchema,
    headCommit: commitIdSchema,
    label,
  })
  .nullable();
const ofSecret = { projectId: projectIdSchema, name: secretNameSchema };
const ofVolume = { projectId: projectIdSchema, stack: stackNameSchema, name: volumeNameSchema };

export const serviceCommandSchemas = [
  commandShape('service.deploy', {
    serviceId: serviceIdSchema,
    projectId: projectIdSchema,
    stack: stackNameSchema,
    name: serviceNameSchema,
    spec: serviceSpecSchema,
    digest: imageDigestSchema.nullable(),
    commit: commitIdSchema.nullable(),
    origin: deployOriginSchema,
    rolloutId: rolloutIdSchema,
    checkpoint,
    expectedRevisions: count.nullable(),
  }),
  commandShape('service.rollBack', {
    serviceId: serviceIdSchema,
    toRevision: revisionNumberSchema,
    origin: deployOriginSchema,
    rolloutId: rolloutIdSchema,
    checkpoint,
  }),
  commandShape('service.remove', { serviceId: serviceIdSchema }),
  commandShape('service.forget', { serviceId: serviceIdSchema }),
  commandShape('revision.pin', {
    serviceId: serviceIdSchema,
    number: revisionNumberSchema,
    digest: imageDigestSchema,
  }),
  commandShape('rollout.advance', {
    rolloutId: rolloutIdSchema,
    from: rolloutStageSchema,
    to: rolloutStageSchema,
    failures: count,
    decisions,
  }),
  commandShape('rollout.note', { rolloutId: rolloutIdSchema, decisions, failures: count, progressed: z.boolean() }),
  commandShape('rollout.pause', { rolloutId: rolloutIdSchema, because: z.enum(['person', 'failure']), detail }),
  commandShape('rollout.resume', { rolloutId: rolloutIdSchema }),
  commandShape('rollout.promote', { rolloutId: rolloutIdSchema }),
  commandShape('rollout.end', {
    rolloutId: rolloutIdSchema,
    outcome: z.enum(['succeeded', 'failed', 'aborted']),
    detail,
    decisions,
    keepPreviousUntilMs: untilMs.nullable(),
    back: z.object({ rolloutId: rolloutIdSchema, toRevision: revisionNumberSchema }).nullable(),
  }),
  commandShape('rollout.releasePrevious', { rolloutId: rolloutIdSchema }),
  commandShape('secret.put', { ...ofSecret, sealed: sealedValueSchema, sizeBytes: count }),
  commandShape('secret.rewrap', {
    ...ofSecret,
    versions: z.array(z.object({ version: z.number().int().positive(), sealed: sealedValueSchema })).max(1_000),
  }),
  commandShape('secret.remove', ofSecret),
  commandShape('config.put', { ...ofSecret, text: z.string().max(1_000_000) }),
  commandShape('config.remove', ofSecret),
  commandShape('volume.put', {
    ...ofVolume,
    driver: z.string().min(1).max(100),
    options: z.record(z.string().max(200), z.string().max(4_096)),
  }),
  commandShape('volume.place', { ...ofVolume, hostId: hostIdSchema }),
  commandShape('volume.remove', ofVolume),
  commandShape('host.put', { host: serviceHostSchema }),
  commandShape('host.remove', { hostId: hostIdSchema }),
  commandShape('service.publish', {
    serviceId: serviceIdSchema,
    ports: z.array(z.object({ containerPort: port, hostPort: port })).max(50),
  }),
  commandShape('preview.put', {
    projectId: projectIdSchema,
    stack: stackNameSchema,
    laneId: laneIdSchema,
    fileName: z.string().max(500),
    state: z.enum(['building', 'running', 'failed', 'removing']),
    detail: detail.nullable(),
  }),
  commandShape('preview.forget', { projectId: projectIdSchema, stack: stackNameSchema }),
  commandShape('rollback.services', {
    rollbackId: rollbackIdSchema,
    services: z.array(z.object({ serviceId: serviceIdSchema, rolloutId: rolloutIdSchema })).max(10_000),
  }),
] as const;
