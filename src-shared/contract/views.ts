/** What the screens and the command line are shown: derived from stored facts and live ones. */
import { z } from 'zod';
import { agentRefSchema } from '../model/agent.ts';
import { permissionOptionSchema, usageSchema } from '../model/agent-event.ts';
import { laneIdSchema, mergeIdSchema, projectIdSchema, taskIdSchema, taskKeySchema } from '../model/ids.ts';
import { laneEndSchema, laneWorkspaceSchema } from '../model/lane.ts';
import { mergeSchema } from '../model/merge.ts';
import { projectSchema } from '../model/project.ts';
import { taskSchema } from '../model/task.ts';

/** The one word for what a lane is doing. */
export const laneStatusSchema = z.enum([
  'waiting', // needs input from the person
  'failed', // ended badly and waits for the person
  'stale', // no fresh data: the worker does not answer
  'running',
  'gating', // its gates run on the merged result
  'landing', // the target is being moved
  'ready-to-merge', // in the merge queue, or waiting for a person while auto-merge is off
  'paused',
  'preparing', // its worktree is being made
  'queued', // waits for a task
  'merged',
  'stopped',
]);
export type LaneStatus = z.infer<typeof laneStatusSchema>;

/** A permission that a lane asks for. */
export const laneAskSchema = z.object({
  requestId: z.string(),
  title: z.string(),
  command: z.string().nullable(),
  options: z.array(permissionOptionSchema),
  askedAtMs: z.number(),
});
export type LaneAsk = z.infer<typeof laneAskSchema>;

/** Two lanes, or a lane and the target, that change the same place. */
export const collisionSchema = z.object({
  /** Null when it collides with the target branch. */
  laneId: laneIdSchema.nullable(),
  laneNumber: z.number().nullable(),
  path: z.string(),
});
export type Collision = z.infer<typeof collisionSchema>;

/** One row of the lanes view and the head of the lane page. */
export const laneViewSchema = z.object({
  id: laneIdSchema,
  projectId: projectIdSchema,
  number: z.number(),
  status: laneStatusSchema,
  agent: agentRefSchema,
  agentName: z.string(),
  agentShort: z.string(),
  taskId: taskIdSchema.nullable(),
  taskKey: taskKeySchema.nullable(),
  title: z.string(),
  /** What it does now, in a few words: "Editing src/api.ts". */
  step: z.string(),
  ask: laneAskSchema.nullable(),
  workspace: laneWorkspaceSchema.nullable(),
  changes: z.object({ files: z.number(), added: z.number(), removed: z.number() }).nullable(),
  collisions: z.array(collisionSchema),
  usage: usageSchema.nullable(),
  cpuPercent: z.number().nullable(),
  memoryBytes: z.number().nullable(),
  /** Events per 12.5 s over the last five minutes, oldest first: 24 numbers. */
  activity: z.array(z.number()),
  attempts: z.number(),
  reworks: z.number(),
  openedAtMs: z.number(),
  startedAtMs: z.number().nullable(),
  endedAtMs: z.number().nullable(),
  lastEventAtMs: z.number().nullable(),
  end: laneEndSchema.nullable(),
  gatesPassed: z.number().nullable(),
  gatesTotal: z.number().nullable(),
  /** What the person may do with it now. */
  can: z.object({
    pause: z.boolean(),
    resume: z.boolean(),
    interrupt: z.boolean(),
    stop: z.boolean(),
    message: z.boolean(),
    retry: z.boolean(),
    handOver: z.boolean(),
    merge: z.boolean(),
  }),
});
export type LaneView = z.infer<typeof laneViewSchema>;

/** The derived status of a task. */
export const taskStatusSchema = z.enum([
  'waiting',
  'failed',
  'running',
  'gating',
  'ready',
  'blocked',
  'merged',
  'cancelled',
]);
export type TaskStatus = z.infer<typeof taskStatusSchema>;

