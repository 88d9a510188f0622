import { type ComponentType, lazy, type LazyExoticComponent } from 'react';

type Load<Props> = () => Promise<{ default: ComponentType<Props> }>;

/** How long to wait before each further attempt to fetch a view that is to be shown now. */
const pausesMs = [200, 1_000, 3_000] as const;

/** Code of views that is still to be fetched. */
const unfetched = new Set<() => Promise<unknown>>();

/** A view, or a part of one, whose code is fetched when it is first shown, or before by `fetchViews`. */
export function lazyView<Props = object>(load: Load<Props>): LazyExoticComponent<ComponentType<Props>> {
  unfetched.add(load);
  return lazy(() => loadPatiently(load));
}

/**
 * Fetches the code of all views, one after the other. A host that goes away later takes no view
 * with it then. What could not be fetched is left for the next time.
 */
export async function fetchViews(): Promise<void> {
  // Views bring parts of their own, which are met later in the same round.
  for (const load of unfetched) {
    await load();
    unfetched.delete(load);
  }
}

/** A view that failed once stays failed, and fetching fails for a moment when the machine's networks change. */
async function loadPatiently<Props>(load: Load<Props>): ReturnType<Load<Props>> {
  for (const pauseMs of pausesMs) {
    try {
      return await load();
    } catch (error) {
      console.warn('a view could not be fetched and is asked for again', error);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
  return load();
}
