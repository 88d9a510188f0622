/**
 * Translates a session's updates into typed events. Text comes in small pieces and is put
 * together into whole messages; tool calls come in parts of which only the changed ones are sent.
 */
import type { ContentBlock, SessionUpdate, ToolCallContent, ToolCallUpdate, ToolKind } from '@agentclientprotocol/sdk';
import type { AgentEvent } from '#shared/model/agent-event.ts';
import { boundTail } from '../bound-event.ts';
import { worktreePath } from '../paths.ts';

type ToolEvent = Extract<AgentEvent, { type: 'tool' }>;

const messageCharsMax = 16_384;
const toolOutputCharsMax = 20_000;
const toolsMax = 2_000;

/** What is known of one tool call so far. */
interface KnownTool {
  event: ToolEvent;
  changes: { path: string; kind: 'add' | 'update' }[];
}

export class AcpUpdates {
  readonly #cwd: string;
  readonly #emit: (event: AgentEvent) => void;
  readonly #tools = new Map<string, KnownTool>();
  #text: { kind: 'message' | 'thought'; messageId: string | null; text: string } | null = null;
  /** The last whole message of the agent. */
  lastMessage = '';

  constructor(cwd: string, emit: (event: AgentEvent) => void) {
    this.#cwd = cwd;
    this.#emit = emit;
  }

  take(update: SessionUpdate): void {
    switch (update.sessionUpdate) {
      case 'agent_message_chunk':
        this.#addText('message', update.messageId ?? null, textOf(update.content));
        return;
      case 'agent_thought_chunk':
        this.#addText('thought', update.messageId ?? null, textOf(update.content));
        return;
      case 'tool_call':
      case 'tool_call_update':
        this.flush();
        this.#takeTool(update);
        return;
      case 'plan':
        this.flush();
        this.#emit({ type: 'plan', steps: update.entries.map(planStep) });
        return;
      case 'session_info_update':
        this.#takeTrouble(update._meta);
        return;
      case 'notice':
        if (update.severity === 'error') this.#emit({ type: 'error', message: update.title });
        return;
      case 'user_message_chunk':
      case 'available_commands_update':
      case 'current_mode_update':
      case 'config_option_update':
      case 'usage_update':
        // What the person wrote is in the journal already; the rest says nothing of the work.
        return;
      default:
        this.#emit({ type: 'raw', line: JSON.stringify(update) });
    }
  }

  /** The kind of a tool call that was announced before, for a permission request that names only its id. */
  tool(toolCallId: string): ToolEvent | null {
    return this.#tools.get(toolCallId)?.event ?? null;
  }

  /** Takes the tool call of a permission request into account without announcing it. */
  learn(call: ToolCallUpdate): ToolEvent {
    return this.#merge(call).event;
  }

  /** Emits the message that was being put together; call at the end of each turn. */
  flush(): void {
    const gathered = this.#text;
    this.#text = null;
    if (gathered === null || gathered.text.trim() === '') return;
    const text = gathered.text.trim();
    if (gathered.kind === 'thought') this.#emit({ type: 'thought', text });
    else {
      this.lastMessage = text;
      this.#emit({ type: 'message', author: 'agent', text });
    }
  }

  #addText(kind: 'message' | 'thought', messageId: string | null, text: string): void {
    if (this.#text !== null && (this.#text.kind !== kind || this.#text.messageId !== messageId)) this.flush();
    this.#text ??= { kind, messageId, text: '' };
    this.#text.text += text;
    if (this.#text.text.length >= messageCharsMax) this.flush();
  }

  #takeTool(call: ToolCallUpdate): void {
    const before = this.#tools.get(call.toolCallId)?.event ?? null;
    const { event, changes } = this.#merge(call);
    // Output that grows by the line is told once, when the tool is done.
    if (before !== null && before.status === event.status && before.title === event.title) return;
    this.#emit(event);
    if (event.status !== 'completed' || event.kind !== 'edit' || before?.status === 'completed') return;
    const told = changes.length > 0 ? changes : event.paths.map((path) => ({ path, kind: 'update' as const }));
    for (const change of told) this.#emit({ type: 'file-change', ...change });
  }

