import { type ReactNode, useRef, useState } from 'react';
import { Button } from '../../../ui/button/Button.tsx';

/**
 * Asks before what was written is thrown away. `ask` is what closes the dialog; `question`, when it
 * is there, takes the place of the dialog's buttons.
 */
export function useDiscard(dirty: boolean, close: () => void): { ask: () => void; question: ReactNode } {
  const [asking, setAsking] = useState(false);
  const keep = useRef<HTMLButtonElement>(null);
  const ask = (): void => {
    if (!dirty) return close();
    setAsking(true);
    requestAnimationFrame(() => keep.current?.focus());
  };
  if (!asking) return { ask, question: null };
  const question = (
    <>
      <span className="strong" role="alert">
        Discard what you have written?
      </span>
      <span className="grow" />
      <Button ref={keep} size="large" onClick={() => setAsking(false)}>
        Keep editing
      </Button>
      <Button size="large" variant="danger" onClick={close}>
        Discard
      </Button>
    </>
  );
  return { ask: () => setAsking(false), question };
}
