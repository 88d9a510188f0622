import { useState } from 'react';
import { hostIdSchema } from '#shared/model/service-ids.ts';
import { Button } from '../../../ui/button/Button.tsx';
import { Field } from '../../../ui/field/Field.tsx';
import { readLabels } from './read-labels.ts';
import { Problem } from './ResourceRow.tsx';
import { useDeed } from './use-deed.ts';

/** The form of a machine to run services on. */
export function NewHost({ onDone }: { onDone: () => void }) {
  const { busy, problem, run } = useDeed();
  const [draft, setDraft] = useState({ id: '', endpoint: '', labels: '' });
  const [wrong, setWrong] = useState<{ readonly id?: string; readonly labels?: string }>({});
  const change = (part: Partial<typeof draft>): void => {
    setDraft({ ...draft, ...part });
    setWrong({});
  };
  const add = (): void => {
    const id = hostIdSchema.safeParse(draft.id.trim());
    if (!id.success) return setWrong({ id: 'Expected lower-case letters, digits and dashes.' });
    const labels = readLabels(draft.labels);
    if (!labels.ok) return setWrong({ labels: labels.error });
    void run(
      'engine.put',
      { id: id.data, endpoint: draft.endpoint.trim(), labels: labels.value, availability: 'active' },
      () => onDone(),
    );
  };
  return (
    <div className="sres__edit">
      <Field label="Name" error={wrong.id ?? null}>
        {(input) => (
          <input
            {...input}
            value={draft.id}
            autoComplete="off"
            spellCheck={false}
            onChange={(event) => change({ id: event.target.value })}
          />
        )}
      </Field>
      <Field label="Engine" hint="unix:///…, tcp://HOST:PORT or npipe://…">
        {(input) => (
          <input
            {...input}
            value={draft.endpoint}
            autoComplete="off"
            spellCheck={false}
            onChange={(event) => change({ endpoint: event.target.value })}
          />
        )}
      </Field>
      <Field label="Labels" hint="For placing, such as zone=eu, with spaces between." error={wrong.labels ?? null}>
        {(input) => (
          <input
            {...input}
            value={draft.labels}
            autoComplete="off"
            spellCheck={false}
            onChange={(event) => change({ labels: event.target.value })}
          />
        )}
      </Field>
      <Problem text={problem} />
      <div className="sres__deeds">
        <Button onClick={onDone}>Cancel</Button>
        <Button
          variant="primary"
          disabledReason={
            busy ? 'It is being added.' : draft.endpoint.trim() === '' ? 'Say where its engine is.' : null
          }
          onClick={add}
        >
          Add host
        </Button>
      </div>
    </div>
  );
}
