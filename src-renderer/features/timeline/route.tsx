import { lazyView } from '../../app/lazy-view.ts';
import type { Route } from '../../app/route.ts';

export const route: Route = {
  id: 'timeline',
  title: 'Timeline',
  icon: 'timeline',
  order: 5,
  shortcut: 'g t',
  view: lazyView(() => import('./TimelineView.tsx')),
};
