import { fail, type Failure } from '#shared/base/result.ts';
import type { ErrorCode } from '#shared/contract/error.ts';
import type { Refusal } from '../command.ts';

/** A refusal. `message` says in whole sentences what happened, what was kept and what to do. */
export function refuse(code: ErrorCode, message: string): Failure<Refusal> {
  return fail({ code, message });
}

/** Nothing by this name: `what` starts the sentence, as in "Lane lane-1". */
export function notFound(what: string): Failure<Refusal> {
  return refuse('not-found', `${what} is not known. Nothing was changed; reload and choose again.`);
}
