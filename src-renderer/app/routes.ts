import type { Route } from './route.ts';

const modules = import.meta.glob<{ route: Route }>('../features/*/route.{ts,tsx}', { eager: true });

/** The views that exist, in the order of the rail. */
export const routes: readonly Route[] = Object.values(modules)
  .map((module) => module.route)
  .sort((a, b) => a.order - b.order);
