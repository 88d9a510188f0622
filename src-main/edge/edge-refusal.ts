/** What an edge itself refuses or fails at, as an engine's refusal: callers handle both alike. */
import type { EngineRefusal, EngineResult } from '../ports/engine.ts';
import { fail } from '#shared/base/result.ts';

/** A refusal with a sentence for the person and, where there is one, what was said word by word. */
export function refuse<T>(reason: EngineRefusal['reason'], message: string, detail: string = message): EngineResult<T> {
  return fail({ reason, message, detail });
}
