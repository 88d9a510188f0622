import { useState } from 'react';
import { GantryError } from '#shared/contract/error.ts';
import type { ServiceHostView } from '#shared/contract/service-views.ts';
import { counted, size } from '../../../app/text.ts';
import { useStream, useStreamList, useStreamState } from '../../../client/use-stream.ts';
import { Button } from '../../../ui/button/Button.tsx';
import { Mark } from '../../../ui/icon/Mark.tsx';
import { Tag } from '../../../ui/label/Tag.tsx';
import { showToast } from '../../../ui/overlay/toast-queue.ts';
import { Blank } from '../../../ui/state/Blank.tsx';
import { Confirm } from './Confirm.tsx';
import { NewHost } from './NewHost.tsx';
import { ResourceRow } from './ResourceRow.tsx';
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
  const [question, setQuestion] = useState<'drain' | 'forget' | 'give-up' | null>(null);
  const { id, name, engine, availability, endpoint } = host;
  const isReady = engine.state === 'ready';
  const isDraining = availability === 'drain';
  const elsewhere = others.filter((each) => each.engine.state === 'ready' && each.availability === 'active');
  /** What was refused before is no answer to another question. */
  const ask = (next: typeof question): void => {
    setQuestion(next);
    clear();
  };
  const cancel = (): void => ask(null);
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
            <Button size="small" disabledReason={busy ? 'It is being done.' : null} onClick={() => ask('drain')}>
              Drain
            </Button>
          )}
          {endpoint !== null && (
            <Button
              size="small"
              variant="danger"
              disabledReason={busy ? 'It is being done.' : null}
              onClick={() => ask('forget')}
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
      {question === 'forget' && (
        <Confirm
          question={`Gantry looks at ${name} no more. It is refused while services have anything there.`}
          typed={null}
          deed={`Forget ${name}`}
          busy={busy}
          onCancel={cancel}
          onConfirm={() =>
            void run('engine.remove', { hostId: id }, undefined, (error) => {
              if (isInUse(error)) setQuestion('give-up');
            })
          }
        />
      )}
      {question === 'give-up' && (
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

/** Whether a host was not forgotten because of what services have there, which a person can give up. */
function isInUse(error: unknown): boolean {
  return error instanceof GantryError && error.code === 'wrong-state' && error.data !== undefined;
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
