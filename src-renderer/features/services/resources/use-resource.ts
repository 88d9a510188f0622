import { useMemo } from 'react';
import type { InputOf, ValueOf } from '#shared/contract/contract.ts';
import { useProjectId } from '../../../app/current-project.ts';
import type { StreamState } from '../../../client/live-map.ts';
import { useStream, useStreamList, useStreamState } from '../../../client/use-stream.ts';

type ResourceStream = 'secret.watch' | 'config.watch' | 'volume.watch';

/** The resources of one kind of the project that is shown, by name. */
export function useResource<Name extends ResourceStream>(
  name: Name,
): { readonly list: readonly ValueOf<Name>[]; readonly state: StreamState } {
  const projectId = useProjectId();
  const input = useMemo(() => (projectId === null ? null : { projectId }), [projectId]);
  const stream = useStream<Name>(name, input as InputOf<Name> | null);
  const list = useStreamList(stream);
  const state = useStreamState(stream);
  return useMemo(() => ({ list: list.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1)), state }), [list, state]);
}

function nameOf(resource: { readonly name: string; readonly stack?: string }): string {
  return `${resource.stack ?? ''} ${resource.name}`;
}

/** "api, web of lane-12", with the version where it is not the newest. */
export function usersText(
  usedBy: readonly { readonly service: string; readonly stack: string; readonly version: number }[],
  newest: number,
): string {
  if (usedBy.length === 0) return 'no service';
  return usedBy
    .map(({ service, stack, version }) => {
      const where = stack === 'main' ? '' : ` of ${stack}`;
      return `${service}${where}${version === newest ? '' : ` (version ${version})`}`;
    })
    .join(', ');
}
