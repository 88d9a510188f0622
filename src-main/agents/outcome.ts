/** How a run ended, in one vocabulary: derived from what the agent said and how its program ended. */
import type { RunOutcome } from '#shared/model/agent-event.ts';
import type { ProgramExit } from './adapter.ts';

export type FailureReason = Extract<RunOutcome, { kind: 'failed' }>['reason'];

/** A failed run. `exit` is of the program, where it has ended. */
export function failed(reason: FailureReason, detail: string, exit?: ProgramExit): RunOutcome {
  return { kind: 'failed', reason, detail, exitCode: exit?.code ?? null, signal: exit?.signal ?? null };
}

/** What an agent's own words about a failure mean. */
export function classifyFailure(message: string): 'rate-limited' | 'unreachable' | 'agent-error' {
  if (/\b429\b|rate.?limit|too many requests|quota|usage limit/i.test(message)) return 'rate-limited';
  const network =
    /ECONN(REFUSED|RESET)|ENOTFOUND|ETIMEDOUT|EHOSTUNREACH|connection (refused|failed|reset)|error sending request|could not (connect|resolve)|failed to connect|stream disconnected|network error|waiting for network|dns error/i;
  return network.test(message) ? 'unreachable' : 'agent-error';
}

/** The sentence for a failure of the model's service. */
export function describeFailure(reason: 'rate-limited' | 'unreachable' | 'agent-error', message: string): string {
  const said = firstLine(plainMessage(message));
  if (reason === 'rate-limited') return `The model's service refused for now: ${said}`;
  if (reason === 'unreachable') return `The model's service could not be reached: ${said}`;
  return `The agent reported an error: ${said}`;
}

/** The sentence within an error that a service sent as JSON. */
function plainMessage(message: string): string {
  const quoted = /"message"\s*:\s*("(?:[^"\\]|\\.)*")/.exec(message)?.[1];
  return quoted === undefined ? message : String(JSON.parse(quoted));
}

/**
 * The outcome of a program whose exit code is all that it says. `lastWords` is the end of its
 * error output, which is where programs explain themselves.
 */
export function outcomeOfExit(exit: ProgramExit, summary: string, lastWords: string): RunOutcome {
  if (exit.startError !== null)
    return failed('not-found', `The program could not be started: ${exit.startError}`, exit);
  if (exit.signal !== null) return failed('crashed', `The program was ended by ${exit.signal}.`, exit);
  if (exit.code === 0) return { kind: 'ok', summary };
  const explained = lastWords.trim() === '' ? '' : `: ${firstLine(lastWords.trim())}`;
  return failed('exit-code', `The program ended with exit code ${exit.code}${explained}`, exit);
}

/** The first line of `text`, cut to fit a sentence. */
export function firstLine(text: string): string {
  const line = text.trim().split('\n', 1)[0] ?? '';
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
}
