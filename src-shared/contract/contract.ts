/**
 * The one contract between a person's side (renderer, command line) and the host.
 * Calls and streams are named `noun.verb`; inputs and outputs are validated where they
 * enter a process. Whatever is not here cannot be asked of the host.
 */
import { z } from 'zod';
import { agentInfoSchema, agentRefSchema } from '../model/agent.ts';
import { journalEntrySchema } from '../model/agent-event.ts';
import { checkpointSchema, rollbackPlanSchema, rollbackSchema } from '../model/checkpoint.ts';
import { clusterViewSchema, drillKindSchema } from '../model/cluster.ts';
import { gateSpecSchema } from '../model/gate.ts';
import {
  branchNameSchema,
  checkpointIdSchema,
  laneIdSchema,
  nodeIdSchema,
  projectIdSchema,
  rollbackIdSchema,
  runIdSchema,
  taskIdSchema,
} from '../model/ids.ts';
import { taskChangeSchema, taskSpecSchema } from '../model/task.ts';
import { call, logStream, stateStream } from './define.ts';
import { serviceContract } from './service-contract.ts';
import {
  diffFileSchema,
  hostViewSchema,
  laneGatesSchema,
  laneViewSchema,
  projectViewSchema,
  taskViewSchema,
} from './views.ts';

const nothing = z.object({});
const inProject = z.object({ projectId: projectIdSchema });
const ofLane = z.object({ laneId: laneIdSchema });

/** What was found on this machine. */
export const machineSchema = z.object({
  checkedAtMs: z.number(),
  git: z.discriminatedUnion('state', [
    z.object({ state: z.literal('ready'), version: z.string() }),
    z.object({ state: z.literal('missing'), advice: z.string() }),
    z.object({ state: z.literal('too-old'), version: z.string(), advice: z.string() }),
  ]),
  agents: z.array(agentInfoSchema),
  disk: z.object({ freeBytes: z.number() }).nullable(),
});
export type Machine = z.infer<typeof machineSchema>;

/** A folder as the open dialog lists it. */
export const folderListingSchema = z.object({
  path: z.string(),
  parent: z.string().nullable(),
  folders: z.array(z.object({ name: z.string(), path: z.string(), isRepository: z.boolean() })),
  /** True when the listing was cut at 1,000 folders. */
  cut: z.boolean(),
});
export type FolderListing = z.infer<typeof folderListingSchema>;

