import type { ContractHandlers } from '#shared/contract/handlers.ts';
import type { Coordinator } from '../coordinator/open-coordinator.ts';
import { byId, feedAll } from './keyed-source.ts';

type TaskHandlers = Pick<ContractHandlers, Extract<keyof ContractHandlers, `task.${string}`>>;

/** `task.*` */
export function taskHandlers({ tasks, views, onDidChange }: Coordinator): TaskHandlers {
  return {
    'task.watch': ({ projectId }, sink) =>
      feedAll(
        sink,
        onDidChange,
        (change) => change.tasks.has(projectId) || change.lanes.size > 0,
        () => byId(views.tasks(projectId)),
      ),
    'task.add': async (input) => ({ taskIds: await tasks.add(input.projectId, input.tasks) }),
    'task.loadPlan': ({ projectId, fileName, text }) => tasks.loadPlan(projectId, fileName, text),
    'task.edit': async ({ taskId, change }) => {
      await tasks.edit(taskId, change);
      return {};
    },
    'task.retry': async ({ taskId }) => {
      await tasks.retry(taskId);
      return {};
    },
    'task.cancel': async ({ taskId }) => {
      await tasks.cancel(taskId);
      return {};
    },
  };
}
