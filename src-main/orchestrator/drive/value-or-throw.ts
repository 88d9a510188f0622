import { GantryError } from '#shared/contract/error.ts';
import type { EngineRefusal, EngineResult } from '../../ports/engine.ts';

/** What an engine answered to something that a person asked for; its refusal becomes the person's error. */
export function valueOrThrow<T>(result: EngineResult<T>): T {
  if (result.ok) return result.value;
  throw refusalError(result.error);
}

/** A refusal as it is told over the contract. */
export function refusalError({ reason, message }: EngineRefusal): GantryError {
  switch (reason) {
    case 'unreachable':
    case 'timeout':
      return new GantryError('engine-unavailable', message, { retryable: true });
    case 'no-such-image':
      return new GantryError('unknown-image', message);
    case 'wrong-architecture':
    case 'port-taken':
    case 'disk-full':
      return new GantryError(reason, message);
    case 'no-such-container':
    case 'no-such-network':
    case 'no-such-volume':
      return new GantryError('not-found', message);
    default:
      return new GantryError('engine-refused', message, { data: { reason } });
  }
}
