import { type FormEvent, useMemo, useState } from 'react';
import { parseDuration } from '#shared/base/quantities.ts';
import { serviceContract } from '#shared/contract/service-contract.ts';
import type { LoadTest } from '#shared/contract/service-views.ts';
import { expectationOf } from '#shared/model/schema-expectation.ts';
import type { ServiceId } from '#shared/model/service-ids.ts';
import { useProjectId } from '../../../app/current-project.ts';
import { clockTime, count, duration } from '../../../app/text.ts';
import { errorText, useCall } from '../../../app/use-call.ts';
import { useClient } from '../../../client/ClientContext.tsx';
import { useHostNow } from '../../../client/host-clock.ts';
import { useConnection, useStream, useStreamList } from '../../../client/use-stream.ts';
import { Button } from '../../../ui/button/Button.tsx';
import { classNames } from '../../../ui/class-names.ts';
import { Figure } from '../../../ui/data/Figure.tsx';
import { Meter } from '../../../ui/data/Meter.tsx';
import { Field } from '../../../ui/field/Field.tsx';
import { Mark } from '../../../ui/icon/Mark.tsx';
import { Dialog } from '../../../ui/overlay/Dialog.tsx';
import { closeServiceDialog } from '../dialogs/service-dialogs.ts';
import { loadSentence } from './load-words.ts';
import './load.css';

/** "Prove it": a constant load on a service, with every failed request counted while it is changed. */
export default function LoadDialog({ serviceId }: { serviceId: ServiceId }) {
  const projectId = useProjectId();
  const input = useMemo(() => (projectId === null ? null : { projectId }), [projectId]);
  const loads = useStreamList(useStream('load.watch', input)).filter((load) => load.serviceId === serviceId);
  const newest = loads.reduce<LoadTest | null>(
    (last, each) => (last === null || each.startedAtMs > last.startedAtMs ? each : last),
    null,
  );
  const isOld = useConnection().state !== 'live';
  const name = serviceId.split('/').at(-1) ?? serviceId;
  return (
    <Dialog
      open
      className="dialog--load"
      onClose={closeServiceDialog}
      title={`Prove that ${name} loses no request`}
      description="A constant load through its published port, kept up while you deploy, scale or roll back. It goes on when this is closed."
    >
      <LoadForm serviceId={serviceId} running={newest?.state === 'running' ? newest : null} />
      {newest === null ? (
        <p className="secondary sload__none">
          Start a load, then roll something out: every request that fails is counted here.
        </p>
      ) : (
        <div className={classNames(isOld && 'is-stale')}>
          <LoadResult load={newest} />
        </div>
      )}
    </Dialog>
  );
}

