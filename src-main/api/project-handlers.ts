import { GantryError } from '#shared/contract/error.ts';
import type { ContractHandlers } from '#shared/contract/handlers.ts';
import type { ProjectView } from '#shared/contract/views.ts';
import type { Coordinator } from '../coordinator/open-coordinator.ts';
import { byId, feedAll } from './keyed-source.ts';

type ProjectHandlers = Pick<ContractHandlers, Extract<keyof ContractHandlers, `project.${string}`>>;

/** `project.*` */
export function projectHandlers(coordinator: Coordinator, openDemo: () => Promise<ProjectView>): ProjectHandlers {
  return {
    'project.watch': (_input, sink) =>
      feedAll(
        sink,
        coordinator.onDidChange,
        // Lanes and merges are counted in their project's view.
        (change) => change.projects.size > 0 || change.lanes.size > 0 || change.tasks.size > 0,
        () => byId(coordinator.views.projects()),
      ),
    'project.open': ({ path }) => coordinator.projects.open(path),
    'project.openDemo': () => openDemo(),
    'project.configure': ({ projectId, ...change }) => coordinator.projects.configure(projectId, change),
    'project.bringIn': ({ projectId }) => coordinator.projects.bringIn(projectId),
    'project.forget': async ({ projectId }) => {
      if (coordinator.views.project(projectId) === null)
        throw new GantryError('not-found', 'That project is not open any more.');
      await coordinator.projects.forget(projectId);
      return {};
    },
  };
}
