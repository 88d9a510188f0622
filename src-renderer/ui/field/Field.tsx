import { type ReactElement, type ReactNode, useId } from 'react';
import { classNames } from '../class-names.ts';
import './field.css';

/** What a field hands to its input, so that the words belong to it. */
export interface FieldInputProps {
  readonly id: string;
  readonly 'aria-describedby': string | undefined;
  readonly 'aria-invalid': true | undefined;
}

/**
 * A named input. `hint` says what it is for; `error` replaces it and says what is wrong and
 * what is expected: "Port is missing. Write node-1=10.0.0.4:7420."
 */
export function Field({
  label,
  hint,
  error,
  tall = false,
  children,
}: {
  label: string;
  hint?: ReactNode;
  error?: string | null;
  /** The input is a text area. */
  tall?: boolean;
  children: (input: FieldInputProps) => ReactElement;
}) {
  const id = useId();
  const noteId = `${id}-note`;
  const wrong = error !== null && error !== undefined;
  const note = wrong ? error : hint;
  const hasNote = note !== undefined && note !== null;
  return (
    <div className={classNames('field', wrong && 'field--error')}>
      <label htmlFor={id}>{label}</label>
      <span className={classNames('field__box', tall && 'field__box--tall')}>
        {children({
          id,
          'aria-describedby': hasNote ? noteId : undefined,
          'aria-invalid': wrong ? true : undefined,
        })}
      </span>
      {hasNote && (
        <small id={noteId} role={wrong ? 'alert' : undefined}>
          {note}
        </small>
      )}
    </div>
  );
}
