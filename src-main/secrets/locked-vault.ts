/** A vault without its keys: whatever needs them is refused with the reason, and all else goes on. */
import { fail } from '#shared/base/result.ts';
import type { GantryError } from '#shared/contract/error.ts';
import type { SecretVault } from '../ports/secrets.ts';

/** `why` says where the keys are, and what to do. */
export function lockedVault(why: GantryError): SecretVault {
  return {
    keyId: 'none',
    keptIn: why.message,
    seal() {
      throw why;
    },
    open: () => fail(why),
    rewrap: () => fail(why),
    rotate: async () => fail(why),
    forgetOldKeys: async () => undefined,
  };
}
