/** Translates the lines of `codex exec --json` into typed events. Knows the format of Codex 0.16x. */
import { z } from 'zod';
import type { AgentEvent } from '#shared/model/agent-event.ts';
import { boundTail } from '../bound-event.ts';
import { worktreePath } from '../paths.ts';

const toolOutputCharsMax = 20_000;
const count = z.number().int().nonnegative().catch(0);
const status = z.string().catch('completed');

const itemSchema = z.discriminatedUnion('type', [
  z.object({ id: z.string(), type: z.literal('agent_message'), text: z.string() }),
  z.object({ id: z.string(), type: z.literal('reasoning'), text: z.string() }),
  z.object({
    id: z.string(),
    type: z.literal('command_execution'),
    command: z.string(),
    aggregated_output: z.string().catch(''),
    exit_code: z.number().int().nullish(),
    status,
  }),
  z.object({
    id: z.string(),
    type: z.literal('file_change'),
    changes: z.array(z.object({ path: z.string(), kind: z.enum(['add', 'update', 'delete']).catch('update') })),
    status,
  }),
  z.object({ id: z.string(), type: z.literal('mcp_tool_call'), server: z.string(), tool: z.string(), status }),
  z.object({ id: z.string(), type: z.literal('web_search'), query: z.string().catch('') }),
  z.object({
    id: z.string(),
    type: z.literal('todo_list'),
    items: z.array(z.object({ text: z.string(), completed: z.boolean() })),
  }),
  z.object({ id: z.string(), type: z.literal('error'), message: z.string() }),
]);
type Item = z.infer<typeof itemSchema>;
type ItemPhase = 'started' | 'updated' | 'completed';

const lineSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('thread.started'), thread_id: z.string() }),
  z.object({ type: z.literal('turn.started') }),
  z.object({ type: z.literal('item.started'), item: itemSchema }),
  z.object({ type: z.literal('item.updated'), item: itemSchema }),
  z.object({ type: z.literal('item.completed'), item: itemSchema }),
  z.object({
    type: z.literal('turn.completed'),
    usage: z.object({ input_tokens: count, cached_input_tokens: count, output_tokens: count }),
  }),
  z.object({ type: z.literal('turn.failed'), error: z.object({ message: z.string() }) }),
  z.object({ type: z.literal('error'), message: z.string() }),
]);

/** What one line means: its events, and whether it ends the turn. */
export interface CodexLine {
  readonly events: readonly AgentEvent[];
  readonly terminal: { readonly kind: 'completed' } | { readonly kind: 'failed'; readonly message: string } | null;
}

/** Translates one line of standard output; `cwd` is the worktree. Unknown lines become `raw`. */
export function readCodexLine(line: string, cwd: string): CodexLine {
  const parsed = lineSchema.safeParse(parseJson(line));
  if (!parsed.success) return { events: line.trim() === '' ? [] : [{ type: 'raw', line }], terminal: null };
  const said = parsed.data;
  switch (said.type) {
    case 'thread.started':
      return { events: [{ type: 'session', sessionId: said.thread_id }], terminal: null };
    case 'turn.started':
      return { events: [], terminal: null };
    case 'turn.completed': {
      const { input_tokens, cached_input_tokens, output_tokens } = said.usage;
      const usage = {
        inputTokens: input_tokens,
        cachedTokens: cached_input_tokens,
        outputTokens: output_tokens,
        costUsd: null,
      };
      return { events: [{ type: 'usage', usage }], terminal: { kind: 'completed' } };
    }
    case 'turn.failed':
      return { events: [], terminal: { kind: 'failed', message: said.error.message } };
    case 'error':
      // "Reconnecting… 1/5" is not an end; what ends a turn comes as turn.failed too.
      return { events: [{ type: 'retry', message: said.message }], terminal: null };
    default:
      return { events: itemEvents(said.item, said.type.slice('item.'.length) as ItemPhase, cwd), terminal: null };
  }
}

function itemEvents(item: Item, phase: ItemPhase, cwd: string): AgentEvent[] {
  switch (item.type) {
    case 'agent_message':
      return phase === 'completed' ? [{ type: 'message', author: 'agent', text: item.text }] : [];
    case 'reasoning':
      return phase === 'completed' ? [{ type: 'thought', text: item.text }] : [];
    case 'command_execution': {
      const command = withoutShell(item.command);
      return [
        tool(item.id, 'command', command, toolStatus(item.status, phase), {
          command,
          exitCode: item.exit_code ?? null,
          output: item.aggregated_output === '' ? null : boundTail(item.aggregated_output, toolOutputCharsMax),
        }),
      ];
    }
    case 'file_change':
      return fileChange(item, phase, cwd);
    case 'mcp_tool_call':
      return [tool(item.id, 'other', `${item.server}: ${item.tool}`, toolStatus(item.status, phase))];
    case 'web_search':
      return [tool(item.id, 'fetch', `Search the web: ${item.query}`, phase === 'completed' ? 'completed' : 'running')];
    case 'todo_list':
      return [{ type: 'plan', steps: planSteps(item.items) }];
    case 'error':
      return [{ type: 'error', message: item.message }];
  }
}

function fileChange(item: Extract<Item, { type: 'file_change' }>, phase: ItemPhase, cwd: string): AgentEvent[] {
  const changes = item.changes.map((change) => ({ path: worktreePath(change.path, cwd), kind: change.kind }));
  const paths = changes.map((change) => change.path);
  const state = toolStatus(item.status, phase);
  const call = tool(item.id, 'edit', `Edit ${paths.join(', ')}`, state, { paths });
  if (state !== 'completed') return [call];
  return [call, ...changes.map((change) => ({ type: 'file-change', ...change }) as const)];
}

/** `ls` of `/bin/bash -lc 'ls'`: the shell around it is the same each time. */
function withoutShell(command: string): string {
  const wrapped = /^(?:\/\S*\/)?(?:bash|zsh|sh) -l?c (?:'([^']*)'|"([^"\\$`]*)"|(\S+))$/.exec(command);
  return wrapped?.[1] ?? wrapped?.[2] ?? wrapped?.[3] ?? command;
}

type ToolEvent = Extract<AgentEvent, { type: 'tool' }>;

function tool(
  toolId: string,
  kind: ToolEvent['kind'],
  title: string,
  status: ToolEvent['status'],
  more: Partial<Pick<ToolEvent, 'command' | 'paths' | 'exitCode' | 'output'>> = {},
): ToolEvent {
  const rest = { command: null, paths: [], exitCode: null, output: null, durationMs: null };
  return { type: 'tool', toolId, kind, title, status, ...rest, ...more };
}

function toolStatus(said: string, phase: ItemPhase): ToolEvent['status'] {
  if (said === 'failed' || said === 'declined') return 'failed';
  return said === 'completed' && phase === 'completed' ? 'completed' : 'running';
}

/** Codex says what is done; the first that is not is what it is at. */
function planSteps(items: readonly { text: string; completed: boolean }[]) {
  const current = items.findIndex((item) => !item.completed);
  return items.map((item, index) => {
    if (item.completed) return { text: item.text, status: 'completed' as const };
    return { text: item.text, status: index === current ? ('running' as const) : ('pending' as const) };
  });
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
