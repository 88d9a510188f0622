import type { MarkShape } from '../icon/Mark.tsx';

/** A short word about something that has happened and is recorded elsewhere too. */
export interface ToastMessage {
  readonly shape: MarkShape;
  readonly text: string;
  /** One way to answer it: undo, retry. */
  readonly action?: { readonly label: string; readonly run: () => void };
}

/** A toast with the number that tells it from the one before. */
export interface ShownToast extends ToastMessage {
  readonly number: number;
}

let shown: ShownToast | null = null;
let count = 0;
const listeners = new Set<() => void>();

function announce(): void {
  for (const listener of listeners) listener();
}

/** Shows a toast in place of the one before. It is never the only record of what it says. */
export function showToast(message: ToastMessage): void {
  count += 1;
  shown = { ...message, number: count };
  announce();
}

/** Takes the toast away; with a number only if it is still that one. */
export function hideToast(number?: number): void {
  if (shown === null || (number !== undefined && shown.number !== number)) return;
  shown = null;
  announce();
}

/** For `useSyncExternalStore`. */
export const toastQueue = {
  subscribe(listener: () => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
  current: (): ShownToast | null => shown,
};
