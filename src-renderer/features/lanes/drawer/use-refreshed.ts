import { useCallback, useEffect, useRef, useState } from 'react';
import type { CallName, InputOf, OutputOf } from '#shared/contract/contract.ts';
import { useClient } from '../../../client/ClientContext.tsx';
import { errorText } from '../../../app/use-call.ts';

/** An answer that is asked for again when it may have changed. The old one stays until the new one is there. */
export interface Refreshed<Answer> {
  readonly answer: Answer | null;
  readonly problem: string | null;
  readonly again: () => void;
}

/** The least time between two questions, so that a busy lane does not keep git busy. */
const pauseMs = 1_500;

/** Asks `name` now and whenever `version` changes, or each `everyMs` when given. */
export function useRefreshed<Name extends CallName>(
  name: Name,
  input: InputOf<Name>,
  version: string,
  everyMs: number | null = null,
): Refreshed<OutputOf<Name>> {
  const client = useClient();
  const key = JSON.stringify(input);
  const [state, setState] = useState<{ answer: OutputOf<Name> | null; problem: string | null }>({
    answer: null,
    problem: null,
  });
  const [turn, setTurn] = useState(0);
  const again = useCallback(() => setTurn((before) => before + 1), []);
  const last = useRef({ question: '', atMs: 0 });
  const question = `${key} ${version} ${turn}`;

  useEffect(() => {
    const asked = last.current;
    asked.question = question;
    const isCurrent = (): boolean => asked.question === question;
    const ask = async (): Promise<void> => {
      asked.atMs = performance.now();
      try {
        const answer = await client.call(name, JSON.parse(key) as InputOf<Name>);
        if (isCurrent()) setState({ answer, problem: null });
      } catch (error) {
        if (isCurrent()) setState((before) => ({ ...before, problem: errorText(error) }));
      }
      if (isCurrent() && everyMs !== null) timer = setTimeout(() => void ask(), everyMs);
    };
    const sinceMs = performance.now() - asked.atMs;
    let timer = setTimeout(() => void ask(), asked.atMs === 0 ? 0 : Math.max(0, pauseMs - sinceMs));
    return () => {
      asked.question = '';
      clearTimeout(timer);
    };
  }, [client, name, key, question, everyMs]);

  return { ...state, again };
}