function LoadForm({ serviceId, running }: { serviceId: ServiceId; running: LoadTest | null }) {
  const client = useClient();
  const call = useCall();
  const [draft, setDraft] = useState({ rate: '200', span: '1m', path: '/' });
  const [problems, setProblems] = useState<Readonly<Record<string, string>>>({});
  const [busy, setBusy] = useState(false);
  const change = (part: Partial<typeof draft>): void => {
    setDraft({ ...draft, ...part });
    setProblems({});
  };
  const start = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (busy || running !== null) return;
    const read = serviceContract['load.start'].input.safeParse({
      serviceId,
      requestsPerSecond: draft.rate.trim() === '' ? Number.NaN : Number(draft.rate),
      forMs: parseDuration(draft.span.trim()) ?? Number.NaN,
      path: draft.path,
    });
    if (!read.success) {
      const found = read.error.issues.map((issue) => [String(issue.path[0]), `${capital(expectationOf(issue))}.`]);
      setProblems({
        ...Object.fromEntries(found),
        ...(parseDuration(draft.span.trim()) === null
          ? { forMs: 'Expected a duration with its unit, such as 30s or 5m.' }
          : {}),
      });
      return;
    }
    setBusy(true);
    try {
      await client.call('load.start', read.data);
    } catch (error) {
      setProblems({ refusal: errorText(error) });
    } finally {
      setBusy(false);
    }
  };
  return (
    <form className="sload__form" noValidate onSubmit={(event) => void start(event)}>
      <Field label="Requests a second" error={problems['requestsPerSecond'] ?? null}>
        {(field) => (
          <input
            {...field}
            value={draft.rate}
            inputMode="numeric"
            onChange={(event) => change({ rate: event.target.value })}
          />
        )}
      </Field>
      <Field label="For" error={problems['forMs'] ?? null}>
        {(field) => <input {...field} value={draft.span} onChange={(event) => change({ span: event.target.value })} />}
      </Field>
      <Field label="Path" error={problems['path'] ?? null}>
        {(field) => (
          <input
            {...field}
            className="mono"
            value={draft.path}
            spellCheck={false}
            onChange={(event) => change({ path: event.target.value })}
          />
        )}
      </Field>
      {running === null ? (
        <Button type="submit" variant="primary" icon="play" disabledReason={busy ? 'It is being started.' : null}>
          Start load
        </Button>
      ) : (
        <Button variant="danger" icon="stop" onClick={() => void call('load.stop', { loadId: running.id })}>
          Stop load
        </Button>
      )}
      {problems['refusal'] !== undefined && (
        <p className="sload__refusal" role="alert">
          <Mark shape="failed" small /> {problems['refusal']}
        </p>
      )}
    </form>
  );
}

function LoadResult({ load }: { load: LoadTest }) {
  const nowMs = useHostNow();
  const rolloutInput = useMemo(() => ({ serviceId: load.serviceId }), [load.serviceId]);
  const rollouts = useStreamList(useStream('service.watchRollouts', rolloutInput)).map(({ rollout }) => rollout);
  const hasFailed = load.failed > 0;
  const lasts = Math.max(1, load.endsAtMs - load.startedAtMs);
  const done = Math.min(lasts, Math.max(0, nowMs - load.startedAtMs));
  return (
    <section className="sload" aria-label="Result">
      <h3>
        <Mark
          shape={hasFailed ? 'failed' : load.state === 'running' ? 'running' : 'done'}
          label={hasFailed ? 'Failed requests' : load.state === 'running' ? 'Running' : 'No failed request'}
        />
        {loadSentence(load, rollouts, nowMs)}
      </h3>
      <p className="secondary">
        <code>{load.url}</code>, {count(load.requestsPerSecond)} requests a second since {clockTime(load.startedAtMs)}
        {load.state === 'ended' && '. Ended.'}
      </p>
      {load.state === 'running' && (
        <Meter name="Time" share={done / lasts} text={`${duration(done)} of ${duration(lasts)}`} />
      )}
      <dl className="sload__figures">
        <Figure name="Sent">{count(load.sent)}</Figure>
        <Figure name="Succeeded">{count(load.succeeded)}</Figure>
        <Figure name="Failed">
          <span className={hasFailed ? 'sload__failed' : undefined}>{count(load.failed)}</span>
        </Figure>
        <Figure name="p50">{load.p50Ms === null ? '–' : `${load.p50Ms.toFixed(1)} ms`}</Figure>
        <Figure name="p99">{load.p99Ms === null ? '–' : `${load.p99Ms.toFixed(1)} ms`}</Figure>
        <Figure name="On kept connections">{count(load.connections.kept)}</Figure>
        <Figure name="On fresh ones">{count(load.connections.fresh)}</Figure>
        <Figure name="Slow ones">{count(load.connections.slow)}</Figure>
      </dl>
      {load.failures.length > 0 && (
        <ul className="sload__causes" aria-label="Causes">
          {load.failures.map(({ cause, count: times, lastAtMs }) => (
            <li key={cause}>
              <span className="sload__failed">{count(times)}</span> {cause}
              <span className="tertiary"> last at {clockTime(lastAtMs)}</span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

const capital = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);
