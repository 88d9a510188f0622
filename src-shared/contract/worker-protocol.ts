/**
 * App ↔ worker. Frames over a local socket: four bytes of length (big endian), then msgpack.
 * The app says `hello` first; the worker answers `welcome` or closes. Requests carry an `id`
 * and get exactly one `reply`; journal entries and heartbeats come unasked once attached.
 */
import { z } from 'zod';
import { agentRefSchema } from '../model/agent.ts';
import { journalEntrySchema, runOutcomeSchema } from '../model/agent-event.ts';
import { claimTokenSchema, laneIdSchema, runIdSchema } from '../model/ids.ts';

/** All that the worker needs to run an agent for a lane. It knows nothing of tasks or Raft. */
export const runSpecSchema = z.object({
  runId: runIdSchema,
  laneId: laneIdSchema,
  /** The claim's token: a run whose token was superseded is ended. */
  token: claimTokenSchema,
  agent: agentRefSchema,
  /** The lane's worktree: the working directory. */
  cwd: z.string(),
  /** A folder of the lane's own for the agent's state; outside the worktree. */
  stateFolder: z.string(),
  /** Added to the worker's own environment: task, ports, git identity. */
  env: z.record(z.string(), z.string()),
  prompt: z.string(),
  /** The agent's own session to go on with, if it has one. */
  resumeSession: z.string().nullable(),
  /** No event for this long ends the run as `stalled`. */
  stallMs: z.number().int().positive(),
  /** The longest it may run. */
  timeoutMs: z.number().int().positive(),
});
export type RunSpec = z.infer<typeof runSpecSchema>;

/** What the worker says of one run. Ended runs are kept until they are forgotten. */
export const runReportSchema = z.object({
  runId: runIdSchema,
  laneId: laneIdSchema,
  token: claimTokenSchema,
  state: z.enum(['running', 'paused', 'ended']),
  pid: z.number().int().nullable(),
  startedAtMs: z.number(),
  lastEventAtMs: z.number(),
  lastSeq: z.number().int().nonnegative(),
  /** All that it ever wrote; the oldest of much output is not there any more. */
  outputBytes: z.number().int().nonnegative(),
  /** What its journal and output take on disk now. Workers of earlier versions do not tell. */
  keptBytes: z.number().int().nonnegative().optional(),
  cpuPercent: z.number().nullable(),
  memoryBytes: z.number().nullable(),
  outcome: runOutcomeSchema.nullable(),
});
export type RunReport = z.infer<typeof runReportSchema>;

const request = z.object({ id: z.number().int().positive() });

/** What the app asks of the worker. */
export const workerRequestSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('hello'), protocolVersion: z.number(), secret: z.string() }),
  /** Starts a run. The same `runId` again is answered as if it were the first time. */
  request.extend({ type: z.literal('start'), spec: runSpecSchema }),
  request.extend({
    type: z.literal('control'),
    runId: runIdSchema,
    action: z.enum(['pause', 'resume', 'interrupt', 'stop']),
    reason: z.string(),
  }),
  request.extend({ type: z.literal('message'), runId: runIdSchema, text: z.string() }),
  request.extend({
    type: z.literal('answer'),
    runId: runIdSchema,
    requestId: z.string(),
    optionId: z.string(),
    forLane: z.boolean(),
  }),
  /** Sends the journal of a run from after `afterSeq`, and goes on with what follows. */
  request.extend({ type: z.literal('follow'), runId: runIdSchema, afterSeq: z.number().int().nonnegative() }),
  request.extend({ type: z.literal('unfollow'), runId: runIdSchema }),
  /** Reads a run's raw output. */
  request.extend({
    type: z.literal('output'),
    runId: runIdSchema,
    fromByte: z.number().int().nonnegative(),
    bytesMax: z.number().int().positive().max(262_144),
  }),
  /** Removes what is kept of ended runs. */
  request.extend({ type: z.literal('forget'), runIds: z.array(runIdSchema) }),
  /** Ends every run and the worker itself. */
  request.extend({ type: z.literal('shutdown') }),
]);
export type WorkerRequest = z.infer<typeof workerRequestSchema>;

/** What the worker says. */
export const workerMessageSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('welcome'),
    protocolVersion: z.number(),
    workerVersion: z.string(),
    pid: z.number().int(),
    startedAtMs: z.number(),
    runs: z.array(runReportSchema),
  }),
  z.object({ type: z.literal('refused'), reason: z.string() }),
  z.object({
    type: z.literal('reply'),
    id: z.number().int().positive(),
    result: z.discriminatedUnion('ok', [
      z.object({ ok: z.literal(true), value: z.unknown() }),
      z.object({ ok: z.literal(false), code: z.string(), message: z.string() }),
    ]),
  }),
  /** Once a second: that the worker lives, and what its runs use. */
  z.object({ type: z.literal('heartbeat'), atMs: z.number(), runs: z.array(runReportSchema) }),
  z.object({ type: z.literal('entries'), runId: runIdSchema, entries: z.array(journalEntrySchema) }),
  /** Sent to every attached app as soon as a run has ended and its journal is on disk. */
  z.object({ type: z.literal('ended'), report: runReportSchema }),
]);
export type WorkerMessage = z.infer<typeof workerMessageSchema>;

/** The answer to `output`. `fromByte` is larger than asked when older output was rotated away. */
export interface RunOutput {
  readonly fromByte: number;
  readonly bytes: Uint8Array;
  readonly endByte: number;
  readonly ended: boolean;
}

/** A frame larger than this closes the connection. */
export const workerFrameBytesMax = 8 * 1024 * 1024;
