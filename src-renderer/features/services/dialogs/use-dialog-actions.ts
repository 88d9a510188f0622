import { useMemo } from 'react';
import { type Action, useActions } from '../../../app/action-registry.ts';
import { useProjectId } from '../../../app/current-project.ts';
import { useStream, useStreamPart } from '../../../client/use-stream.ts';
import { openServiceDialog, type ResourceTab } from './service-dialogs.ts';

const resources: readonly { readonly tab: ResourceTab; readonly title: string }[] = [
  { tab: 'secrets', title: 'Secrets and the master key…' },
  { tab: 'configs', title: 'Configs…' },
  { tab: 'volumes', title: 'Volumes and their backups…' },
  { tab: 'images', title: 'Images and what a prune would remove…' },
];

const general: readonly Action[] = [
  {
    id: 'services.export',
    title: 'Export services as a file…',
    group: 'Services',
    icon: 'file',
    run: () => openServiceDialog({ kind: 'compose', tab: 'export' }),
  },
  ...resources.map(
    ({ tab, title }): Action => ({
      id: `services.${tab}`,
      title,
      group: 'Services',
      run: () => openServiceDialog({ kind: 'resources', tab }),
    }),
  ),
];

/** Offers to the palette what the dialogs are for, of each service once it is searched for. */
export function useDialogActions(): void {
  const projectId = useProjectId();
  const input = useMemo(() => (projectId === null ? null : { projectId }), [projectId]);
  const services = useStreamPart(useStream('service.watch', input), (map) =>
    map.list().map(({ id, name, stack, replicas }) => ({
      id,
      name: stack === 'main' ? name : `${name} of ${stack}`,
      containerId: replicas.find(({ state }) => state === 'healthy')?.containerId ?? null,
    })),
  );
  useActions(general);
  useActions(
    useMemo(
      () =>
        services.flatMap(({ id, name, containerId }): Action[] => {
          const of = { group: `Service ${name}`, found: true } as const;
          const serviceId = id;
          return [
            {
              ...of,
              id: `service.edit.${id}`,
              title: `Edit ${name}…`,
              icon: 'pencil',
              run: () => openServiceDialog({ kind: 'deploy', serviceId }),
            },
            {
              ...of,
              id: `service.logs.${id}`,
              title: `Logs of ${name}`,
              icon: 'rows',
              run: () => openServiceDialog({ kind: 'logs', serviceId, containerId: null }),
            },
            {
              ...of,
              id: `service.terminal.${id}`,
              title: `Terminal in ${name}`,
              icon: 'terminal',
              disabledReason: containerId === null ? 'No replica of it is healthy.' : null,
              run: () => containerId !== null && openServiceDialog({ kind: 'terminal', serviceId, containerId }),
            },
            {
              ...of,
              id: `service.stats.${id}`,
              title: `Statistics of ${name}`,
              icon: 'board',
              run: () => openServiceDialog({ kind: 'stats', serviceId }),
            },
            {
              ...of,
              id: `service.load.${id}`,
              title: `Prove that ${name} loses no request…`,
              icon: 'send',
              run: () => openServiceDialog({ kind: 'load', serviceId }),
            },
          ];
        }),
      [services],
    ),
  );
}
