import { useCallback, useState } from 'react';
import type { CallName, InputOf, OutputOf } from '#shared/contract/contract.ts';
import { errorText } from '../../../app/use-call.ts';
import { useClient } from '../../../client/ClientContext.tsx';

/** One thing at a time that is asked of the host from a place, with what came of it shown there. */
export function useDeed(): {
  readonly busy: boolean;
  readonly problem: string | null;
  readonly clear: () => void;
  readonly run: <Name extends CallName>(
    name: Name,
    input: InputOf<Name>,
    done?: (output: OutputOf<Name>) => void,
    refused?: (error: unknown) => void,
  ) => Promise<void>;
} {
  const client = useClient();
  const [state, setState] = useState<{ busy: boolean; problem: string | null }>({ busy: false, problem: null });
  const run = useCallback(
    async <Name extends CallName>(
      name: Name,
      input: InputOf<Name>,
      done?: (output: OutputOf<Name>) => void,
      refused?: (error: unknown) => void,
    ) => {
      setState({ busy: true, problem: null });
      try {
        const output = await client.call(name, input);
        setState({ busy: false, problem: null });
        done?.(output);
      } catch (error) {
        setState({ busy: false, problem: errorText(error) });
        refused?.(error);
      }
    },
    [client],
  );
  const clear = useCallback(() => setState({ busy: false, problem: null }), []);
  return { ...state, clear, run };
}
