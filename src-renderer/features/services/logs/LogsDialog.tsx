import { useEffect, useMemo, useState } from 'react';
import type { ServiceId } from '#shared/model/service-ids.ts';
import { useProjectId } from '../../../app/current-project.ts';
import { hostNowMs } from '../../../client/host-clock.ts';
import { useStream, useStreamPart } from '../../../client/use-stream.ts';
import { Field } from '../../../ui/field/Field.tsx';
import { Chip } from '../../../ui/label/Chip.tsx';
import { Dialog } from '../../../ui/overlay/Dialog.tsx';
import { closeServiceDialog, openServiceDialog } from '../dialogs/service-dialogs.ts';
import { LogView } from './LogView.tsx';
import './logs.css';

/** How far back a log is read, in minutes; null for as far as it goes. */
const reaches = [
  { id: 'all', label: 'as far as it goes', minutes: null },
  { id: '5', label: 'the last 5 minutes', minutes: 5 },
  { id: '60', label: 'the last hour', minutes: 60 },
  { id: '1440', label: 'the last day', minutes: 1_440 },
] as const;
const searchPauseMs = 300;

/** The logs of a service, of all replicas together or of one, over the whole window. */
export default function LogsDialog({ serviceId, containerId }: { serviceId: ServiceId; containerId: string | null }) {
  const projectId = useProjectId();
  const input = useMemo(() => (projectId === null ? null : { projectId }), [projectId]);
  const replicas = useStreamPart(useStream('service.watch', input), (map) =>
    (map.get(serviceId)?.replicas ?? []).map(({ containerId: id, name, revision, state }) => ({
      id,
      label: `${name}, revision ${revision}${state === 'healthy' ? '' : `, ${state}`}`,
    })),
  );
  const [search, setSearch] = useState('');
  const [asked, setAsked] = useState('');
  const [reach, setReach] = useState<(typeof reaches)[number]['id']>('all');
  const [streams, setStreams] = useState<'both' | 'stdout' | 'stderr'>('both');
  const [shows, setShows] = useState({ times: false, wrap: true });
  useEffect(() => {
    const timer = setTimeout(() => setAsked(search), searchPauseMs);
    return () => clearTimeout(timer);
  }, [search]);
  // Counted from the choice on: a log that is read again for another reason keeps its beginning.
  const sinceMs = useMemo(() => {
    const minutes = reaches.find(({ id }) => id === reach)?.minutes ?? null;
    return minutes === null ? null : hostNowMs() - minutes * 60_000;
  }, [reach]);
  const name = serviceId.split('/').at(-1) ?? serviceId;
  const isKnown = containerId === null || replicas.some(({ id }) => id === containerId);

  return (
    <Dialog open bare className="dialog--logs" onClose={closeServiceDialog} title={`Logs of ${name}`}>
      <div className="slogs__tools">
        <Field label="Search">
          {(field) => (
            <input
              {...field}
              type="search"
              value={search}
              placeholder="only lines with this text"
              autoComplete="off"
              spellCheck={false}
              onChange={(event) => setSearch(event.target.value)}
            />
          )}
        </Field>
        <Field label="Replica">
          {(field) => (
            <select
              {...field}
              value={containerId ?? ''}
              onChange={(event) =>
                openServiceDialog({ kind: 'logs', serviceId, containerId: event.target.value || null })
              }
            >
              <option value="">all replicas</option>
              {!isKnown && containerId !== null && <option value={containerId}>a replica that is gone</option>}
              {replicas.map(({ id, label }) => (
                <option key={id} value={id}>
                  {label}
                </option>
              ))}
            </select>
          )}
        </Field>
        <Field label="Since">
          {(field) => (
            <select {...field} value={reach} onChange={(event) => setReach(event.target.value as typeof reach)}>
              {reaches.map(({ id, label }) => (
                <option key={id} value={id}>
                  {label}
                </option>
              ))}
            </select>
          )}
        </Field>
        <Field label="Stream">
          {(field) => (
            <select {...field} value={streams} onChange={(event) => setStreams(event.target.value as typeof streams)}>
              <option value="both">stdout and stderr</option>
              <option value="stdout">stdout</option>
              <option value="stderr">stderr</option>
            </select>
          )}
        </Field>
        <div className="slogs__chips">
          <Chip pressed={shows.times} onToggle={() => setShows({ ...shows, times: !shows.times })}>
            Times
          </Chip>
          <Chip pressed={shows.wrap} onToggle={() => setShows({ ...shows, wrap: !shows.wrap })}>
            Wrap
          </Chip>
        </div>
      </div>
      <LogView
        key={`${containerId ?? 'all'} ${asked} ${sinceMs ?? ''}`}
        serviceId={serviceId}
        containerId={containerId}
        sinceMs={sinceMs}
        search={asked}
        streams={streams}
        times={shows.times}
        wrap={shows.wrap}
      />
    </Dialog>
  );
}
