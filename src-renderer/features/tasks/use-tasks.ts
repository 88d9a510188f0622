import { useMemo } from 'react';
import type { TaskView } from '#shared/contract/views.ts';
import { useProjectId } from '../../app/current-project.ts';
import type { LiveMap, StreamState } from '../../client/live-map.ts';
import { useStream, useStreamList, useStreamState } from '../../client/use-stream.ts';

/** The tasks of the project that is shown, in order of arrival. */
export function useTasks(): { readonly state: StreamState; readonly tasks: readonly TaskView[] } {
  const map = useTaskMap();
  const list = useStreamList(map);
  const state = useStreamState(map);
  const tasks = useMemo(() => list.toSorted((a, b) => a.order - b.order), [list]);
  return { state, tasks };
}

/** The same, outside React. */
export function useTaskMap(): LiveMap<TaskView> {
  const projectId = useProjectId();
  const input = useMemo(() => (projectId === null ? null : { projectId }), [projectId]);
  return useStream('task.watch', input);
}