  #merge(call: ToolCallUpdate): KnownTool {
    const known = this.#tools.get(call.toolCallId);
    const before = known?.event;
    const kind = call.kind ? toolKind(call.kind) : (before?.kind ?? 'other');
    const diffs = (call.content ?? []).filter((part) => part.type === 'diff');
    const paths = [...(call.locations ?? []).map((place) => place.path), ...diffs.map((diff) => diff.path)];
    const changes = diffs.map((diff) => ({
      path: worktreePath(diff.path, this.#cwd),
      kind: diff.oldText == null ? ('add' as const) : ('update' as const),
    }));
    const output = call.content ? contentText(call.content) : null;
    const event: ToolEvent = {
      type: 'tool',
      toolId: call.toolCallId,
      kind,
      title: call.title ?? before?.title ?? kind,
      status: toolStatus(call.status ?? null, before?.status ?? 'running'),
      command: commandOf(call.rawInput) ?? before?.command ?? null,
      paths:
        paths.length > 0 ? [...new Set(paths.map((path) => worktreePath(path, this.#cwd)))] : (before?.paths ?? []),
      exitCode: exitCodeOf(call.rawOutput) ?? before?.exitCode ?? null,
      output:
        output === null || output === ''
          ? (outputOf(call.rawOutput) ?? before?.output ?? null)
          : boundTail(output, toolOutputCharsMax),
      durationMs: null,
    };
    const merged = { event, changes: changes.length > 0 ? changes : (known?.changes ?? []) };
    this.#tools.set(call.toolCallId, merged);
    if (this.#tools.size > toolsMax) this.#tools.delete(this.#tools.keys().next().value ?? '');
    return merged;
  }

  /** Agents tell of retries in `_meta.<agent>.error`, since the protocol has no word for them. */
  #takeTrouble(meta: Record<string, unknown> | null | undefined): void {
    for (const value of Object.values(meta ?? {})) {
      const error = field(value, 'error');
      const message = field(error, 'message');
      if (typeof message !== 'string') continue;
      if (field(error, 'willRetry') === true) this.#emit({ type: 'retry', message });
      else this.#emit({ type: 'error', message });
    }
  }
}

function textOf(content: ContentBlock): string {
  return content.type === 'text' ? content.text : '';
}

function contentText(content: readonly ToolCallContent[]): string {
  return content.map((part) => (part.type === 'content' ? textOf(part.content) : '')).join('');
}

function toolKind(kind: ToolKind): ToolEvent['kind'] {
  switch (kind) {
    case 'execute':
      return 'command';
    case 'edit':
    case 'delete':
    case 'move':
      return 'edit';
    case 'read':
    case 'search':
    case 'fetch':
      return kind;
    default:
      return 'other';
  }
}

function toolStatus(said: string | null, before: ToolEvent['status']): ToolEvent['status'] {
  if (said === null) return before;
  return said === 'completed' || said === 'failed' ? said : 'running';
}

function planStep(entry: { content: string; status: string }) {
  const status = entry.status === 'in_progress' ? 'running' : entry.status === 'completed' ? 'completed' : 'pending';
  return { text: entry.content, status } as const;
}

/** `rawInput` is the agent's own; most name a command the same. */
function commandOf(rawInput: unknown): string | null {
  const command = field(rawInput, 'command') ?? field(rawInput, 'cmd');
  if (typeof command === 'string') return command;
  return Array.isArray(command) && command.every((part) => typeof part === 'string') ? command.join(' ') : null;
}

function exitCodeOf(rawOutput: unknown): number | null {
  const code =
    field(rawOutput, 'exit_code') ?? field(rawOutput, 'exitCode') ?? field(field(rawOutput, 'metadata'), 'exit');
  return typeof code === 'number' && Number.isInteger(code) ? code : null;
}

function outputOf(rawOutput: unknown): string | null {
  const output = field(rawOutput, 'formatted_output') ?? field(rawOutput, 'output') ?? field(rawOutput, 'stdout');
  return typeof output === 'string' ? boundTail(output, toolOutputCharsMax) : null;
}

function field(value: unknown, name: string): unknown {
  return value !== null && typeof value === 'object' ? (value as Record<string, unknown>)[name] : undefined;
}
