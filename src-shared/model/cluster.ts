/** What is known of the Raft nodes. */
import { z } from 'zod';
import { nodeIdSchema } from './ids.ts';

/** One sample of a node's lag behind the leader's commit. Gaps stay gaps (null). */
export const lagSampleSchema = z.object({
  atMs: z.number(),
  entries: z.number().nullable(),
  ms: z.number().nullable(),
});
export type LagSample = z.infer<typeof lagSampleSchema>;

/** Latencies of one second, in milliseconds; null where nothing was committed. */
export const latencySampleSchema = z.object({
  atMs: z.number(),
  commitP50Ms: z.number().nullable(),
  commitP99Ms: z.number().nullable(),
  fsyncP99Ms: z.number().nullable(),
});
export type LatencySample = z.infer<typeof latencySampleSchema>;

/** Why a node takes no part. */
export const nodeConditionSchema = z.discriminatedUnion('state', [
  z.object({ state: z.literal('running') }),
  z.object({ state: z.literal('starting') }),
  /** Stopped by a person or a drill; its data is kept. */
  z.object({ state: z.literal('stopped'), sinceMs: z.number() }),
  /** Runs, but its connections are cut by a drill until `untilMs`. */
  z.object({ state: z.literal('cut-off'), sinceMs: z.number(), untilMs: z.number() }),
  /** Its data cannot be trusted; it neither votes nor serves until it is rebuilt from the others. */
  z.object({ state: z.literal('fenced'), sinceMs: z.number(), reason: z.string() }),
  z.object({ state: z.literal('crashed'), sinceMs: z.number(), reason: z.string() }),
]);
export type NodeCondition = z.infer<typeof nodeConditionSchema>;

/** One Raft node as the app sees it. Figures are those last heard. */
export const nodeViewSchema = z.object({
  id: nodeIdSchema,
  /** "thread 1", or host and port. */
  address: z.string(),
  role: z.enum(['leader', 'candidate', 'pre-candidate', 'follower', 'learner', 'none']),
  votes: z.boolean(),
  condition: nodeConditionSchema,
  term: z.number(),
  lastIndex: z.number(),
  commitIndex: z.number(),
  appliedIndex: z.number(),
  snapshotIndex: z.number(),
  logBytes: z.number(),
  /** Hash of the state and the index it was taken at, for comparing nodes. */
  stateHash: z.object({ hash: z.string(), index: z.number() }).nullable(),
  leaderSinceMs: z.number().nullable(),
  /** When the app last heard from it, and when it last heard from its leader. */
  heardAtMs: z.number(),
  leaderContactAtMs: z.number().nullable(),
  lagEntries: z.number().nullable(),
  lagMs: z.number().nullable(),
  writesPerSecond: z.number(),
  fsyncP99Ms: z.number().nullable(),
  lagSamples: z.array(lagSampleSchema),
});
export type NodeView = z.infer<typeof nodeViewSchema>;

/** A change of leadership, for the strip. */
export const leadershipSpanSchema = z.object({
  nodeId: nodeIdSchema,
  term: z.number(),
  fromMs: z.number(),
  toMs: z.number().nullable(),
  /** How long there was no leader before it, as measured. */
  electionMs: z.number().nullable(),
  cause: z.enum(['start', 'election', 'handed-over']),
});
export type LeadershipSpan = z.infer<typeof leadershipSpanSchema>;

/** The drills that a person can run. */
export const drillKindSchema = z.enum(['cut-off', 'stop', 'hand-over', 'slow-disk']);
export type DrillKind = z.infer<typeof drillKindSchema>;

/** A drill that runs or ran last. */
export const drillSchema = z.object({
  kind: drillKindSchema,
  nodeId: nodeIdSchema,
  startedAtMs: z.number(),
  /** When it ends by itself; null for those that end at once. */
  untilMs: z.number().nullable(),
  endedAtMs: z.number().nullable(),
  /** Measured: time without a leader, or to hand over. */
  leaderlessMs: z.number().nullable(),
  writesCommitted: z.number(),
  writesLost: z.number(),
});
export type Drill = z.infer<typeof drillSchema>;

/** The cluster as a whole. */
export const clusterViewSchema = z.object({
  leaderId: nodeIdSchema.nullable(),
  term: z.number(),
  voters: z.number(),
  /** Voters that are heard and take part. */
  votersHealthy: z.number(),
  /** How many more may fail before writes stop; negative when they have stopped. */
  failuresTolerated: z.number(),
  lastCommitAtMs: z.number().nullable(),
  nodes: z.array(nodeViewSchema),
  latency: z.array(latencySampleSchema),
  leadership: z.array(leadershipSpanSchema),
  /** When nodes were absent, for the strip. */
  absences: z.array(
    z.object({ nodeId: nodeIdSchema, fromMs: z.number(), toMs: z.number().nullable(), cause: z.string() }),
  ),
  drills: z.array(drillSchema),
});
export type ClusterView = z.infer<typeof clusterViewSchema>;
