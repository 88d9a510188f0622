import { z } from 'zod';
import { agentRefSchema } from './agent.ts';
import { claimTokenSchema, laneIdSchema, projectIdSchema, taskIdSchema, taskKeySchema } from './ids.ts';

/** 1 is most urgent, 5 least. */
export const prioritySchema = z.number().int().min(1).max(5);

/** A task as a person or a plan writes it. */
export const taskSpecSchema = z.object({
  key: taskKeySchema,
  title: z.string().min(1).max(300),
  prompt: z.string().max(100_000),
  dependsOn: z.array(taskKeySchema).max(200).default([]),
  priority: prioritySchema.default(3),
  phase: z.string().max(80).default(''),
  /** Paths that the task is expected to touch: hints for the forecast, not limits. */
  paths: z.array(z.string().max(500)).max(200).default([]),
  /** Only this kind of agent may take it; null for any. */
  agent: agentRefSchema.nullable().default(null),
  /** One more gate for this task alone. */
  gate: z.string().max(4_000).nullable().default(null),
});
export type TaskSpec = z.infer<typeof taskSpecSchema>;

/** What may be changed of a task. What is left out stays as it is: no defaults here. */
export const taskChangeSchema = z.object({
  title: taskSpecSchema.shape.title.exactOptional(),
  prompt: taskSpecSchema.shape.prompt.exactOptional(),
  dependsOn: taskSpecSchema.shape.dependsOn.unwrap().exactOptional(),
  priority: prioritySchema.exactOptional(),
  phase: taskSpecSchema.shape.phase.unwrap().exactOptional(),
  paths: taskSpecSchema.shape.paths.unwrap().exactOptional(),
  agent: agentRefSchema.nullable().exactOptional(),
  gate: taskSpecSchema.shape.gate.unwrap().exactOptional(),
});
export type TaskChange = z.infer<typeof taskChangeSchema>;

/**
 * Where a task is, as stored. Whether an open task is ready or blocked is derived from
 * its dependencies (`coordinator/decide`).
 */
export const taskStateSchema = z.discriminatedUnion('state', [
  z.object({ state: z.literal('open') }),
  /** Held by exactly one lane until the lease ends. */
  z.object({
    state: z.literal('claimed'),
    laneId: laneIdSchema,
    token: claimTokenSchema,
    leaseUntilMs: z.number(),
  }),
  /** Its lane has finished; the merge queue has it. Still fenced by the same token. */
  z.object({ state: z.literal('submitted'), laneId: laneIdSchema, token: claimTokenSchema }),
  z.object({ state: z.literal('merged'), laneId: laneIdSchema, atMs: z.number() }),
  /** Waits for a person. */
  z.object({ state: z.literal('failed'), reason: z.string(), laneId: laneIdSchema.nullable(), atMs: z.number() }),
  z.object({ state: z.literal('cancelled'), atMs: z.number() }),
]);
export type TaskState = z.infer<typeof taskStateSchema>;

/** A task with its stored state. */
export const taskSchema = taskSpecSchema.extend({
  id: taskIdSchema,
  projectId: projectIdSchema,
  /** Order of arrival within the project, from 1. */
  order: z.number().int().positive(),
  /** How often it was started afresh. */
  attempts: z.number().int().nonnegative(),
  status: taskStateSchema,
  createdAtMs: z.number(),
});
export type Task = z.infer<typeof taskSchema>;
