import type { HostView, ProjectView } from '#shared/contract/views.ts';
import type { ProjectId } from '#shared/model/ids.ts';
import { useStream, useStreamValue } from '../client/use-stream.ts';
import { useUiState } from './ui-state.ts';

const nothing = {};

/** The project that is shown; null while none is. */
export function useProjectId(): ProjectId | null {
  return useUiState((state) => state.projectId);
}

/** The project that is shown, with its counts and totals; undefined while none is. */
export function useProject(): ProjectView | undefined {
  return useStreamValue(useStream('project.watch', nothing), useProjectId());
}

/**
 * Which project to show when the panel opens: the one shown last, else one that was opened
 * since the host started (as `--demo` does), else none.
 */
export function projectToShow(
  projects: readonly ProjectView[],
  host: HostView | undefined,
  lastShown: ProjectId | null,
): ProjectId | null {
  if (projects.some((project) => project.id === lastShown)) return lastShown;
  const fresh = projects.filter((project) => host !== undefined && project.openedAtMs >= host.startedAtMs);
  return fresh.toSorted((a, b) => b.openedAtMs - a.openedAtMs)[0]?.id ?? null;
}
