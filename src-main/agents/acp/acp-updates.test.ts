import type { SessionUpdate } from '@agentclientprotocol/sdk';
import { expect, it } from 'vitest';
import type { AgentEvent } from '#shared/model/agent-event.ts';
import { AcpUpdates } from './acp-updates.ts';

function translate(...updates: SessionUpdate[]): AgentEvent[] {
  const events: AgentEvent[] = [];
  const translator = new AcpUpdates('/lane', (event) => events.push(event));
  for (const update of updates) translator.take(update);
  translator.flush();
  return events;
}

const says = (text: string, messageId: string | null = null): SessionUpdate => ({
  sessionUpdate: 'agent_message_chunk',
  messageId,
  content: { type: 'text', text },
});

it('puts pieces together into whole messages', () => {
  const events = translate(
    says('Hel'),
    says('lo'),
    { sessionUpdate: 'agent_thought_chunk', content: { type: 'text', text: 'hm' } },
    says('a', '1'),
    says('b', '2'),
  );
  expect(events).toEqual([
    { type: 'message', author: 'agent', text: 'Hello' },
    { type: 'thought', text: 'hm' },
    { type: 'message', author: 'agent', text: 'a' },
    { type: 'message', author: 'agent', text: 'b' },
  ]);
});

it('merges the parts of a tool call and tells an edit as a change of files', () => {
  const events = translate(
    {
      sessionUpdate: 'tool_call',
      toolCallId: 't',
      title: 'Edit',
      kind: 'edit',
      status: 'pending',
      locations: [{ path: '/lane/a.txt' }],
    },
    { sessionUpdate: 'tool_call_update', toolCallId: 't', status: 'in_progress' },
    {
      sessionUpdate: 'tool_call_update',
      toolCallId: 't',
      status: 'completed',
      content: [{ type: 'diff', path: '/lane/a.txt', oldText: null, newText: 'x' }],
    },
  );
  expect(events.map((event) => event.type)).toEqual(['tool', 'tool', 'file-change']);
  expect(events[1]).toMatchObject({ title: 'Edit', kind: 'edit', status: 'completed', paths: ['a.txt'] });
  expect(events[2]).toEqual({ type: 'file-change', path: 'a.txt', kind: 'add' });
});

it('finds the command, its exit code and output in what the agent calls its own', () => {
  const events = translate({
    sessionUpdate: 'tool_call',
    toolCallId: 't',
    title: 'ls',
    kind: 'execute',
    status: 'failed',
    rawInput: { command: ['ls', '-l'] },
    rawOutput: { exit_code: 2, formatted_output: 'no such file' },
  });
  expect(events[0]).toMatchObject({
    kind: 'command',
    command: 'ls -l',
    exitCode: 2,
    output: 'no such file',
    status: 'failed',
  });
});

it('hears of retries that the protocol has no word for', () => {
  const events = translate({
    sessionUpdate: 'session_info_update',
    _meta: { codex: { error: { message: 'Reconnecting', willRetry: true } } },
  });
  expect(events).toEqual([{ type: 'retry', message: 'Reconnecting' }]);
});
