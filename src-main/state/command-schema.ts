/**
 * The shape of every command, checked where it is applied: a node must be able to refuse what
 * another machine proposed without stopping. Unknown properties are dropped, and what is stored
 * has its properties in the schema's order on every node.
 */
import { z } from 'zod';
import { agentRefSchema } from '#shared/model/agent.ts';
import { usageSchema } from '#shared/model/agent-event.ts';
import { gateResultSchema, gateSpecSchema } from '#shared/model/gate.ts';
import {
  branchNameSchema,
  checkpointIdSchema,
  claimTokenSchema,
  commitIdSchema,
  laneIdSchema,
  mergeIdSchema,
  projectIdSchema,
  rollbackIdSchema,
  runIdSchema,
  taskIdSchema,
} from '#shared/model/ids.ts';
import { laneEndSchema, laneWorkspaceSchema } from '#shared/model/lane.ts';
import { mergeRejectionSchema } from '#shared/model/merge.ts';
import { revisionNumberSchema } from '#shared/model/service.ts';
import { serviceIdSchema } from '#shared/model/service-ids.ts';
import { taskChangeSchema, taskSpecSchema } from '#shared/model/task.ts';
import type { Command } from './command.ts';
import { commandShape as command, count, detail, label } from './command-shape.ts';
import { serviceCommandSchemas } from './service-command-schema.ts';

const msMax = 86_400_000;
const durationMs = z.number().int().positive().max(msMax);
const changes = z.object({ files: count, added: count, removed: count });

const ofMerge = { mergeId: mergeIdSchema, token: claimTokenSchema };
const ofLane = { laneId: laneIdSchema, token: claimTokenSchema };

export const commandSchema = z.discriminatedUnion('kind', [
  command('project.open', {
    projectId: projectIdSchema,
    path: z.string().min(1).max(4_096),
    name: z.string().min(1).max(300),
    targetBranch: branchNameSchema,
    gates: z.array(gateSpecSchema).max(50),
    isDemo: z.boolean(),
  }),
  command('project.configure', {
    projectId: projectIdSchema,
    change: z.object({
      targetBranch: branchNameSchema.exactOptional(),
      gates: z.array(gateSpecSchema).max(50).exactOptional(),
      autoMerge: z.boolean().exactOptional(),
      autoMergePausedBecause: label.nullable().exactOptional(),
      attemptsMax: z.number().int().min(1).max(1_000).exactOptional(),
      reworksMax: z.number().int().min(0).max(1_000).exactOptional(),
      leaseMs: durationMs.exactOptional(),
      stallMs: durationMs.exactOptional(),
    }),
  }),
  command('project.forget', { projectId: projectIdSchema }),
  command('fleet.set', { projectId: projectIdSchema, agent: agentRefSchema, count: count.max(1_000) }),
  command('task.add', { projectId: projectIdSchema, tasks: z.array(taskSpecSchema).max(10_000) }),
  command('task.edit', { taskId: taskIdSchema, change: taskChangeSchema }),
  command('task.reopen', { taskId: taskIdSchema }),
  command('task.cancel', { taskId: taskIdSchema }),
  command('lane.open', { laneId: laneIdSchema, projectId: projectIdSchema, agent: agentRefSchema }),
  command('task.claim', { taskId: taskIdSchema, laneId: laneIdSchema, leaseMs: durationMs }),
  command('claim.renew', {
    claims: z.array(z.object({ taskId: taskIdSchema, token: claimTokenSchema })).max(10_000),
    leaseMs: durationMs,
  }),
  command('lane.prepare', { ...ofLane, workspace: laneWorkspaceSchema }),
  command('lane.run', { ...ofLane, runId: runIdSchema }),
  command('lane.submit', {
    ...ofLane,
    mergeId: mergeIdSchema,
    headCommit: commitIdSchema,
    changes,
    summary: detail,
    usage: usageSchema.nullable(),
  }),
  command('lane.end', {
    laneId: laneIdSchema,
    token: claimTokenSchema.nullable(),
    end: laneEndSchema,
    task: z.enum(['reopen', 'reopen-free', 'fail', 'keep']),
  }),
  command('claim.expire', { projectId: projectIdSchema }),
  command('merge.approve', { mergeId: mergeIdSchema }),
  command('merge.begin', {
    ...ofMerge,
    branch: branchNameSchema,
    targetCommit: commitIdSchema,
    mergeCommit: commitIdSchema,
  }),
  command('merge.gate', { ...ofMerge, result: gateResultSchema }),
  command('merge.checkpoint', { ...ofMerge, checkpointId: checkpointIdSchema, label }),
  command('merge.land', ofMerge),
  command('merge.requeue', ofMerge),
  command('merge.reject', {
    ...ofMerge,
    rejection: mergeRejectionSchema,
    next: z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('rework'), reason: detail, leaseMs: durationMs }),
      z.object({ kind: z.literal('fail'), reason: detail }),
    ]),
  }),
  command('checkpoint.add', {
    checkpointId: checkpointIdSchema,
    projectId: projectIdSchema,
    checkpointKind: z.enum(['opened', 'manual', 'outside']),
    label,
    branch: branchNameSchema,
    beforeCommit: commitIdSchema,
    afterCommit: commitIdSchema,
  }),
  command('rollback.begin', {
    rollbackId: rollbackIdSchema,
    projectId: projectIdSchema,
    checkpointId: checkpointIdSchema,
    entryId: checkpointIdSchema,
    branch: branchNameSchema,
    beforeCommit: commitIdSchema,
    afterCommit: commitIdSchema,
    undoneCheckpoints: z.array(checkpointIdSchema).max(100_000),
    taskIds: z.array(taskIdSchema).max(100_000),
    services: z
      .array(
        z.object({
          serviceId: serviceIdSchema,
          fromRevision: revisionNumberSchema.nullable(),
          toRevision: revisionNumberSchema,
        }),
      )
      .max(10_000)
      // Entries of a log from before there were services do not name them.
      .default([]),
  }),
  command('rollback.finish', { rollbackId: rollbackIdSchema }),
  command('rollback.refuse', { rollbackId: rollbackIdSchema, detail }),
  command('rollback.beginUndo', {
    rollbackId: rollbackIdSchema,
    entryId: checkpointIdSchema,
    beforeCommit: commitIdSchema,
    afterCommit: commitIdSchema,
  }),
  command('rollback.finishUndo', { rollbackId: rollbackIdSchema }),
  command('rollback.refuseUndo', { rollbackId: rollbackIdSchema, detail }),
  command('setting.put', { key: z.string().min(1).max(200), value: z.string().max(100_000) }),
  ...serviceCommandSchemas,
]) satisfies z.ZodType<Command>;

/** The kinds that this version can apply. */
export const commandKinds: ReadonlySet<string> = new Set(
  commandSchema.options.map((option) => option.shape.kind.value),
);
