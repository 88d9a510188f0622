import { useProject } from '../../app/current-project.ts';
import { lazyView } from '../../app/lazy-view.ts';
import type { Route } from '../../app/route.ts';

/** How many tasks are still to be done. */
function OpenCount() {
  const open = useProject((project) => project?.counts.tasksOpen ?? 0);
  return open === 0 ? null : <span className="plain">{open}</span>;
}

export const route: Route = {
  id: 'tasks',
  title: 'Tasks',
  icon: 'tasks',
  order: 2,
  shortcut: 'g i',
  view: lazyView(() => import('./TasksView.tsx')),
  Count: OpenCount,
};
