/**
 * Any agent that speaks the Agent Client Protocol, over the official SDK. Neither files nor
 * terminals are offered to it: it works in its worktree with its own means, since routing them
 * through here would look like a sandbox without being one.
 */
import {
  type ClientContext,
  client,
  methods,
  type NewSessionResponse,
  type PromptResponse,
  RequestError,
} from '@agentclientprotocol/sdk';
import { fail, ok } from '#shared/base/result.ts';
import { gantryVersion } from '#shared/contract/version.ts';
import type { AgentEvent, RunOutcome, Usage } from '#shared/model/agent-event.ts';
import type { AgentAdapter, AgentHost, AgentRun, ProgramExit } from '../adapter.ts';
import { boundTail } from '../bound-event.ts';
import { classifyFailure, describeFailure, failed, outcomeOfExit } from '../outcome.ts';
import { TurnQueue } from '../turn-queue.ts';
import { AcpPermissions } from './acp-permissions.ts';
import { acpAgentOf, acpCall } from './acp-program.ts';
import { acpStream } from './acp-stream.ts';
import { AcpUpdates } from './acp-updates.ts';
import { addUsage, usageOf } from './acp-usage.ts';

/** The protocol's own version number; an agent with another one is not talked to. */
const protocolVersion = 1;

export const acpAdapter: AgentAdapter = {
  missing(spec) {
    if (acpCall(spec.agent, { ...process.env, ...spec.env }) !== null) return null;
    const agent = acpAgentOf(spec.agent);
    return `${agent?.name ?? spec.agent} is not installed. Install it with "${agent?.installCommand ?? ''}".`;
  },
  run,
};

function run(host: AgentHost): AgentRun {
  const { spec } = host;
  const call = acpCall(spec.agent, { ...process.env, ...spec.env }) ?? { file: spec.agent, args: [] };
  const program = host.start({ ...call, stdin: 'open', stdoutIsProse: false });
  const turns = new TurnQueue();
  /** Set while an earlier session is loaded: the agent replays it, and the journal has it already. */
  let replaying = false;
  let trouble: string | null = null;
  let usage: Usage = { inputTokens: 0, outputTokens: 0, cachedTokens: 0, costUsd: null };
  let session: string | null = null;
  let inTurn = false;
  let interrupted = false;
  let lastWords = '';

  function emit(event: AgentEvent): void {
    if (replaying) return;
    if (event.type === 'retry' || event.type === 'error') trouble = event.message;
    else if (event.type !== 'message' && event.type !== 'raw') trouble = null;
    host.emit(event);
  }

  const updates = new AcpUpdates(spec.cwd, emit);
  const permissions = new AcpPermissions(updates, host.allowedForLane, emit);
  program.onLine('stderr', (line) => {
    lastWords = boundTail(`${lastWords}\n${line}`, 2_000);
  });
  const connection = client({ name: 'gantry' })
    .onRequest(methods.client.session.requestPermission, ({ params }) => permissions.ask(params))
    .onNotification(methods.client.session.update, ({ params }) => updates.take(params.update))
    .connect(acpStream(program, (line) => emit({ type: 'raw', line })));
  turns.add(spec.prompt);

  async function work(): Promise<RunOutcome> {
    try {
      const exitedEarly = program.exited.then((exit) => endedEarly(exit, lastWords));
      return await Promise.race([converse(connection.agent), exitedEarly]);
    } catch (error) {
      return refusedOutcome(error);
    } finally {
      permissions.cancelAll();
      turns.close();
      connection.close();
    }
  }

  /** The conversation from the handshake to the last turn. */
  async function converse(agent: ClientContext): Promise<RunOutcome> {
    const capable = await agent.request(methods.agent.initialize, {
      protocolVersion,
      clientCapabilities: { fs: { readTextFile: false, writeTextFile: false }, terminal: false },
      clientInfo: { name: 'gantry', version: gantryVersion },
    });
    if (capable.protocolVersion !== protocolVersion) {
      return failed(
        'agent-error',
        `The agent speaks protocol version ${capable.protocolVersion}, not ${protocolVersion}.`,
      );
    }
    const sessionId = await openSession(agent, capable.agentCapabilities ?? {});
    session = sessionId;
    emit({ type: 'session', sessionId });
    for (let prompt = await turns.next(); prompt !== null; ) {
      const response = await turn(agent, sessionId, prompt);
      const turnUsage = usageOf(response);
      if (turnUsage !== null) {
        usage = addUsage(usage, turnUsage);
        emit({ type: 'usage', usage });
      }
      const failure = turnFailure(response, { lastMessage: updates.lastMessage, trouble });
      if (failure !== null) return failure;
      prompt = turns.take();
      if (prompt !== null || response.stopReason !== 'cancelled') continue;
      // Also after a rejected permission: some agents then stop and want to hear what to do instead.
      const why = interrupted ? 'Interrupted.' : 'The agent stopped.';
      interrupted = false;
      emit({ type: 'turn-end', summary: `${why} It goes on when you write to it.` });
      prompt = await turns.next();
    }
    return { kind: 'ok', summary: updates.lastMessage };
  }

  async function openSession(
    agent: ClientContext,
    capable: { loadSession?: boolean; sessionCapabilities?: { resume?: unknown } },
  ): Promise<string> {
    const place = { cwd: spec.cwd, mcpServers: [] };
    const resume = spec.resumeSession;
    if (resume === null) return newSession(agent);
    try {
      if (capable.sessionCapabilities?.resume != null) {
        await agent.request(methods.agent.session.resume, { ...place, sessionId: resume });
        return resume;
      }
      if (capable.loadSession === true) {
        replaying = true;
        await agent.request(methods.agent.session.load, { ...place, sessionId: resume });
        updates.flush();
        return resume;
      }
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      host.emit({ type: 'retry', message: `The earlier session could not be resumed: ${error.message}` });
    } finally {
      replaying = false;
    }
    return newSession(agent);
  }

  async function newSession(agent: ClientContext): Promise<string> {
    const opened: NewSessionResponse = await agent.request(methods.agent.session.new, {
      cwd: spec.cwd,
      mcpServers: [],
    });
    return opened.sessionId;
  }

  async function turn(agent: ClientContext, sessionId: string, prompt: string): Promise<PromptResponse> {
    trouble = null;
    inTurn = true;
    try {
      return await agent.request(methods.agent.session.prompt, { sessionId, prompt: [{ type: 'text', text: prompt }] });
    } finally {
      inTurn = false;
      updates.flush();
    }
  }

  return {
    ended: work(),
    prompt(text) {
      turns.add(text);
      return ok(null);
    },
    answer: (requestId, optionId, forLane) => permissions.answer(requestId, optionId, forLane),
    interrupt() {
      if (session === null || !inTurn) return fail('The agent is between two turns.');
      interrupted = true;
      permissions.cancelAll();
      void connection.agent.notify(methods.agent.session.cancel, { sessionId: session });
      return ok(null);
    },
  };
}

