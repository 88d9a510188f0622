import type { ReplicaView, ServiceHostView, ServiceView } from '#shared/contract/service-views.ts';
import { clockTime, count, size } from '../../app/text.ts';
import { useHostNow } from '../../client/host-clock.ts';
import { classNames } from '../../ui/class-names.ts';
import { type Column, DataTable } from '../../ui/data/DataTable.tsx';
import { Button } from '../../ui/button/Button.tsx';
import { Mark } from '../../ui/icon/Mark.tsx';
import { Tag } from '../../ui/label/Tag.tsx';
import { openServiceDialog } from './dialogs/service-dialogs.ts';
import { healthyText, replicaLook } from './service-status.ts';
import { known, perSecond, upTime } from './service-words.ts';

/** The replicas of the selected service, one line each. */
export function ReplicaTable({ service, hosts }: { service: ServiceView; hosts: readonly ServiceHostView[] }) {
  const nowMs = useHostNow();
  const isOld = service.status === 'stale';
  const replicas = service.replicas.toSorted((a, b) => a.revision - b.revision || a.slot - b.slot);
  return (
    <section className={classNames('replicas', isOld && 'is-stale')} aria-labelledby="replicas-title">
      <header className="card__head">
        <h2 id="replicas-title">Replicas of {service.name}</h2>
        <span className="tertiary">{isOld ? `as of ${clockTime(service.observedAtMs)}` : healthyText(service)}</span>
      </header>
      {replicas.length === 0 ? (
        <p className="replicas__none secondary">
          {service.pending[0]?.why ?? (service.wanted === 0 ? 'It is scaled to 0.' : 'None has been made yet.')}
        </p>
      ) : (
        <DataTable
          label={`Replicas of ${service.name}`}
          columns={columnsOf(service, hosts, isOld ? service.observedAtMs : nowMs)}
          rows={replicas}
          keyOf={(replica) => replica.containerId}
        />
      )}
    </section>
  );
}

function columnsOf(
  service: ServiceView,
  hosts: readonly ServiceHostView[],
  nowMs: number,
): readonly Column<ReplicaView>[] {
  const nameOf = (hostId: string): string => hosts.find((host) => host.id === hostId)?.name ?? hostId;
  return [
    {
      id: 'name',
      head: 'Replica',
      cell: ({ name, containerId, containerName }) => (
        <Button
          size="small"
          variant="quiet"
          className="replicas__name"
          title={`Logs of ${containerName}`}
          onClick={() => openServiceDialog({ kind: 'logs', serviceId: service.id, containerId })}
        >
          {name}
        </Button>
      ),
    },
    {
      id: 'revision',
      head: 'Revision',
      cell: ({ revision, isCanary }) => (
        <>
          {revision} {isCanary && <Tag tone="running">canary</Tag>}
        </>
      ),
    },
    { id: 'host', head: 'Host', cell: ({ hostId }) => nameOf(hostId) },
    {
      id: 'state',
      head: 'State',
      cell: (replica) => <ReplicaState replica={replica} />,
    },
    { id: 'requests', head: 'Requests', numeric: true, cell: (each) => known(each.requestsPerSecond, perSecond) },
    { id: 'p99', head: 'p99', numeric: true, cell: (each) => known(each.p99Ms, (ms) => `${count(ms)} ms`) },
    {
      id: 'cpu',
      head: 'CPU',
      numeric: true,
      cell: (each) => known(each.cpuPercent, (percent) => `${percent < 10 ? percent.toFixed(1) : count(percent)} %`),
    },
    { id: 'memory', head: 'Memory', numeric: true, cell: (each) => known(each.memoryBytes, size) },
    { id: 'restarts', head: 'Restarts', numeric: true, cell: (each) => count(each.restarts) },
    { id: 'up', head: 'Up', numeric: true, cell: (each) => upCell(each, nowMs) },
  ];
}

function ReplicaState({ replica: { state, detail, exitCode } }: { replica: ReplicaView }) {
  const look = replicaLook(state);
  const word = exitCode === null || state !== 'failed' ? look.word : `${look.word}, exit ${exitCode}`;
  return (
    <span className="key" title={detail === '' ? undefined : detail}>
      <Mark small shape={look.shape} />
      {word}
    </span>
  );
}

function upCell({ state, startedAtMs }: ReplicaView, nowMs: number): string {
  const runs = state !== 'ended' && state !== 'failed';
  return known(runs ? startedAtMs : null, (sinceMs) => upTime(nowMs - sinceMs));
}
