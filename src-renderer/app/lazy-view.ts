import { type ComponentType, lazy, type LazyExoticComponent } from 'react';

type Load = () => Promise<{ default: ComponentType }>;

/** Code of views that is still to be fetched. */
const unfetched = new Set<Load>();

/** A view whose code is fetched when it is first shown, or before by `fetchViews`. */
export function lazyView(load: Load): LazyExoticComponent<ComponentType> {
  unfetched.add(load);
  return lazy(load);
}

/**
 * Fetches the code of all views, one after the other. A host that goes away later takes no view
 * with it then. What could not be fetched is left for the next time.
 */
export async function fetchViews(): Promise<void> {
  for (const load of [...unfetched]) {
    await load();
    unfetched.delete(load);
  }
}