export const contract = {
  // ── the host ──
  'host.machine': call({ input: z.object({ again: z.boolean().default(false) }), output: machineSchema }),
  'host.watch': stateStream({ input: nothing, value: hostViewSchema }),
  /** Ends the worker and all that it runs; the app stays. */
  'host.shutdownWorker': call({ input: nothing, output: z.object({ runsEnded: z.number() }) }),
  'host.listFolder': call({ input: z.object({ path: z.string().max(4_096).nullable() }), output: folderListingSchema }),

  // ── projects ──
  'project.watch': stateStream({ input: nothing, value: projectViewSchema }),
  'project.open': call({ input: z.object({ path: z.string().min(1).max(4_096) }), output: projectViewSchema }),
  /** Makes the sample repository, loads its tasks and spawns its demo agents. */
  'project.openDemo': call({ input: nothing, output: projectViewSchema }),
  'project.configure': call({
    input: inProject.extend({
      targetBranch: branchNameSchema.optional(),
      gates: z.array(gateSpecSchema).max(50).optional(),
      autoMerge: z.boolean().optional(),
      attemptsMax: z.number().int().min(1).max(20).optional(),
      reworksMax: z.number().int().min(0).max(20).optional(),
      stallMs: z.number().int().min(1_000).max(86_400_000).optional(),
    }),
    output: projectViewSchema,
  }),
  /** Moves the target forward to `gantry/<target>`, once its checkout is clean. */
  'project.bringIn': call({ input: inProject, output: projectViewSchema }),
  /** Takes the project off the list. Nothing in the repository is removed. */
  'project.forget': call({ input: inProject, output: nothing }),

  // ── tasks ──
  'task.watch': stateStream({ input: inProject, value: taskViewSchema }),
  'task.add': call({
    input: inProject.extend({
      /** Without a key the next free `T-n` is taken. */
      tasks: z
        .array(taskSpecSchema.partial({ key: true }))
        .min(1)
        .max(5_000),
    }),
    output: z.object({ taskIds: z.array(taskIdSchema) }),
  }),
  /** Adds the tasks of a YAML plan. Tasks that exist already with the same words are left as they are. */
  'task.loadPlan': call({
    input: inProject.extend({ fileName: z.string().max(500), text: z.string().max(5_000_000) }),
    output: z.object({ added: z.array(taskIdSchema), kept: z.array(taskIdSchema) }),
  }),
  'task.edit': call({
    input: z.object({ taskId: taskIdSchema, change: taskChangeSchema }),
    output: nothing,
  }),
  /** Opens a failed or cancelled task again. */
  'task.retry': call({ input: z.object({ taskId: taskIdSchema }), output: nothing }),
  'task.cancel': call({ input: z.object({ taskId: taskIdSchema }), output: nothing }),

  // ── lanes ──
  'lane.watch': stateStream({ input: inProject, value: laneViewSchema }),
  /** Adds `count` agents of one kind to those that Gantry keeps busy. */
  'lane.spawn': call({
    input: inProject.extend({ agent: agentRefSchema, count: z.number().int().min(1).max(100) }),
    output: z.object({ fleet: z.number() }),
  }),
  /** Says exactly how many agents of one kind are to be kept busy. */
  'lane.setFleet': call({
    input: inProject.extend({ agent: agentRefSchema, count: z.number().int().min(0).max(1_000) }),
    output: z.object({ fleet: z.number() }),
  }),
  /** Ends the lane's process tree, saves its work as a ref, and opens its task again. */
  'lane.stop': call({ input: ofLane, output: nothing }),
  'lane.pause': call({ input: ofLane, output: nothing }),
  'lane.resume': call({ input: ofLane, output: nothing }),
  'lane.interrupt': call({ input: ofLane, output: nothing }),
  'lane.message': call({ input: ofLane.extend({ text: z.string().min(1).max(50_000) }), output: nothing }),
  'lane.answer': call({
    input: ofLane.extend({
      requestId: z.string(),
      optionId: z.string(),
      /** Answer the same way for the rest of this lane. */
      forLane: z.boolean().default(false),
    }),
    output: nothing,
  }),
  /** Starts a failed lane's task again in a new lane. */
  'lane.retry': call({ input: ofLane, output: nothing }),
  /** Stops the lane and gives its task to another kind of agent. */
  'lane.handOver': call({ input: ofLane.extend({ agent: agentRefSchema }), output: nothing }),
  /** Puts a finished lane into the merge queue while auto-merge is off. */
  'lane.merge': call({ input: ofLane, output: nothing }),
  'lane.diff': call({
    input: ofLane,
    output: z.object({ base: z.string(), files: z.array(diffFileSchema), cut: z.boolean() }),
  }),
  'lane.gates': call({ input: ofLane, output: laneGatesSchema }),
  /** The events of the lane's runs, oldest first. `runId` null starts with its first run. */
  'lane.events': logStream({
    input: ofLane.extend({ runId: runIdSchema.nullable(), afterSeq: z.number().int().nonnegative() }),
    item: z.object({ runId: runIdSchema, entry: journalEntrySchema }),
  }),
  /** The raw output of the lane's newest run from a byte offset; `text` is what was written. */
  'lane.log': logStream({
    input: ofLane.extend({ runId: runIdSchema.nullable(), fromByte: z.number().int().nonnegative() }),
    /** `endByte` is the offset to go on from: bytes that were not UTF-8 are longer in `text` than on disk. */
    item: z.object({ runId: runIdSchema, fromByte: z.number(), endByte: z.number(), text: z.string() }),
  }),

  // ── timeline ──
  'timeline.watch': stateStream({ input: inProject, value: checkpointSchema }),
  'timeline.watchRollbacks': stateStream({ input: inProject, value: rollbackSchema }),
  'timeline.checkpoint': call({
    input: inProject.extend({ label: z.string().min(1).max(200) }),
    output: checkpointSchema,
  }),
  /** Computes what rolling back to the state after this checkpoint would do. Changes nothing. */
  'timeline.plan': call({ input: z.object({ checkpointId: checkpointIdSchema }), output: rollbackPlanSchema }),
  'timeline.rollBack': call({
    input: z.object({ checkpointId: checkpointIdSchema, fingerprint: z.string() }),
    output: rollbackSchema,
  }),
  'timeline.undo': call({ input: z.object({ rollbackId: rollbackIdSchema }), output: rollbackSchema }),

  // ── cluster ──
  'cluster.watch': stateStream({ input: nothing, value: clusterViewSchema }),
  'cluster.drill': call({
    input: z.object({
      kind: drillKindSchema,
      nodeId: nodeIdSchema,
      forMs: z.number().int().min(1_000).max(600_000).default(60_000),
    }),
    output: nothing,
  }),
  /** Ends the drill that runs: starts, reconnects or speeds up its node. */
  'cluster.endDrill': call({ input: nothing, output: nothing }),
  'cluster.startNode': call({ input: z.object({ nodeId: nodeIdSchema }), output: nothing }),
  /** Replaces a fenced node's data with a copy from the others; it comes back under a new id. */
  'cluster.rebuildNode': call({
    input: z.object({ nodeId: nodeIdSchema }),
    output: z.object({ nodeId: nodeIdSchema }),
  }),

  ...serviceContract,
} as const;

export type Contract = typeof contract;

type EntriesOf<Kind extends string> = {
  [Name in keyof Contract as Contract[Name] extends { kind: Kind } ? Name : never]: Contract[Name];
};

/** Names of the calls, of the conflating streams and of the lossless ones. */
export type CallName = keyof EntriesOf<'call'>;
export type StateStreamName = keyof EntriesOf<'state'>;
export type LogStreamName = keyof EntriesOf<'log'>;

/** What a caller passes (before defaults), what a handler receives, and what comes back. */
export type InputOf<Name extends keyof Contract> = z.input<Contract[Name]['input']>;
export type ParsedInputOf<Name extends keyof Contract> = z.output<Contract[Name]['input']>;
export type OutputOf<Name extends CallName> = z.output<Contract[Name]['output']>;
export type ValueOf<Name extends StateStreamName> = z.output<Contract[Name]['value']>;
export type ItemOf<Name extends LogStreamName> = z.output<Contract[Name]['item']>;
