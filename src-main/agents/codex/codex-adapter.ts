/**
 * Codex, by `codex exec --json`: one program a turn, further turns by resuming its session. The
 * prompt goes in by standard input, because a command line has a limit and mangles.
 */
import { fail, ok } from '#shared/base/result.ts';
import type { RunSpec } from '#shared/contract/worker-protocol.ts';
import type { RunOutcome } from '#shared/model/agent-event.ts';
import type { AgentAdapter, AgentHost, AgentProgram, AgentRun } from '../adapter.ts';
import { boundTail } from '../bound-event.ts';
import { classifyFailure, describeFailure, failed, outcomeOfExit } from '../outcome.ts';
import { TurnQueue } from '../turn-queue.ts';
import { type CodexLine, readCodexLine } from './codex-events.ts';
import { codexInstallCommand, findCodex } from './codex-program.ts';

export const codexAdapter: AgentAdapter = {
  missing: (spec) =>
    locate(spec) === null ? `Codex is not installed. Install it with "${codexInstallCommand}".` : null,
  run,
};

function locate(spec: RunSpec): string | null {
  return findCodex({ ...process.env, ...spec.env });
}

function run(host: AgentHost): AgentRun {
  const turns = new TurnQueue();
  const state = { session: host.spec.resumeSession, program: null as AgentProgram | null, interrupted: false };
  turns.add(host.spec.prompt);

  async function work(): Promise<RunOutcome> {
    let outcome: RunOutcome = { kind: 'ok', summary: '' };
    for (let prompt = await turns.next(); prompt !== null; prompt = turns.take() ?? (await afterInterrupt())) {
      outcome = await turn(prompt);
      if (outcome.kind === 'failed' && !state.interrupted) return outcome;
      if (outcome.kind === 'ok') state.interrupted = false;
    }
    return outcome;
  }

  /** An interrupted agent waits for the person; one that has finished its turn is done. */
  async function afterInterrupt(): Promise<string | null> {
    if (!state.interrupted) return null;
    host.emit({ type: 'turn-end', summary: 'Interrupted. It goes on when you write to it.' });
    const prompt = await turns.next();
    state.interrupted = false;
    return prompt;
  }

  async function turn(prompt: string): Promise<RunOutcome> {
    let terminal: CodexLine['terminal'] = null;
    let trouble: string | null = null;
    let summary = '';
    let lastWords = '';
    const program = host.start({
      file: locate(host.spec) ?? 'codex',
      args: codexArguments(host.spec.cwd, state.session),
      stdin: prompt,
      stdoutIsProse: false,
    });
    state.program = program;
    program.onLine('stdout', (line) => {
      const said = readCodexLine(line, host.spec.cwd);
      terminal = said.terminal ?? terminal;
      for (const event of said.events) {
        if (event.type === 'session') state.session = event.sessionId;
        if (event.type === 'message') summary = event.text;
        if (event.type === 'retry' || event.type === 'error') trouble = event.message;
        host.emit(event);
      }
    });
    program.onLine('stderr', (line) => {
      lastWords = boundTail(`${lastWords}\n${line}`, 2_000);
    });
    const exit = await program.exited;
    state.program = null;
    return codexOutcome(terminal, exit, { summary, trouble, lastWords });
  }

  return {
    ended: work(),
    prompt(text) {
      turns.add(text);
      return ok(null);
    },
    answer: () => fail('Codex asks for no permission in this mode.'),
    interrupt() {
      if (state.program === null) return fail('Codex is between two turns.');
      state.interrupted = true;
      state.program.interrupt();
      return ok(null);
    },
  };
}

/** Sessions are resumed by id; options come before the subcommand, which knows only some of them. */
function codexArguments(cwd: string, session: string | null): string[] {
  const options = ['exec', '--json', '-C', cwd, '-s', 'workspace-write', '--skip-git-repo-check'];
  // An id comes from what a program printed: one that could be taken for an option is not used.
  if (session === null || !/^[0-9A-Za-z][0-9A-Za-z-]*$/.test(session)) return [...options, '-'];
  return [...options, 'resume', session, '-'];
}

/** Terminal event, exit code and signal together: each alone has been seen to lie. */
function codexOutcome(
  terminal: CodexLine['terminal'],
  exit: Awaited<AgentProgram['exited']>,
  said: { summary: string; trouble: string | null; lastWords: string },
): RunOutcome {
  const message = terminal?.kind === 'failed' ? terminal.message : said.trouble;
  if (terminal?.kind === 'completed' && exit.code === 0) return { kind: 'ok', summary: said.summary };
  if (message !== null && exit.startError === null) {
    const reason = classifyFailure(message);
    return failed(reason, describeFailure(reason, message), exit);
  }
  if (exit.code === 0) return failed('agent-error', 'Codex ended without finishing its turn.', exit);
  return outcomeOfExit(exit, said.summary, said.lastWords.trim().split('\n').at(-1) ?? '');
}
