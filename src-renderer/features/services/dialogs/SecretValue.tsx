import { type FormEvent, useState } from 'react';
import { secretNameSchema } from '#shared/model/service-ids.ts';
import { useProjectId } from '../../../app/current-project.ts';
import { errorText } from '../../../app/use-call.ts';
import { useClient } from '../../../client/ClientContext.tsx';
import { Button } from '../../../ui/button/Button.tsx';
import { Field } from '../../../ui/field/Field.tsx';

/** Sets the value of a secret, typed unseen or from a file. It is not kept here once it is sent. */
export function SecretValue({ name, onSet }: { name: string; onSet?: (version: number) => void }) {
  const client = useClient();
  const projectId = useProjectId();
  const [value, setValue] = useState('');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  const put = async (content: string, isBase64: boolean): Promise<void> => {
    const parsed = secretNameSchema.safeParse(name);
    if (projectId === null || busy) return;
    if (!parsed.success) return setProblem('Give it a name of letters, digits, dot, dash and underscore.');
    setBusy(true);
    setProblem(null);
    try {
      const { version } = await client.call('secret.put', { projectId, name: parsed.data, value: content, isBase64 });
      setValue('');
      onSet?.(version);
    } catch (error) {
      setProblem(errorText(error));
    } finally {
      setBusy(false);
    }
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    // A form around this one must not be sent with it.
    event.stopPropagation();
    if (value === '') setProblem('Type a value, or choose a file.');
    else void put(value, false);
  };
  const choose = async (file: File | undefined): Promise<void> => {
    if (file === undefined) return;
    try {
      await put(base64Of(new Uint8Array(await file.arrayBuffer())), true);
    } catch (error) {
      setProblem(`${file.name} cannot be read: ${errorText(error)}`);
    }
  };

  return (
    <form className="ssecret" noValidate autoComplete="off" onSubmit={submit}>
      <Field label={name === '' ? 'Value' : `Value of ${name}`} error={problem}>
        {(input) => (
          <input
            {...input}
            type="password"
            autoComplete="new-password"
            value={value}
            onChange={(event) => {
              setValue(event.target.value);
              setProblem(null);
            }}
          />
        )}
      </Field>
      <Button type="submit" disabledReason={busy ? 'It is being sealed.' : null}>
        Set value
      </Button>
      <label className="btn ssecret__file">
        From a file…
        <input className="sr" type="file" onChange={(event) => void choose(event.target.files?.[0])} />
      </label>
    </form>
  );
}

function base64Of(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}
