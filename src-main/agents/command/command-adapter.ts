/**
 * Any shell command in the lane's worktree. It finds its task in `GANTRY_TASK_ID`,
 * `GANTRY_TASK_TITLE`, `GANTRY_PROMPT`, in the file `GANTRY_PROMPT_FILE` and on standard input;
 * what it prints becomes messages; exit code 0 means done.
 */
import { fail } from '#shared/base/result.ts';
import type { AgentAdapter, AgentHost, AgentRun } from '../adapter.ts';
import { outcomeOfExit } from '../outcome.ts';
import { shellCall } from '../shell-call.ts';
import { boundTail } from '../bound-event.ts';
import { MessageLines } from './message-lines.ts';

/** Linux takes no environment entry above 128 KiB; the file always has the whole prompt. */
const promptEnvBytesMax = 100_000;

export const commandAdapter: AgentAdapter = { missing: () => null, run };

function run(host: AgentHost): AgentRun {
  const { spec } = host;
  const program = host.start({
    ...shellCall(spec.agent.slice('command:'.length)),
    env: {
      GANTRY_PROMPT: Buffer.from(spec.prompt).subarray(0, promptEnvBytesMax).toString(),
      GANTRY_PROMPT_FILE: host.promptFile,
    },
    stdin: spec.prompt,
    stdoutIsProse: true,
  });
  const lines = new MessageLines(host.clock, (text) => host.emit({ type: 'message', author: 'agent', text }));
  let lastLine = '';
  let lastWords = '';
  let interrupted = false;
  program.onLine('stdout', (line) => {
    if (line.trim() !== '') lastLine = line;
    lines.add(line);
  });
  program.onLine('stderr', (line) => {
    lastWords = boundTail(`${lastWords}\n${line}`, 2_000);
    lines.add(line);
  });

  async function end(): Promise<Awaited<AgentRun['ended']>> {
    const exit = await program.exited;
    lines.flush();
    if (interrupted) return { kind: 'stopped', detail: 'The command was interrupted.' };
    const lastError = lastWords.trim().split('\n').at(-1) ?? '';
    return outcomeOfExit(exit, boundTail(lastLine, 500), lastError);
  }

  return {
    ended: end(),
    prompt: () => fail('A shell command takes no messages.'),
    answer: () => fail('A shell command asks for no permission.'),
    interrupt() {
      interrupted = true;
      program.interrupt();
      return { ok: true, value: null };
    },
  };
}