/** Null when the turn did what it should, or was cancelled by the person. */
function turnFailure(
  response: PromptResponse,
  said: { lastMessage: string; trouble: string | null },
): RunOutcome | null {
  switch (response.stopReason) {
    case 'cancelled':
      return null;
    case 'max_tokens':
    case 'max_turn_requests':
      return failed('agent-error', 'The agent stopped at its own limit before it was done.');
    case 'refusal':
      return failed('agent-error', 'The agent refused to go on.');
    case 'end_turn':
      if (saysNoModelAnswered(response))
        return failureOf(said.lastMessage || (said.trouble ?? 'the model gave no answer'));
      return said.trouble !== null && soundsLikeFailure(said.lastMessage) ? failureOf(said.lastMessage) : null;
  }
}

/**
 * Some agents end a turn like any other when their model's service failed, with the failure as
 * text. What gives it away is that they count what a turn has used, and nothing was.
 */
function saysNoModelAnswered(response: PromptResponse): boolean {
  if ('usage' in response && response.usage === null) return true;
  const quota = response._meta?.['quota'];
  return quota !== null && typeof quota === 'object' && 'token_count' in quota && quota.token_count === null;
}

/** Asked only when a retry came before and no work after it. */
function soundsLikeFailure(message: string): boolean {
  return (
    classifyFailure(message) !== 'agent-error' || /high demand|overloaded|status: 5\d\d|server error/i.test(message)
  );
}

function failureOf(message: string): RunOutcome {
  const reason = classifyFailure(message);
  return failed(reason, describeFailure(reason, message));
}

/** The agent answered a request with an error. */
function refusedOutcome(error: unknown): RunOutcome {
  if (!(error instanceof RequestError)) return failureOf(error instanceof Error ? error.message : String(error));
  const detail = field(error.data, 'message') ?? field(error.data, 'details');
  return failureOf(typeof detail === 'string' ? `${error.message}: ${detail}` : error.message);
}

function endedEarly(exit: ProgramExit, lastWords: string): RunOutcome {
  if (exit.code === 0) return failed('agent-error', 'The agent ended in the middle of its work.', exit);
  return outcomeOfExit(exit, '', lastWords.trim().split('\n').at(-1) ?? '');
}

function field(value: unknown, name: string): unknown {
  return value !== null && typeof value === 'object' ? (value as Record<string, unknown>)[name] : undefined;
}
