import { useState } from 'react';
import type { ServiceHostView } from '#shared/contract/service-views.ts';
import { hostIdSchema } from '#shared/model/service-ids.ts';
import { counted, size } from '../../../app/text.ts';
import { useStream, useStreamList, useStreamState } from '../../../client/use-stream.ts';
import { Button } from '../../../ui/button/Button.tsx';
import { Field } from '../../../ui/field/Field.tsx';
import { Mark } from '../../../ui/icon/Mark.tsx';
import { Tag } from '../../../ui/label/Tag.tsx';
import { showToast } from '../../../ui/overlay/toast-queue.ts';
import { Blank } from '../../../ui/state/Blank.tsx';
import { Confirm } from './Confirm.tsx';
import { Problem, ResourceRow } from './ResourceRow.tsx';
import { ResourceState } from './ResourceState.tsx';
import { useDeed } from './use-deed.ts';

const nothing = {};

/** The machines that services run on: how they are, emptying one for maintenance, adding and forgetting one. */
export function HostsPanel() {
  const stream = useStream('engine.watch', nothing);
  const hosts = useStreamList(stream);
  const state = useStreamState(stream);
  const [isNew, setNew] = useState(false);
  return (
    <>
      <ResourceState
        state={state}
        isEmpty={hosts.length === 0}
        empty={
          <Blank title="No hosts yet.">
            <p>Add a machine with a container engine.</p>
          </Blank>
        }
      >
        <ul className="sres__list">
          {hosts.map((host) => (
            <HostRow key={host.id} host={host} others={hosts.filter((each) => each.id !== host.id)} />
          ))}
        </ul>
      </ResourceState>
      {isNew ? (
        <NewHost onDone={() => setNew(false)} />
      ) : (
        <Button icon="plus" onClick={() => setNew(true)}>
          Add a host
        </Button>
      )}
    </>
  );
}

function HostRow({ host, others }: { host: ServiceHostView; others: readonly ServiceHostView[] }) {
  const { busy, problem, clear, run } = useDeed();
  const [question, setQuestion] = useState<'drain' | 'forget' | null>(null);
  const { id, name, engine, availability, endpoint } = host;
  const isReady = engine.state === 'ready';
  const isDraining = availability === 'drain';
  const elsewhere = others.filter((each) => each.engine.state === 'ready' && each.availability === 'active');
  const cancel = (): void => {
    setQuestion(null);
    clear();
  };
  return (
    <ResourceRow
      label={name}
      title={
        <>
          <Mark small shape={isReady ? 'done' : 'stale'} label={isReady ? 'Answers' : 'Does not answer'} /> {name}
          {isDraining && <Tag tone="waiting">drains</Tag>}
        </>
      }
      facts={<>{factsOf(host).join(', ')}.</>}
      deeds={
        <>
          {isDraining ? (
            <Button
              size="small"
              disabledReason={busy ? 'It is being done.' : null}
              onClick={() =>
                void run('engine.drain', { hostId: id, drain: false }, () =>
                  showToast({ shape: 'done', text: `${name} is used again.` }),
                )
              }
            >
              Use again
            </Button>
          ) : (
            <Button
              size="small"
              disabledReason={busy ? 'It is being done.' : null}
              onClick={() => setQuestion('drain')}
            >
              Drain
            </Button>
          )}
          {endpoint !== null && (
            <Button
              size="small"
              variant="danger"
              disabledReason={busy ? 'It is being done.' : null}
              onClick={() => setQuestion('forget')}
            >
              Forget
            </Button>
          )}
        </>
      }
      problem={problem}
    >
      {question === 'drain' && (
        <Confirm
          question={drainText(host, elsewhere)}
          typed={null}
          deed={`Drain ${name}`}
          busy={busy}
          onCancel={cancel}
          onConfirm={() => void run('engine.drain', { hostId: id, drain: true }, cancel)}
        />
      )}
      {question === 'forget' && problem === null && (
        <Confirm
          question={`Gantry looks at ${name} no more. It is refused while services have anything there.`}
          typed={null}
          deed={`Forget ${name}`}
          busy={busy}
          onCancel={cancel}
          onConfirm={() => void run('engine.remove', { hostId: id })}
        />
      )}
      {question === 'forget' && problem !== null && (
        <Confirm
          question="What is there goes on, and nobody looks after it any more. Drain the host to have it moved instead."
          typed={id}
          deed={`Give up ${name}`}
          busy={busy}
          onCancel={cancel}
          onConfirm={() => void run('engine.remove', { hostId: id, givingUp: true })}
        />
      )}
    </ResourceRow>
  );
}

/** What emptying a host means: where its replicas go, or that they stay for want of a place. */
function drainText({ name, replicas }: ServiceHostView, elsewhere: readonly ServiceHostView[]): string {
  const nothingNew = `Nothing new is placed on ${name} until it is used again.`;
  if (replicas === 0) return nothingNew;
  const what = counted(replicas, 'replica');
  if (elsewhere.length === 0) {
    return `${nothingNew} There is no other host: its ${what} run on and are shown as pending, and a deploy waits.`;
  }
  const [only] = elsewhere;
  const where = elsewhere.length === 1 && only !== undefined ? only.name : `${elsewhere.length} other hosts`;
  return `${nothingNew} Its ${what} move to ${where}, each once its successor serves. What a volume holds to it stays.`;
}

function factsOf({ engine, replicas, labels, endpoint, cpuPercent, diskFreeBytes }: ServiceHostView): string[] {
  const facts = [endpoint ?? 'The engine of this machine'];
  switch (engine.state) {
    case 'ready':
      facts.push(`${engine.name} ${engine.version}`, `${engine.cpus} cores, ${size(engine.memoryBytes)}`);
      break;
    case 'connecting':
      facts.push('connecting');
      break;
    case 'missing':
      facts.push(`no engine: ${engine.advice.replace(/\.$/, '')}`);
      break;
    case 'unreachable':
      facts.push(`does not answer: ${engine.detail.replace(/\.$/, '')}`);
      break;
    case 'too-old':
      facts.push(`too old: ${engine.version}`);
  }
  facts.push(counted(replicas, 'replica'));
  if (cpuPercent !== null) facts.push(`CPU ${Math.round(cpuPercent)} %`);
  if (diskFreeBytes !== null) facts.push(`${size(diskFreeBytes)} free`);
  facts.push(...Object.entries(labels).map(([key, text]) => `${key}=${text}`));
  return facts;
}

function NewHost({ onDone }: { onDone: () => void }) {
  const { busy, problem, run } = useDeed();
  const [draft, setDraft] = useState({ id: '', endpoint: '', labels: '' });
  const [wrong, setWrong] = useState<string | null>(null);
  const change = (part: Partial<typeof draft>): void => {
    setDraft({ ...draft, ...part });
    setWrong(null);
  };
  const add = (): void => {
    const id = hostIdSchema.safeParse(draft.id.trim());
    if (!id.success) return setWrong('Expected lower-case letters, digits and dashes.');
    const pairs = draft.labels.split(/[\s,]+/).filter(Boolean);
    const labels = Object.fromEntries(pairs.map((pair) => pair.split(/=(.*)/s, 2) as [string, string]));
    void run('engine.put', { id: id.data, endpoint: draft.endpoint.trim(), labels, availability: 'active' }, () =>
      onDone(),
    );
  };
  return (
    <div className="sres__edit">
      <Field label="Name" error={wrong}>
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
      <Field label="Labels" hint="For placing, such as zone=eu, with spaces between.">
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
