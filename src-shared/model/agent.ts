/** The kinds of agent that a lane can run, and what is known of each on this machine. */
import { z } from 'zod';

/**
 * Which agent a lane runs, as people write it: `demo`, `codex`, `claude`, `opencode`, `gemini`,
 * `acp:<command line of any Agent Client Protocol agent>` or `command:<shell command>`.
 */
export const agentRefSchema = z
  .string()
  .max(4_000)
  .regex(
    /^(demo|codex|claude|opencode|gemini|acp:[\s\S]*\S[\s\S]*|command:[\s\S]*\S[\s\S]*)$/,
    'demo, codex, claude, opencode, gemini, acp:COMMAND or command:COMMAND',
  )
  .brand<'AgentRef'>();
export type AgentRef = z.infer<typeof agentRefSchema>;

/** What was found when this machine was searched for one kind of agent. */
export const agentInfoSchema = z.object({
  ref: agentRefSchema,
  /** "Codex", "Demo agent". */
  name: z.string(),
  /** Two letters for narrow places: "cx". */
  short: z.string().length(2),
  /** True for the one built-in agent that only shows how Gantry works. */
  isDemo: z.boolean(),
  found: z.discriminatedUnion('state', [
    z.object({
      state: z.literal('installed'),
      version: z.string(),
      /** Null for what is built in. */
      path: z.string().nullable(),
      note: z.string().nullable(),
    }),
    z.object({ state: z.literal('missing'), installCommand: z.string() }),
    z.object({ state: z.literal('broken'), path: z.string(), reason: z.string(), installCommand: z.string() }),
  ]),
});
export type AgentInfo = z.infer<typeof agentInfoSchema>;
