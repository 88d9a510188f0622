import { type FormEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import { Button } from '../../../ui/button/Button.tsx';
import { Field } from '../../../ui/field/Field.tsx';

/** Asks in place before something is gone that no undo brings back; with a name, it has to be typed. */
export function Confirm({
  question,
  typed,
  deed,
  busy,
  onConfirm,
  onCancel,
}: {
  question: ReactNode;
  /** What has to be typed; null where a press is enough. */
  typed: string | null;
  /** A verb with its object. */
  deed: string;
  busy: boolean;
  onConfirm: () => void;
  onCancel: () => void;
}) {
  const [text, setText] = useState('');
  const safe = useRef<HTMLButtonElement>(null);
  useEffect(() => safe.current?.focus(), []);
  const isTyped = typed === null || text === typed;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (isTyped && !busy) onConfirm();
  };
  return (
    <form className="sconfirm" noValidate onSubmit={submit}>
      <p>{question}</p>
      {typed !== null && (
        <Field label={`Type ${typed} to confirm`}>
          {(input) => (
            <input
              {...input}
              autoComplete="off"
              spellCheck={false}
              value={text}
              onChange={(event) => setText(event.target.value)}
            />
          )}
        </Field>
      )}
      <div className="sconfirm__deeds">
        {/* The safe one has the focus. */}
        <Button ref={safe} onClick={onCancel}>
          Cancel
        </Button>
        <Button
          type="submit"
          variant="confirm"
          disabledReason={busy ? 'It is being done.' : isTyped ? null : `Type ${typed} first.`}
        >
          {deed}
        </Button>
      </div>
    </form>
  );
}
