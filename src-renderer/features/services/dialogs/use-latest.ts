import { useEffect, useRef, useState } from 'react';
import { errorText } from '../../../app/use-call.ts';

/** An answer that follows what is asked. The old one stays, marked, until the new one is there. */
export interface Latest<Answer> {
  readonly answer: Answer | null;
  readonly error: unknown;
  /** `error` in words. */
  readonly problem: string | null;
  /** The answer is to something older than what is asked now. */
  readonly isOld: boolean;
}

/** Quiet for this long, typing has paused. */
const pauseMs = 350;

/** Asks once typing pauses, and takes only the answer to the newest question. `key` names the question; null asks nothing. */
export function useLatest<Answer>(key: string | null, ask: () => Promise<Answer>): Latest<Answer> {
  const [state, setState] = useState<{ key: string | null; answer: Answer | null; error: unknown }>({
    key: null,
    answer: null,
    error: null,
  });
  const newest = useRef(ask);
  useEffect(() => {
    newest.current = ask;
  });
  useEffect(() => {
    if (key === null) return;
    let isCurrent = true;
    const settle = (change: { answer?: Answer; error: unknown }): void => {
      if (isCurrent) setState((before) => ({ ...before, ...change, key }));
    };
    const timer = setTimeout(() => {
      newest.current().then(
        (answer) => settle({ answer, error: null }),
        (error: unknown) => settle({ error }),
      );
    }, pauseMs);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [key]);
  const isOld = key !== state.key;
  return {
    answer: state.answer,
    error: isOld ? null : state.error,
    problem: isOld || state.error === null ? null : errorText(state.error),
    isOld,
  };
}
