import { z } from 'zod';
import { gateSpecSchema } from './gate.ts';
import { branchNameSchema, projectIdSchema } from './ids.ts';

/** A repository that Gantry works on, and how. */
export const projectSchema = z.object({
  id: projectIdSchema,
  /** Absolute path of the repository's main worktree. */
  path: z.string(),
  name: z.string(),
  /** The branch that lanes merge into. */
  targetBranch: branchNameSchema,
  gates: z.array(gateSpecSchema),
  /** Whether finished lanes land by themselves once their gates pass. */
  autoMerge: z.boolean(),
  /** Why auto-merge was switched off by Gantry itself, e.g. by a rollback; null when a person decides. */
  autoMergePausedBecause: z.string().nullable(),
  /** How often one task may be started afresh before it waits for a person. */
  attemptsMax: z.number().int().positive(),
  /** How often one lane gets its work back (conflict, failed gate) before it waits for a person. */
  reworksMax: z.number().int().nonnegative(),
  /** How long a claim holds without a renewal. */
  leaseMs: z.number().int().positive(),
  /** A run without any event for this long is ended as stalled. */
  stallMs: z.number().int().positive(),
  /** True for the generated sample repository. */
  isDemo: z.boolean(),
  openedAtMs: z.number(),
});
export type Project = z.infer<typeof projectSchema>;
