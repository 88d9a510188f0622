import type { HostView, ProjectView } from '#shared/contract/views.ts';
import type { ProjectId } from '#shared/model/ids.ts';
import { useStream, useStreamPart } from '../client/use-stream.ts';
import { useUiState } from './ui-state.ts';

const nothing = {};

/** The project that is shown; null while none is. */
export function useProjectId(): ProjectId | null {
  return useUiState((state) => state.projectId);
}

/**
 * Something of the project that is shown, which is undefined while none is. Its counts and totals
 * change all the time: the component is drawn again only when what it takes differs.
 */
export function useProject<Part>(select: (project: ProjectView | undefined) => Part): Part {
  const projectId = useProjectId();
  return useStreamPart(useStream('project.watch', nothing), (map) =>
    select(projectId === null ? undefined : map.get(projectId)),
  );
}

/**
 * Which project to show: what a start of the app asked for since `turnedAtMs`, which is when this panel
 * turned to such a one last; else the one shown last; else one that was opened since the host started; else none.
 */
export function projectToShow(
  projects: readonly Pick<ProjectView, 'id' | 'openedAtMs'>[],
  host: Pick<HostView, 'startedAtMs' | 'asked'> | undefined,
  lastShown: ProjectId | null,
  turnedAtMs: number,
): ProjectId | null {
  const asked = host?.asked ?? null;
  if (asked !== null && asked.atMs > turnedAtMs && projects.some((project) => project.id === asked.projectId)) {
    return asked.projectId;
  }
  if (projects.some((project) => project.id === lastShown)) return lastShown;
  const fresh = projects.filter((project) => host !== undefined && project.openedAtMs >= host.startedAtMs);
  return fresh.toSorted((a, b) => b.openedAtMs - a.openedAtMs)[0]?.id ?? null;
}
