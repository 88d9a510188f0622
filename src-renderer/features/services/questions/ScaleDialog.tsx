import { useState } from 'react';
import type { ServiceView } from '#shared/contract/service-views.ts';
import { Field } from '../../../ui/field/Field.tsx';
import { FormDialog } from '../../../ui/overlay/FormDialog.tsx';
import { useServiceDeeds } from '../use-service-deeds.ts';

const replicasMax = 1_000;

/** How many replicas of a service are wanted. */
export function ScaleDialog({ service, onClose }: { service: ServiceView; onClose: () => void }) {
  const [text, setText] = useState(String(service.wanted));
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const deeds = useServiceDeeds();
  const submit = async (): Promise<void> => {
    const replicas = Number(text);
    if (text.trim() === '' || !Number.isInteger(replicas) || replicas < 0 || replicas > replicasMax) {
      setError(`“${text}” is no number of replicas. Write a whole number from 0 to ${replicasMax}.`);
      return;
    }
    setError(null);
    setBusy(true);
    if (await deeds.scale(service, replicas)) onClose();
    else setBusy(false);
  };
  return (
    <FormDialog
      narrow
      title={`Scale ${service.name}`}
      description="Makes a revision that differs in this number alone. What runs is not replaced."
      submitLabel="Scale"
      busyReason={busy ? 'The number is being set.' : null}
      onClose={onClose}
      onSubmit={() => void submit()}
    >
      <Field label="Replicas" hint="0 stops the service and keeps its revisions." error={error}>
        {(input) => (
          <input
            {...input}
            type="text"
            inputMode="numeric"
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        )}
      </Field>
    </FormDialog>
  );
}
