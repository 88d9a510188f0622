import { useEffect } from 'react';
import type { ServiceHostView } from '#shared/contract/service-views.ts';
import type { HostView, ProjectView } from '#shared/contract/views.ts';
import type { ClusterView } from '#shared/model/cluster.ts';
import { setHostTime } from './host-clock.ts';
import { useStream, useStreamPart } from './use-stream.ts';

/*
 * These streams change all the time: projects ten times a second while agents work. Each reader
 * says what it shows of them, and is drawn again only when that differs.
 */

const nothing = {};

/** Keeps the panel's clock with the host's. Stands once in the panel. */
export function useHostClock(): void {
  const nowMs = useHost((host) => host?.nowMs);
  useEffect(() => {
    if (nowMs !== undefined) setHostTime(nowMs);
  }, [nowMs]);
}

/** Something of who serves this panel and how it fares; the host is undefined until it has said so. */
export function useHost<Part>(select: (host: HostView | undefined) => Part): Part {
  return useStreamPart(useStream('host.watch', nothing), (map) => select(map.list()[0]));
}

/** Something of the Raft nodes, which are undefined until they are known. */
export function useCluster<Part>(select: (cluster: ClusterView | undefined) => Part): Part {
  return useStreamPart(useStream('cluster.watch', nothing), (map) => select(map.list()[0]));
}

/** Something of the container engines; the list is empty until they are known. */
export function useEngines<Part>(select: (hosts: readonly ServiceHostView[]) => Part): Part {
  return useStreamPart(useStream('engine.watch', nothing), (map) => select(map.list()));
}

/** Something of each project on the list, the one opened last first. */
export function useProjects<Part>(select: (project: ProjectView) => Part): readonly Part[] {
  return useStreamPart(useStream('project.watch', nothing), (map) =>
    map
      .list()
      .toSorted((a, b) => b.openedAtMs - a.openedAtMs)
      .map(select),
  );
}
