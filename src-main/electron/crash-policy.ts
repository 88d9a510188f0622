/** What happens when the process of the panel's page has ended. Pure. */

/** `ask` leaves it to the person whether another page is worth a try. */
export type AfterCrash = 'reload' | 'ask' | 'leave';

/** A page that crashes more often than this is broken: another one would crash as well. */
export const reloadsMax = 3;
const reloadsWithinMs = 60_000;

/**
 * Decides by why the process ended, in Electron's words, and by when its predecessors did.
 * All state is in the app, so that a fresh page shows the same.
 */
export function afterCrash(reason: string, earlierAtMs: readonly number[], nowMs: number): AfterCrash {
  if (reason === 'clean-exit') return 'leave';
  const recent = earlierAtMs.filter((atMs) => nowMs - atMs < reloadsWithinMs);
  return recent.length < reloadsMax ? 'reload' : 'ask';
}
