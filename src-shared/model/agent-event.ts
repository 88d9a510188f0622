/**
 * What an agent says and does, in one vocabulary for every kind of agent. An adapter
 * translates its agent's own protocol into these; what it cannot translate it passes on
 * as `raw`, so that nothing an agent said is ever dropped.
 */
import { z } from 'zod';

/** How an agent's run ended. Derived from terminal event, exit code and signal together. */
export const runOutcomeSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ok'), summary: z.string() }),
  z.object({
    kind: z.literal('failed'),
    reason: z.enum([
      'exit-code', // ended with a code other than 0
      'agent-error', // said itself that it failed
      'rate-limited', // the model's service refused for now
      'unreachable', // the model's service could not be reached
      'stalled', // no progress within the watchdog's limit
      'timed-out', // ran longer than it may
      'not-found', // the program is not there
      'crashed', // killed by a signal that Gantry did not send
      'disk-full', // its journal could not be written
      'lost', // the worker that ran it went away
    ]),
    /** One sentence for the person. */
    detail: z.string(),
    exitCode: z.number().int().nullable(),
    signal: z.string().nullable(),
  }),
  z.object({ kind: z.literal('stopped'), detail: z.string() }),
]);
export type RunOutcome = z.infer<typeof runOutcomeSchema>;

/** One way to answer a permission request. */
export const permissionOptionSchema = z.object({
  optionId: z.string(),
  name: z.string(),
  kind: z.enum(['allow-once', 'allow-always', 'reject-once', 'reject-always']),
});
export type PermissionOption = z.infer<typeof permissionOptionSchema>;

/** Tokens and cost of a run so far: totals, not differences. Null where the agent does not say. */
export const usageSchema = z.object({
  inputTokens: z.number().int().nonnegative(),
  outputTokens: z.number().int().nonnegative(),
  cachedTokens: z.number().int().nonnegative(),
  costUsd: z.number().nonnegative().nullable(),
});
export type Usage = z.infer<typeof usageSchema>;

/** One typed event of a run. Text fields are untrusted and bounded by the adapter (64 KiB). */
export const agentEventSchema = z.discriminatedUnion('type', [
  /** The agent has a session that can be resumed under this id. */
  z.object({ type: z.literal('session'), sessionId: z.string() }),
  /** A whole message; `author` is `user` for what the person wrote to the lane. */
  z.object({ type: z.literal('message'), author: z.enum(['agent', 'user']), text: z.string() }),
  z.object({ type: z.literal('thought'), text: z.string() }),
  /** A tool call; the same `toolId` again updates it. */
  z.object({
    type: z.literal('tool'),
    toolId: z.string(),
    kind: z.enum(['command', 'edit', 'read', 'search', 'fetch', 'other']),
    title: z.string(),
    status: z.enum(['running', 'completed', 'failed']),
    command: z.string().nullable(),
    paths: z.array(z.string()),
    exitCode: z.number().int().nullable(),
    /** The end of its output. */
    output: z.string().nullable(),
    durationMs: z.number().nonnegative().nullable(),
  }),
  z.object({ type: z.literal('file-change'), path: z.string(), kind: z.enum(['add', 'update', 'delete']) }),
  z.object({
    type: z.literal('plan'),
    steps: z.array(z.object({ text: z.string(), status: z.enum(['pending', 'running', 'completed']) })),
  }),
  z.object({ type: z.literal('usage'), usage: usageSchema }),
  z.object({
    type: z.literal('permission'),
    requestId: z.string(),
    title: z.string(),
    /** The shell command it asks for, where it is one. */
    command: z.string().nullable(),
    options: z.array(permissionOptionSchema),
  }),
  /** Answered by the person, by "allow for lane", or void because the run ended (`optionId` null). */
  z.object({
    type: z.literal('permission-resolved'),
    requestId: z.string(),
    optionId: z.string().nullable(),
    allowed: z.boolean(),
  }),
  /** The agent tries again by itself; not an end. */
  z.object({ type: z.literal('retry'), message: z.string() }),
  z.object({ type: z.literal('error'), message: z.string() }),
  /** The person paused, resumed or interrupted the run. */
  z.object({ type: z.literal('control'), action: z.enum(['paused', 'resumed', 'interrupted']) }),
  /** A turn is over and the agent waits for the next prompt (only adapters that keep a session open). */
  z.object({ type: z.literal('turn-end'), summary: z.string() }),
  /** A line that the adapter does not know. */
  z.object({ type: z.literal('raw'), line: z.string() }),
  /** Always the last event of a run. */
  z.object({ type: z.literal('end'), outcome: runOutcomeSchema }),
]);
export type AgentEvent = z.infer<typeof agentEventSchema>;

/** An event as the worker's journal keeps it. `seq` counts from 1 within a run, without gaps. */
export const journalEntrySchema = z.object({
  seq: z.number().int().positive(),
  atMs: z.number(),
  event: agentEventSchema,
});
export type JournalEntry = z.infer<typeof journalEntrySchema>;

/** The longest text that one event may carry; adapters cut longer ones and say so. */
export const agentEventTextCharsMax = 65_536;
