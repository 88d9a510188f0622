/** Runs the built-in demo agent: a program of its own, so that it is watched and ended like any other. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fail, ok } from '#shared/base/result.ts';
import { agentEventSchema, type PermissionOption, type RunOutcome } from '#shared/model/agent-event.ts';
import type { AgentAdapter, AgentHost, AgentRun } from '../adapter.ts';
import { failed, outcomeOfExit } from '../outcome.ts';
import { demoFailureCode, type DemoInput, demoVariables } from './demo-protocol.ts';

/** Beside the sources it is TypeScript, beside the bundle JavaScript. */
const program = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? './demo-agent.ts' : './demo-agent.js', import.meta.url),
);

export const demoAdapter: AgentAdapter = { missing: () => null, run };

function run(host: AgentHost): AgentRun {
  const { spec } = host;
  const asked = new Map<string, readonly PermissionOption[]>();
  let summary = '';
  let error: string | null = null;

  const agent = host.start({
    file: process.execPath,
    args: [program],
    env: {
      [demoVariables.promptFile]: host.promptFile,
      [demoVariables.stateFile]: join(spec.stateFolder, 'demo.json'),
      [demoVariables.session]: spec.resumeSession ?? '',
    },
    stdin: 'open',
    stdoutIsProse: false,
  });
  const tell = (input: DemoInput): void => agent.write(`${JSON.stringify(input)}\n`);

  agent.onLine('stdout', (line) => {
    const event = parseEvent(line);
    if (event === null) {
      host.emit({ type: 'raw', line });
      return;
    }
    if (event.type === 'message') summary = event.text;
    error = event.type === 'error' ? event.message : error;
    host.emit(event);
    if (event.type === 'permission-resolved') asked.delete(event.requestId);
    if (event.type !== 'permission') return;
    asked.set(event.requestId, event.options);
    if (host.allowedForLane.has('demo')) settle(event.requestId, 'allow');
  });

  function settle(requestId: string, optionId: string): void {
    const allowed =
      asked
        .get(requestId)
        ?.find((option) => option.optionId === optionId)
        ?.kind.startsWith('allow') ?? false;
    asked.delete(requestId);
    host.emit({ type: 'permission-resolved', requestId, optionId, allowed });
    tell({ type: 'answer', requestId, optionId, allowed });
  }

  async function end(): Promise<RunOutcome> {
    const exit = await agent.exited;
    if (exit.code === demoFailureCode && error !== null) return failed('agent-error', error, exit);
    return outcomeOfExit(exit, summary, error ?? '');
  }

  return {
    ended: end(),
    prompt(text) {
      tell({ type: 'prompt', text });
      return ok(null);
    },
    answer(requestId, optionId, forLane) {
      const option = asked.get(requestId)?.find((candidate) => candidate.optionId === optionId);
      if (!option) return fail('The agent did not offer this answer.');
      if (forLane && option.kind.startsWith('allow')) host.allowedForLane.add('demo');
      settle(requestId, optionId);
      return ok(null);
    },
    interrupt() {
      tell({ type: 'interrupt' });
      return ok(null);
    },
  };
}

function parseEvent(line: string) {
  try {
    const parsed = agentEventSchema.safeParse(JSON.parse(line));
    return parsed.success ? parsed.data : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
