import { useEffect, useSyncExternalStore } from 'react';
import type { IconName } from '../ui/icon/Icon.tsx';

/** Something that can be done, wherever it is offered: palette, menu, shortcut, help. */
export interface Action {
  readonly id: string;
  /** A verb with its object. */
  readonly title: string;
  /** The heading it stands under in palette and help. */
  readonly group: string;
  readonly icon?: IconName;
  /** Presses joined by spaces, keys of one press by `+`: `mod+k`, `g l`, `?`. */
  readonly shortcut?: string;
  readonly danger?: boolean;
  /** A thing to go to rather than a deed: offered only once it is searched for. */
  readonly found?: boolean;
  /** False where it means nothing now: it is neither offered nor listened for. */
  readonly when?: boolean;
  /** Why it cannot be done now; it is offered, with the reason. */
  readonly disabledReason?: string | null;
  readonly run: () => void;
}

const sources = new Set<{ actions: readonly Action[] }>();
const listeners = new Set<() => void>();
let offered: readonly Action[] = [];

function collect(): void {
  const byId = new Map<string, Action>();
  for (const source of sources) {
    for (const action of source.actions) if (action.when !== false) byId.set(action.id, action);
  }
  offered = [...byId.values()];
  for (const listener of listeners) listener();
}

/** All that can be done now. */
export function offeredActions(): readonly Action[] {
  return offered;
}

/** All that can be done now, followed by the component. */
export function useOfferedActions(): readonly Action[] {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, offeredActions);
}

/** Does what an action does, unless it is not offered or has a reason not to. */
export function runAction(id: string): void {
  const action = offered.find((each) => each.id === id);
  if (action !== undefined && (action.disabledReason ?? null) === null) action.run();
}

/** Offers actions while the component stands. The array should keep its identity between changes. */
export function useActions(actions: readonly Action[]): void {
  useEffect(() => {
    const source = { actions };
    sources.add(source);
    collect();
    return () => {
      sources.delete(source);
      collect();
    };
  }, [actions]);
}
