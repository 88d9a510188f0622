import { type ReactNode, useId } from 'react';
import { Button } from '../../../../ui/button/Button.tsx';
import { IconButton } from '../../../../ui/button/IconButton.tsx';
import { classNames } from '../../../../ui/class-names.ts';
import { Field } from '../../../../ui/field/Field.tsx';
import type { DraftProblems } from './read-draft.ts';

/** A named field of one line of text. */
export function TextField({
  label,
  hint,
  place,
  problems,
  value,
  mono = false,
  list,
  placeholder,
  onChange,
}: {
  label: string;
  hint?: ReactNode;
  /** Where it stands in the spec, for what is wrong with it. */
  place: string;
  problems: DraftProblems;
  value: string;
  mono?: boolean;
  /** Values to choose from. */
  list?: readonly string[];
  placeholder?: string;
  onChange: (value: string) => void;
}) {
  const listId = useId();
  return (
    <Field label={label} hint={hint} error={problems[place] ?? null}>
      {(input) => (
        <>
          <input
            {...input}
            className={mono ? 'mono' : undefined}
            value={value}
            autoComplete="off"
            spellCheck={false}
            placeholder={placeholder}
            list={list === undefined ? undefined : listId}
            onChange={(event) => onChange(event.target.value)}
          />
          {list !== undefined && (
            <datalist id={listId}>
              {list.map((each) => (
                <option key={each} value={each}>
                  {each}
                </option>
              ))}
            </datalist>
          )}
        </>
      )}
    </Field>
  );
}

/** A named choice of a few. */
export function ChoiceField<Value extends string>({
  label,
  hint,
  value,
  choices,
  onChange,
}: {
  label: string;
  hint?: ReactNode;
  value: Value;
  choices: readonly (readonly [Value, string])[];
  onChange: (value: Value) => void;
}) {
  return (
    <Field label={label} hint={hint}>
      {(input) => (
        <select {...input} value={value} onChange={(event) => onChange(event.target.value as Value)}>
          {choices.map(([id, words]) => (
            <option key={id} value={id}>
              {words}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

/** Rows of the same fields, to which others can be added. */
export function Rows<Row>({
  name,
  addLabel,
  rows,
  blank,
  layout,
  empty,
  onChange,
  children,
}: {
  /** What one row is: "port". */
  name: string;
  addLabel: string;
  rows: readonly Row[];
  blank: Row;
  /** The class with the columns. */
  layout: string;
  /** What having none means. */
  empty: string;
  onChange: (rows: readonly Row[]) => void;
  children: (row: Row, at: number, change: (part: Partial<Row>) => void) => ReactNode;
}) {
  return (
    <div className="srows">
      {rows.length === 0 && <p className="srows__none">{empty}</p>}
      {rows.map((row, at) => (
        <div
          // Rows have no identity but their place.
          key={at}
          className={classNames('srows__row', layout, at === 0 && 'srows__row--first')}
          role="group"
          aria-label={`${name} ${at + 1}`}
        >
          {children(row, at, (part) =>
            onChange(rows.map((each, other) => (other === at ? { ...each, ...part } : each))),
          )}
          <IconButton
            icon="x"
            label={`Remove ${name.toLowerCase()} ${at + 1}`}
            onClick={() => onChange(rows.filter((_, other) => other !== at))}
          />
        </div>
      ))}
      <Button size="small" variant="quiet" icon="plus" onClick={() => onChange([...rows, blank])}>
        {addLabel}
      </Button>
    </div>
  );
}
