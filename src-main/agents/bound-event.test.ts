import { expect, it } from 'vitest';
import { type AgentEvent, agentEventSchema, agentEventTextCharsMax } from '#shared/model/agent-event.ts';
import { boundEvent, boundText } from './bound-event.ts';

it('keeps beginning and end, and says what is gone', () => {
  const cut = boundText(`begin${'x'.repeat(1_000)}end`, 100);
  expect(cut.length).toBeLessThanOrEqual(100);
  expect(cut).toMatch(/^begin/);
  expect(cut).toMatch(/end$/);
  expect(cut).toMatch(/characters left out/);
});

it('bounds an event as a whole', () => {
  const huge = 'x'.repeat(1_000_000);
  const event: AgentEvent = {
    type: 'tool',
    toolId: huge,
    kind: 'command',
    title: huge,
    status: 'completed',
    command: huge,
    paths: Array.from({ length: 5_000 }, () => huge),
    exitCode: 0,
    output: huge,
    durationMs: 1,
  };
  const bounded = boundEvent(event);
  expect(JSON.stringify(bounded).length).toBeLessThan(6 * agentEventTextCharsMax);
  expect(agentEventSchema.safeParse(bounded).success).toBe(true);
});

it('passes on as raw what breaks the vocabulary', () => {
  const event: AgentEvent = {
    type: 'usage',
    usage: { inputTokens: -1, outputTokens: 0, cachedTokens: 0, costUsd: null },
  };
  expect(boundEvent(event)).toEqual({ type: 'raw', line: JSON.stringify(event) });
});

it('changes nothing of what an agent said, control characters included', () => {
  const event: AgentEvent = { type: 'message', author: 'agent', text: '\u001b[31m<script>alert(1)</script>\u0000' };
  expect(boundEvent(event)).toEqual(event);
});
