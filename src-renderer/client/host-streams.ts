import { useEffect } from 'react';
import type { HostView, ProjectView } from '#shared/contract/views.ts';
import type { ClusterView } from '#shared/model/cluster.ts';
import { setHostTime } from './host-clock.ts';
import { useStream, useStreamList } from './use-stream.ts';

const nothing = {};

/** Who serves this panel and how it fares; undefined until it has said so. */
export function useHost(): HostView | undefined {
  const host = useStreamList(useStream('host.watch', nothing))[0];
  const nowMs = host?.nowMs;
  useEffect(() => {
    if (nowMs !== undefined) setHostTime(nowMs);
  }, [nowMs]);
  return host;
}

/** The Raft nodes; undefined until they are known. */
export function useCluster(): ClusterView | undefined {
  return useStreamList(useStream('cluster.watch', nothing))[0];
}

/** All projects on the list, the one opened last first. */
export function useProjects(): readonly ProjectView[] {
  const list = useStreamList(useStream('project.watch', nothing));
  return [...list].sort((a, b) => b.openedAtMs - a.openedAtMs);
}
