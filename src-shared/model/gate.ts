/** Commands that decide whether merged work may land, and the evidence they leave. */
import { z } from 'zod';

/** A gate as the project declares it: a shell command run in a worktree of the merged commit. */
export const gateSpecSchema = z.object({
  name: z.string().min(1).max(80),
  command: z.string().min(1).max(4_000),
  timeoutMs: z.number().int().positive().max(86_400_000).default(600_000),
});
export type GateSpec = z.infer<typeof gateSpecSchema>;

/** What one run of a gate showed. */
export const gateResultSchema = z.object({
  name: z.string(),
  command: z.string(),
  state: z.enum(['passed', 'failed', 'timed-out', 'skipped']),
  exitCode: z.number().int().nullable(),
  durationMs: z.number().nonnegative(),
  startedAtMs: z.number(),
  /** The last part of standard output and error, interleaved, at most 16 KiB. */
  outputTail: z.string(),
});
export type GateResult = z.infer<typeof gateResultSchema>;
