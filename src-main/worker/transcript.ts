/** A run's events as text for its output file, for agents that speak a protocol instead of prose. */
import type { AgentEvent } from '#shared/model/agent-event.ts';
import type { AgentRef } from '#shared/model/agent.ts';
import { adapterKind } from '../agents/capabilities.ts';

/** Null for what adds nothing to read. Commands write their own output. */
export function transcribe(event: AgentEvent, agent: AgentRef): string | null {
  if (adapterKind(agent) === 'command') return null;
  switch (event.type) {
    case 'message':
      return event.author === 'user' ? `> ${event.text.replaceAll('\n', '\n> ')}\n` : `${event.text}\n`;
    case 'tool':
      return event.status === 'running' ? null : tool(event);
    case 'permission':
      return `? ${event.title}\n`;
    case 'permission-resolved':
      return event.optionId === null ? null : `? ${event.allowed ? 'allowed' : 'rejected'}\n`;
    case 'retry':
    case 'error':
      return `! ${event.message}\n`;
    case 'raw':
      return `${event.line}\n`;
    default:
      return null;
  }
}

function tool(event: Extract<AgentEvent, { type: 'tool' }>): string {
  const head = event.command === null ? `* ${event.title}` : `$ ${event.command}`;
  const output = event.output?.trimEnd() ?? '';
  const exit = event.exitCode !== null && event.exitCode !== 0 ? `\n(exit code ${event.exitCode})` : '';
  return `${head}${output === '' ? '' : `\n${output}`}${exit}\n`;
}