/** One card of the board. */
export const taskViewSchema = taskSchema.extend({
  shown: taskStatusSchema,
  /** Unfinished tasks that it waits for. */
  waitsFor: z.array(taskKeySchema),
  laneId: laneIdSchema.nullable(),
  laneNumber: z.number().nullable(),
  agentShort: z.string().nullable(),
  /** On the chain of tasks that decides when the plan ends. */
  critical: z.boolean(),
  /** Measured once it ended, else estimated from what ended before; null while nothing is known. */
  durationMs: z.number().nullable(),
  startedAtMs: z.number().nullable(),
  note: z.string().nullable(),
});
export type TaskView = z.infer<typeof taskViewSchema>;

/** The project as the shell shows it: top bar, rail, status bar. */
export const projectViewSchema = projectSchema.extend({
  available: z.boolean(),
  /** Why its folder cannot be used now; null when it can. */
  unavailableBecause: z.string().nullable(),
  branches: z.array(z.string()),
  targetHead: z.string().nullable(),
  /** Set while merges land on `gantry/<target>` because the checkout of the target is not clean. */
  detour: z
    .object({ branch: z.string(), aheadBy: z.number(), because: z.string(), canBringIn: z.boolean() })
    .nullable(),
  fleet: z.array(z.object({ agent: agentRefSchema, count: z.number() })),
  counts: z.object({
    lanesWaiting: z.number(),
    lanesLive: z.number(),
    lanesRunning: z.number(),
    tasks: z.number(),
    tasksMerged: z.number(),
    tasksFailed: z.number(),
    tasksOpen: z.number(),
    mergeQueue: z.number(),
  }),
  totals: z.object({ mergedToday: z.number(), tokens: z.number(), costUsd: z.number().nullable() }),
  /** A rollback or undo that is under way. */
  rollingBack: z.boolean(),
  /** Why nothing can be stored, or the last thing that went wrong in the merge queue: shown until it works again. */
  mergeProblem: z.string().nullable(),
});
export type ProjectView = z.infer<typeof projectViewSchema>;

/** The host: who serves this panel, and how it fares. */
export const hostViewSchema = z.object({
  version: z.string(),
  kind: z.enum(['electron', 'headless']),
  dataFolder: z.string(),
  startedAtMs: z.number(),
  nowMs: z.number(),
  eventsPerSecond: z.number(),
  cpuPercent: z.number(),
  memoryBytes: z.number(),
  memoryTotalBytes: z.number(),
  worker: z.discriminatedUnion('state', [
    z.object({ state: z.literal('connected'), pid: z.number(), runs: z.number() }),
    z.object({ state: z.literal('starting') }),
    z.object({ state: z.literal('unreachable'), sinceMs: z.number(), reason: z.string() }),
  ]),
  disk: z.object({ freeBytes: z.number(), low: z.boolean() }).nullable(),
  /** What a start of the app asked to see, also one that found it running: panels turn to it once. */
  asked: z.object({ projectId: projectIdSchema, atMs: z.number() }).nullable(),
});
export type HostView = z.infer<typeof hostViewSchema>;

/** One file of a lane's diff. `patch` is unified diff text without the file head; empty for binary files. */
export const diffFileSchema = z.object({
  path: z.string(),
  oldPath: z.string().nullable(),
  kind: z.enum(['add', 'update', 'delete', 'rename']),
  binary: z.boolean(),
  added: z.number(),
  removed: z.number(),
  patch: z.string(),
  /** The patch was longer than is shown. */
  cut: z.boolean(),
  collides: z.boolean(),
});
export type DiffFile = z.infer<typeof diffFileSchema>;

/** What the gates tab shows. */
export const laneGatesSchema = z.object({
  merges: z.array(mergeSchema),
  /** The gate that runs now, if any, with the end of its output so far. */
  running: z
    .object({
      mergeId: mergeIdSchema,
      name: z.string(),
      command: z.string(),
      startedAtMs: z.number(),
      outputTail: z.string(),
    })
    .nullable(),
  upcoming: z.array(z.object({ name: z.string(), command: z.string() })),
});
export type LaneGates = z.infer<typeof laneGatesSchema>;
