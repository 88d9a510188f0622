import { useCallback } from 'react';
import type { CallName, InputOf, OutputOf } from '#shared/contract/contract.ts';
import { GantryError } from '#shared/contract/error.ts';
import { useClient } from '../client/ClientContext.tsx';
import { showToast } from '../ui/overlay/toast-queue.ts';

/** The words of an error for the person. */
export function errorText(error: unknown): string {
  if (error instanceof GantryError) return error.message;
  return error instanceof Error ? error.message : String(error);
}

/**
 * Asks the host for something whose result arrives through a stream. A refusal is shown as a
 * toast; for refusals that belong in a place (a form, a dialog), use `useClient().call`.
 */
export function useCall(): <Name extends CallName>(name: Name, input: InputOf<Name>) => Promise<OutputOf<Name> | null> {
  const client = useClient();
  return useCallback(
    async (name, input) => {
      try {
        return await client.call(name, input);
      } catch (error) {
        showToast({ shape: 'failed', text: errorText(error) });
        return null;
      }
    },
    [client],
  );
}
