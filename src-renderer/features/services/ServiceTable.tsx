import type { ImageProgressView, ServiceView } from '#shared/contract/service-views.ts';
import { count, size } from '../../app/text.ts';
import { type Column, DataTable } from '../../ui/data/DataTable.tsx';
import { Mark } from '../../ui/icon/Mark.tsx';
import { healthyText, statusLook } from './service-status.ts';
import { cores, known, perSecond, progressText } from './service-words.ts';
import { openService } from './services-view-state.ts';
import { replicaGroups } from './topology/topology.ts';
import { useShownWhenChosen } from './use-shown-when-chosen.ts';

/** What the graph shows, in lines: the same services, revisions, shares, hosts, volumes and dependencies. */
export function ServiceTable({
  services,
  progress,
  selected,
}: {
  services: readonly ServiceView[];
  progress: readonly ImageProgressView[];
  selected: ServiceView | undefined;
}) {
  return (
    <div className="services__table" tabIndex={0} role="region" aria-label="Services as a table">
      <DataTable
        label="Services"
        columns={columnsOf(progress, selected)}
        rows={services}
        keyOf={(service) => service.id}
      />
    </div>
  );
}

function columnsOf(
  progress: readonly ImageProgressView[],
  selected: ServiceView | undefined,
): readonly Column<ServiceView>[] {
  return [
    {
      id: 'service',
      head: 'Service',
      cell: (service) => <OpenService service={service} isSelected={service.id === selected?.id} />,
    },
    {
      id: 'state',
      head: 'State',
      cell: (service) => {
        const look = statusLook(service.status);
        return (
          <span className="key" title={service.sentence}>
            <Mark small shape={look.shape} />
            {look.word}
          </span>
        );
      },
    },
    {
      id: 'replicas',
      head: 'Replicas',
      cell: (service) => {
        const image = progress.find((each) => each.serviceId === service.id);
        return image === undefined ? healthyText(service) : progressText(image);
      },
    },
    { id: 'revisions', head: 'Revisions', cell: revisionsText },
    {
      id: 'requests',
      head: 'Requests',
      numeric: true,
      cell: ({ traffic }) => known(traffic, (each) => perSecond(each.requestsPerSecond)),
    },
    {
      id: 'p99',
      head: 'p99',
      numeric: true,
      cell: ({ traffic }) => known(traffic?.p99Ms ?? null, (ms) => `${count(ms)} ms`),
    },
    {
      id: 'failed',
      head: 'Failed',
      numeric: true,
      cell: ({ traffic }) => known(traffic, (each) => count(each.failed)),
    },
    { id: 'cpu', head: 'CPU', numeric: true, cell: ({ cpuCores }) => known(cpuCores, cores) },
    { id: 'memory', head: 'Memory', numeric: true, cell: ({ memoryBytes }) => known(memoryBytes, size) },
    {
      id: 'hosts',
      head: 'Hosts',
      cell: ({ replicas }) => [...new Set(replicas.map((each) => each.hostId))].join(', ') || '–',
    },
    { id: 'volumes', head: 'Volumes', cell: ({ volumes }) => volumes.join(', ') || '–' },
    { id: 'needs', head: 'Depends on', cell: ({ dependsOn }) => dependsOn.join(', ') || '–' },
  ];
}

function OpenService({ service: { id, name }, isSelected }: { service: ServiceView; isSelected: boolean }) {
  const element = useShownWhenChosen<HTMLButtonElement>(id);
  return (
    <button
      ref={element}
      type="button"
      className="services__open"
      aria-pressed={isSelected}
      onClick={() => openService(id)}
    >
      {name}
    </button>
  );
}

/** "14 (90 %), 15 (10 %)" */
function revisionsText(service: ServiceView): string {
  const groups = replicaGroups(service).filter(({ spare }) => spare === null);
  if (groups.length === 0) return service.servingRevision === null ? '–' : String(service.servingRevision);
  return groups.map(({ revision, share }) => (share === null ? `${revision}` : `${revision} (${share} %)`)).join(', ');
}
