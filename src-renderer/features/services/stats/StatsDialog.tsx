import { useMemo } from 'react';
import type { ReplicaView } from '#shared/contract/service-views.ts';
import type { ServiceId } from '#shared/model/service-ids.ts';
import { useProjectId } from '../../../app/current-project.ts';
import { useConnection, useStream, useStreamList, useStreamPart, useStreamState } from '../../../client/use-stream.ts';
import { classNames } from '../../../ui/class-names.ts';
import { SeriesKey } from '../../../ui/data/SeriesKey.tsx';
import '../../../ui/data/plot.css';
import { Dialog } from '../../../ui/overlay/Dialog.tsx';
import { Blank } from '../../../ui/state/Blank.tsx';
import { Bones } from '../../../ui/state/Bones.tsx';
import { closeServiceDialog } from '../dialogs/service-dialogs.ts';
import { StatsChart } from './StatsChart.tsx';
import './stats.css';

/** Replicas with lines of their own: as many as there are series that can be told apart. */
const replicasMax = 7;
const charts = [
  { key: 'cpuPercent', title: 'CPU, % of a core', least: 1 },
  { key: 'memoryBytes', title: 'Memory', least: 1_000_000 },
  { key: 'receivedBytesPerSecond', title: 'Received', least: 1_000 },
  { key: 'sentBytesPerSecond', title: 'Sent', least: 1_000 },
] as const;

/** What the replicas of a service use, sampled while this is open. */
export default function StatsDialog({ serviceId }: { serviceId: ServiceId }) {
  const input = useMemo(() => ({ serviceId }), [serviceId]);
  const stream = useStream('service.watchStats', input);
  const state = useStreamState(stream);
  const isOld = useConnection().state !== 'live';
  const projectId = useProjectId();
  const inProject = useMemo(() => (projectId === null ? null : { projectId }), [projectId]);
  const replicaNames = useStreamPart(useStream('service.watch', inProject), (map) =>
    replicaTitles(map.get(serviceId)?.replicas ?? []),
  );
  // What is no replica is the service's edge.
  const all = useStreamList(stream).map((each) => ({
    ...each,
    name: replicaNames[each.containerId] ?? (each.name.endsWith('-edge') ? 'edge' : each.name),
  }));
  const histories = all
    .filter(({ samples }) => samples.length > 0)
    .toSorted((a, b) => (b.samples.at(-1)?.atMs ?? 0) - (a.samples.at(-1)?.atMs ?? 0) || (a.name < b.name ? -1 : 1))
    .slice(0, replicasMax)
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const endMs = Math.max(0, ...histories.map(({ samples }) => samples.at(-1)?.atMs ?? 0));
  const hidden = all.length - histories.length;
  return (
    <Dialog
      open
      className="dialog--stats"
      onClose={closeServiceDialog}
      title={`Statistics of ${serviceId.split('/').at(-1) ?? serviceId}`}
      description="One sample every two seconds, while this is open."
    >
      {state.state === 'failed' && (
        <Blank shape="failed" title="There are no statistics.">
          <p>{state.error.message}</p>
        </Blank>
      )}
      {state.state !== 'failed' && histories.length === 0 && (
        <>
          <Bones rows={3} label="Waiting for the first sample" />
          <p className="secondary">The first sample comes as soon as a replica runs and its engine answers.</p>
        </>
      )}
      {histories.length > 0 && (
        <div className={classNames('sstats', isOld && 'is-stale')}>
          <p className="sstats__keys">
            {histories.map(({ containerId, name }, at) => (
              <SeriesKey key={containerId} order={at}>
                {name}
              </SeriesKey>
            ))}
            {hidden > 0 && <span className="tertiary">and {hidden} more without lines</span>}
          </p>
          {charts.map(({ key, title, least }) => (
            <StatsChart key={key} statKey={key} title={title} least={least} histories={histories} endMs={endMs} />
          ))}
        </div>
      )}
    </Dialog>
  );
}

/** "api.1"; with the revision where two of them share a slot, as they do while one takes over from the other. */
function replicaTitles(replicas: readonly ReplicaView[]): Record<string, string> {
  return Object.fromEntries(
    replicas.map(({ containerId, name, revision }) => {
      const isShared = replicas.some((other) => other.name === name && other.containerId !== containerId);
      return [containerId, isShared ? `${name} (revision ${revision})` : name];
    }),
  );
}
