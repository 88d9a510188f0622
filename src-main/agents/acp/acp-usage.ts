import type { PromptResponse } from '@agentclientprotocol/sdk';
import { z } from 'zod';
import type { Usage } from '#shared/model/agent-event.ts';

const count = z.number().int().nonnegative().catch(0);
/** Not in the protocol's stable part yet; agents that count send it along. */
const responseSchema = z.looseObject({
  usage: z.object({ inputTokens: count, outputTokens: count, cachedReadTokens: count }),
});

/** What one turn has used; null when the agent does not say. */
export function usageOf(response: PromptResponse): Usage | null {
  const parsed = responseSchema.safeParse(response);
  if (!parsed.success) return null;
  const { inputTokens, outputTokens, cachedReadTokens } = parsed.data.usage;
  return { inputTokens, outputTokens, cachedTokens: cachedReadTokens, costUsd: null };
}

/** Both together. A cost is known only when both are. */
export function addUsage(left: Usage, right: Usage): Usage {
  return {
    inputTokens: left.inputTokens + right.inputTokens,
    outputTokens: left.outputTokens + right.outputTokens,
    cachedTokens: left.cachedTokens + right.cachedTokens,
    costUsd: left.costUsd === null || right.costUsd === null ? null : left.costUsd + right.costUsd,
  };
}
