/** Demo agent ↔ its adapter: a line of JSON each. The agent says typed events as they are. */
import { z } from 'zod';

export const demoInputSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('answer'), requestId: z.string(), optionId: z.string(), allowed: z.boolean() }),
  z.object({ type: z.literal('prompt'), text: z.string() }),
  z.object({ type: z.literal('interrupt') }),
]);
export type DemoInput = z.infer<typeof demoInputSchema>;

/** What the demo agent is told at the start, in its environment. */
export const demoVariables = {
  promptFile: 'GANTRY_PROMPT_FILE',
  stateFile: 'GANTRY_DEMO_STATE',
  session: 'GANTRY_DEMO_SESSION',
} as const;

/** Exit code after `fail` and other ends that the agent has explained by an `error` event. */
export const demoFailureCode = 1;
